"""Nicknames: the formal names that a short form may stand for."""

from collections.abc import Mapping
from functools import cache

from linkage.values.spelling import canonical
from linkage.values.text_folding import word_lines

_NO_NAMES: frozenset[str] = frozenset()


def nickname_of(word: str) -> frozenset[str]:
    """The canonical names that a canonical word is a short form of: Bill is William, Pepe is Jose."""
    return _formal_names().get(word, _NO_NAMES)


@cache
def _formal_names() -> Mapping[str, frozenset[str]]:
    formal_names: dict[str, set[str]] = {}
    for short, *names in word_lines("nicknames.txt"):
        formal_names.setdefault(canonical(short), set()).update(map(canonical, names))
    return {short: frozenset(names - {short}) for short, names in formal_names.items()}
