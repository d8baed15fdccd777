"""What the header of a column says it holds, in the languages that lists are written in."""

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast

from linkage.people import Role

Meaning = Role | Literal["birth_day", "birth_month", "birth_year", "age", "id", "truth", "nothing"]
"""What a column may be: a role, a part of a birth date, the record's own id, the known truth, or of no use."""

_WHOLE, _PART, _WEAK = 3, 2, 1
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")
_APOSTROPHE = re.compile(r"['’`]")
_BETWEEN = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class _Phrase:
    """`whole`: only where it is all the header says. `weak`: gives way to anything that says more."""

    meaning: Meaning
    words: tuple[str, ...]
    whole: bool
    weak: bool

    @property
    def squeezed(self) -> str:
        return "".join(self.words)


def meant_by(header: str) -> tuple[Meaning, ...]:
    """What the header may mean, likeliest first; empty where it says nothing known.

    All of the header counts for more than a part of it, a longer part for more than a shorter one.
    """
    words = words_of(header)
    found: dict[Meaning, tuple[int, int]] = {}
    for phrase in _vocabulary():
        if rank := _rank(phrase, words):
            found[phrase.meaning] = max(found.get(phrase.meaning, (0, 0)), (rank, len(phrase.squeezed)))
    return tuple(sorted(found, key=lambda meaning: found[meaning], reverse=True))


def words_of(header: str) -> tuple[str, ...]:
    """The words of a header, without capitals, accents and numbers: `fname_c1`, `FnameC1` -> fname, c."""
    plain = unicodedata.normalize("NFKD", _CAMEL.sub(" ", _APOSTROPHE.sub("", header)))
    ascii_only = plain.replace("ß", "ss").encode("ascii", "ignore").decode().lower()
    return tuple(word for word in _BETWEEN.split(ascii_only) if word and not word.isdigit())


def _rank(phrase: _Phrase, words: tuple[str, ...]) -> int:
    if phrase.squeezed == "".join(words):
        return _WHOLE
    count = len(phrase.words)
    if phrase.whole or not any(words[n : n + count] == phrase.words for n in range(len(words) - count + 1)):
        return 0
    return _WEAK if phrase.weak else _PART


@cache
def _vocabulary() -> tuple[_Phrase, ...]:
    """header_words.csv: `=` before a phrase that must be all of the header, `~` before one that says little."""
    text = (files(__package__) / "header_words.csv").read_text(encoding="utf-8")
    return tuple(
        _Phrase(
            cast("Meaning", row["role"]),
            tuple(phrase.lstrip("=~").split()),
            whole=phrase.startswith("="),
            weak=phrase.startswith("~"),
        )
        for row in csv.DictReader(text.splitlines())
        for phrase in row["headers"].split(";")
    )
