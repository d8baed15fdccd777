"""What the header of a column says it holds, in the languages in which lists are written."""

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast

from linkage.people import Role

Meaning = Role | Literal["birth_day", "birth_month", "birth_year", "age", "id", "truth", "nothing"]
"""What a column may hold: values of a role, a part of a birth date, the record's own id, the true person, or nothing
that is of use."""

_WHOLE_HEADER, _PART_OF_HEADER, _WEAK_PART = 3, 2, 1
_CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")
_APOSTROPHE = re.compile(r"['’`]")
_BETWEEN_WORDS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class _Phrase:
    """Words that have a meaning in a header. `whole`: only where they are all of it. `weak`: any other phrase goes
    before it."""

    meaning: Meaning
    language: str
    words: tuple[str, ...]
    whole: bool
    weak: bool

    @property
    def letters(self) -> str:
        return "".join(self.words)


def header_meanings(header: str) -> tuple[Meaning, ...]:
    """What a header may mean, the likeliest first; empty where it has no known word.

    A phrase that is all of the header goes before one that is part of it, a longer part before a shorter one.
    """
    words = header_words(header)
    ranks: dict[Meaning, tuple[int, int]] = {}
    for phrase in _vocabulary():
        if rank := _rank(phrase, words):
            ranks[phrase.meaning] = max(ranks.get(phrase.meaning, (0, 0)), (rank, len(phrase.letters)))
    return tuple(sorted(ranks, key=lambda meaning: ranks[meaning], reverse=True))


def header_words(header: str) -> tuple[str, ...]:
    """The words of a header in lower case, without accents and numbers: `fname_c1`, `FnameC1` -> fname, c."""
    plain = unicodedata.normalize("NFKD", _CAMEL_CASE.sub(" ", _APOSTROPHE.sub("", header)))
    ascii_only = plain.replace("ß", "ss").encode("ascii", "ignore").decode().lower()
    return tuple(word for word in _BETWEEN_WORDS.split(ascii_only) if word and not word.isdigit())


def are_indonesian(headers: Iterable[str]) -> bool:
    """Whether more of the headers are known in Indonesian than in any other language."""
    counts: Counter[str] = Counter()
    for header in headers:
        words = header_words(header)
        counts.update({phrase.language for phrase in _vocabulary() if _rank(phrase, words)})
    return counts["id"] > max((count for language, count in counts.items() if language != "id"), default=0)


def _rank(phrase: _Phrase, words: tuple[str, ...]) -> int:
    if phrase.letters == "".join(words):
        return _WHOLE_HEADER
    count = len(phrase.words)
    if phrase.whole or not any(words[n : n + count] == phrase.words for n in range(len(words) - count + 1)):
        return 0
    return _WEAK_PART if phrase.weak else _PART_OF_HEADER


@cache
def _vocabulary() -> tuple[_Phrase, ...]:
    """header_words.csv: `=` stands before a phrase that must be all of the header, `~` before a weak one."""
    text = (files(__package__) / "header_words.csv").read_text(encoding="utf-8")
    return tuple(
        _Phrase(
            cast("Meaning", row["role"]),
            row["language"],
            tuple(phrase.lstrip("=~").split()),
            whole=phrase.startswith("="),
            weak=phrase.startswith("~"),
        )
        for row in csv.DictReader(text.splitlines())
        for phrase in row["headers"].split(";")
    )
