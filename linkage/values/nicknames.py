"""Nicknames: which formal names a short form may stand for."""

from collections.abc import Mapping
from functools import cache, lru_cache

from linkage.values.spelling import canonical
from linkage.values.text_folding import listed

_SHORTEST = 3
_NOBODY: frozenset[str] = frozenset()


def nickname_of(word: str) -> frozenset[str]:
    """The canonical names that a canonical word is listed as a short form of: Bill is William, Pepe is Jose."""
    return _formal().get(word, _NOBODY)


@lru_cache(maxsize=1 << 18)
def short_form(first: str, second: str) -> bool:
    """Whether two different canonical words may name one person because one is short for the other, or both are short
    for a third. Indonesians go by the head or the tail of a name: Tini is Kartini, Agus is Agustinus."""
    short, long = sorted((first, second), key=len)
    if short == long:
        return False
    if len(short) >= _SHORTEST and (long.startswith(short) or long.endswith(short)):
        return True
    ours, theirs = nickname_of(first), nickname_of(second)
    return first in theirs or second in ours or not ours.isdisjoint(theirs)


@cache
def _formal() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for short, *names in listed("nicknames.txt"):
        found.setdefault(canonical(short), set()).update(map(canonical, names))
    return {short: frozenset(names - {short}) for short, names in found.items()}
