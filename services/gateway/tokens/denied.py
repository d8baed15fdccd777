"""The denial list as one process of the api knows it: read anew every two seconds, asked at every request."""

from __future__ import annotations

from collections.abc import Iterable

from services.gateway.domain.token_denials import TokenDenial

READ_EVERY_SECONDS = 2.0
"""So that a denial is in force in every process within five seconds."""
CLOCKS_DIFFER_SECONDS = 30
"""A token of a denied subject that was issued this soon after the denial is refused too: the issuer's clock may be
ahead of ours."""


class DeniedTokens:
    """Empty until the first `replace`. While the database is away the list last read stays in force."""

    def __init__(self) -> None:
        self._tokens: frozenset[tuple[str, str]] = frozenset()
        self._subjects: dict[tuple[str, str], float] = {}

    def replace(self, denials: Iterable[TokenDenial]) -> None:
        """Take the whole list as it stands now."""
        tokens, subjects = set(), dict[tuple[str, str], float]()
        for denial in denials:
            key = (denial.issuer, denial.value)
            if denial.kind == "token":
                tokens.add(key)
            else:
                subjects[key] = max(subjects.get(key, 0.0), denial.at.timestamp())
        self._tokens, self._subjects = frozenset(tokens), subjects

    def includes(self, *, issuer: str, token: str, subject: str, issued: float) -> bool:
        """Whether this token is denied; `issued` in seconds since 1970."""
        if (issuer, token) in self._tokens:
            return True
        denied = self._subjects.get((issuer, subject))
        return denied is not None and issued <= denied + CLOCKS_DIFFER_SECONDS
