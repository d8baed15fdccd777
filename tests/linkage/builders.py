"""Features built by hand, a column of plain texts each, so that a test names only what matters."""

from collections.abc import Mapping, Sequence

import numpy as np

from linkage.features import Codes, Dates, Feature, Features, Ints, Words
from linkage.values.phonetics import sound

_WORDS = {"name", "given", "surname", "alias", "mother", "street"}


def features(size: int, columns: Mapping[str, Sequence[str]], second: int | None = None) -> Features:
    """Features of so many records, "" where a record has no value. Names, streets and texts are split at spaces;
    `birth` stands as YYYY-MM-DD; everything else is a code."""
    return Features(size, second, {name: _feature(name, values) for name, values in columns.items()})


def _feature(name: str, values: Sequence[str]) -> Feature:
    if name == "birth":
        return _dates(values)
    return _words(values) if name in _WORDS or name.startswith("text:") else _codes(values)


def _numbered(values: Sequence[str]) -> tuple[list[int], list[str]]:
    known: dict[str, int] = {}
    return [known.setdefault(value, len(known)) if value else -1 for value in values], list(known)


def _counts(ids: Ints, size: int) -> Ints:
    return np.bincount(ids[ids >= 0], minlength=size).astype(np.int32)


def _codes(values: Sequence[str]) -> Codes:
    numbers, known = _numbered(values)
    ids = np.array(numbers, dtype=np.int32)
    return Codes(ids, known, _counts(ids, len(known)))


def _words(values: Sequence[str]) -> Words:
    split = [value.split() for value in values]
    width = max([1, *map(len, split)])
    numbers, known = _numbered([word for words in split for word in [*words, *[""] * (width - len(words))]])
    ids = np.array(numbers, dtype=np.int32).reshape(len(values), width)
    sounds = np.array(_numbered([sound(word) for word in known])[0], dtype=np.int32)
    whole = np.array(_numbered([" ".join(sorted(words)) for words in split])[0], dtype=np.int32)
    return Words(ids, known, sounds, _counts(ids, len(known)), whole)


def _dates(values: Sequence[str]) -> Dates:
    rows = [[int(part) for part in (value or "0-0-0").split("-")] for value in values]
    year, month, day = np.array(rows or [[0, 0, 0]], dtype=np.int32)[: len(rows)].T
    return Dates(year, month, day, ((month == 1) & (day == 1)) | ((month == 6) & (day == 30)) | (day == 0))
