"""Folding: text of any script without case, accents and stray width; and the words that mean "nothing is known"."""

import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

# Letters that Unicode does not take apart.
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŋ": "ng", "ə": "a"}
)


def fold(text: str) -> str:
    """Lower case without accents; letters of other scripts stay what they are."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold()).lower().translate(_LETTERS)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def nothing(folded: str) -> bool:
    """Whether a folded text stands for no value at all."""
    said = folded.strip()
    return not said or said in _nothings()


def grouped(name: str) -> Mapping[str, frozenset[str]]:
    """The words of a list by the first word of their line."""
    groups: dict[str, set[str]] = {}
    for group, *words in listed(name):
        groups.setdefault(group, set()).update(words)
    return {group: frozenset(words) for group, words in groups.items()}


@cache
def listed(name: str) -> tuple[tuple[str, ...], ...]:
    """The lines of a word list of this folder, each as its words; lines that start with # are remarks."""
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return tuple(tuple(line.split()) for line in text.splitlines() if line and not line.startswith("#"))


@cache
def _nothings() -> frozenset[str]:
    return frozenset(word.replace("_", " ") for words in listed("missing_values.txt") for word in words)
