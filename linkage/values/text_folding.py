"""Folds text of any script: no case, no accents, one width. Reads the word lists of this folder, among them the words
for a missing value."""

import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

# Letters with strokes and ligatures, which Unicode does not decompose.
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŋ": "ng", "ə": "a"}
)


def fold(text: str) -> str:
    """Lower case without accents. Letters of other scripts are kept."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold()).lower().translate(_LETTERS)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def is_missing(folded: str) -> bool:
    """Whether a folded text is empty, or one of the words that lists write for a missing value."""
    stripped = folded.strip()
    return not stripped or stripped in _missing_values()


def word_groups(name: str) -> Mapping[str, frozenset[str]]:
    """The words of a list by the first word of their line."""
    groups: dict[str, set[str]] = {}
    for group, *words in word_lines(name):
        groups.setdefault(group, set()).update(words)
    return {group: frozenset(words) for group, words in groups.items()}


@cache
def word_lines(name: str) -> tuple[tuple[str, ...], ...]:
    """The lines of a word list in this folder, each split into words; lines that start with # are comments."""
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return tuple(tuple(line.split()) for line in text.splitlines() if line and not line.startswith("#"))


@cache
def _missing_values() -> frozenset[str]:
    return frozenset(word.replace("_", " ") for words in word_lines("missing_values.txt") for word in words)
