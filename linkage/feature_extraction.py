"""From columns as they were written to comparable features."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from linkage.features import Codes, Dates, Feature, Features, Ints, Words
from linkage.people import Column, People, Role
from linkage.values import addresses, dates, identifiers, names

NAME_WORDS, TEXT_WORDS = 5, 8
"""How many words of a name, and of an address or text, are compared."""

_PLACES: tuple[Role, ...] = ("village", "district", "regency", "province")


def built(people: People) -> Features:
    """The features of all records."""
    found: dict[str, Feature] = {}
    found |= _named(people)
    if streets := list(people.of("street")):
        found["street"] = _words(streets, addresses.words, TEXT_WORDS, Lexicon(_plain))
    for column in people.of("other_text"):
        found[f"text:{column.name}"] = _words([column], addresses.words, TEXT_WORDS, Lexicon(names.sound))
    found |= _coded(people)
    for column in people.of("birth_date"):
        found.setdefault("birth", _dates(column))
    return Features(len(people), people.second, found)


@dataclass(slots=True)
class Lexicon:
    """Words numbered as they come, with their phonetic classes."""

    sound: Callable[[str], str]
    words: list[str] = field(default_factory=list)
    number: dict[str, int] = field(default_factory=dict)

    def numbered(self, words: Iterable[str]) -> list[int]:
        """The numbers of words."""
        out = []
        for word in words:
            if word not in self.number:
                self.number[word] = len(self.words)
                self.words.append(word)
            out.append(self.number[word])
        return out

    def sounds(self) -> Ints:
        """The phonetic class of each word."""
        classes: dict[str, int] = {}
        return np.array([classes.setdefault(self.sound(word), len(classes)) for word in self.words], dtype=np.int32)


def _plain(word: str) -> str:
    return word


def _named(people: People) -> dict[str, Feature]:
    """Name features share one lexicon, so that words of different fields can be compared."""
    lexicon = Lexicon(names.sound)
    given, surname = list(people.of("given_name")), list(people.of("surname"))
    full, alias, mother = list(people.of("full_name")), list(people.of("alias")), list(people.of("mother_name"))
    matrices: dict[str, Ints] = {}
    if given or surname or full:
        whole = [*given, *surname] if given or surname else full
        matrices["name"] = _matrix(whole, names.words, NAME_WORDS, lexicon)
        if (given or surname) and full:
            matrices["name"] = _filled(matrices["name"], _matrix(full, names.words, NAME_WORDS, lexicon))
    if _everywhere(people, given) and _everywhere(people, surname):
        matrices["given"] = _matrix(given, names.words, NAME_WORDS, lexicon)
        matrices["surname"] = _matrix(surname, names.words, NAME_WORDS, lexicon)
    if alias:
        matrices["alias"] = _matrix(alias, names.words, NAME_WORDS, lexicon)
    if mother:
        matrices["mother"] = _matrix(mother, names.words, NAME_WORDS, lexicon)
    sounds = lexicon.sounds()
    return {name: _as_words(matrix, lexicon.words, sounds) for name, matrix in matrices.items()}


def _everywhere(people: People, columns: Sequence[Column]) -> bool:
    """Whether the list has these values, or both lists do."""
    second = people.second if people.second is not None else len(people)
    parts = [slice(0, second)] + ([slice(second, None)] if people.second is not None else [])
    return all(any(any(column.values[part]) for column in columns) for part in parts)


def _filled(matrix: Ints, other: Ints) -> Ints:
    """Rows without any word take the other's."""
    empty = (matrix < 0).all(axis=1)
    width = max(matrix.shape[1], other.shape[1])
    out = np.full((len(matrix), width), -1, dtype=np.int32)
    out[:, : matrix.shape[1]] = matrix
    out[empty, : other.shape[1]] = other[empty]
    return out


def _words(columns: Sequence[Column], split: Callable[[str], Sequence[str]], width: int, lexicon: Lexicon) -> Words:
    matrix = _matrix(columns, split, width, lexicon)
    return _as_words(matrix, lexicon.words, lexicon.sounds())


def _matrix(columns: Sequence[Column], split: Callable[[str], Sequence[str]], width: int, lexicon: Lexicon) -> Ints:
    """The words of each record, those of all columns one after the other."""
    parts = []
    for column in columns:
        numbers_, distinct = _distinct(column.values)
        rows = np.full((len(distinct), width), -1, dtype=np.int32)
        for row, value in enumerate(distinct):
            found = lexicon.numbered(dict.fromkeys(split(value))) if value else []
            rows[row, : min(width, len(found))] = found[:width]
        used = max(1, int((rows >= 0).sum(axis=1).max(initial=0)))
        parts.append(rows[numbers_, :used])
    return _pressed(np.hstack(parts), width) if len(parts) > 1 else parts[0]


def _pressed(matrix: Ints, width: int) -> Ints:
    """Words moved to the front, each once."""
    for k in range(1, matrix.shape[1]):
        seen = (matrix[:, :k] == matrix[:, k : k + 1]).any(axis=1)
        matrix[seen, k] = -1
    order = np.argsort(matrix < 0, axis=1, kind="stable")
    return np.ascontiguousarray(np.take_along_axis(matrix, order, axis=1)[:, :width])


def _as_words(matrix: Ints, words: list[str], sounds: Ints) -> Words:
    counts = np.bincount(matrix[matrix >= 0], minlength=len(words)).astype(np.int32)
    return Words(matrix, words, sounds, counts, _wholes(matrix))


def _wholes(matrix: Ints) -> Ints:
    """Numbers the distinct sets of words."""
    ordered = np.sort(matrix, axis=1).astype(np.uint64)
    mixed = np.zeros(len(matrix), dtype=np.uint64)
    for k in range(ordered.shape[1]):
        mixed = (mixed ^ ordered[:, k]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    whole = np.unique(mixed, return_inverse=True)[1].astype(np.int32)
    whole[(matrix < 0).all(axis=1)] = -1
    return whole


def _coded(people: People) -> dict[str, Feature]:
    plain: tuple[tuple[str, Role, Callable[[str], str]], ...] = (
        ("sex", "sex", identifiers.sex),
        ("nik", "nik", identifiers.nik),
        ("passport", "passport", identifiers.passport),
        ("email", "email", identifiers.email),
        ("house", "house_number", addresses.house),
        ("postcode", "postcode", addresses.postcode),
    )
    found: dict[str, Feature] = {}
    for feature, role, normal in plain:
        for column in people.of(role):
            found.setdefault(feature, _codes(column.values, normal))
    for n, column in enumerate(people.of("phone")):
        found["phone" if n == 0 else f"phone:{column.name}"] = _codes(column.values, identifiers.phone)
    for role in _PLACES:
        for column in people.of(role):
            found.setdefault(role, _codes(column.values, _place(role)))
    for column in people.of("other_id"):
        found[f"id:{column.name}"] = _codes(column.values, identifiers.identifier)
    return found


@cache
def _place(role: Role) -> Callable[[str], str]:
    return lambda text: addresses.place(text, role)


def _codes(values: Sequence[str], normal: Callable[[str], str]) -> Codes:
    raw, distinct = _distinct(values)
    known: dict[str, int] = {}
    ids = np.full(len(distinct), -1, dtype=np.int32)
    for number, value in enumerate(distinct):
        if value and (code := normal(value)):
            ids[number] = known.setdefault(code, len(known))
    of_record = ids[raw]
    counts = np.bincount(of_record[of_record >= 0], minlength=len(known)).astype(np.int32)
    return Codes(of_record, list(known), counts)


def _dates(column: Column) -> Dates:
    raw, distinct = _distinct(column.values)
    parts = np.array([_date(value) for value in distinct] or [(0, 0, 0)], dtype=np.int32)[raw]
    year, month, day = (np.ascontiguousarray(parts[:, k]) for k in range(3))
    placeholder = ((month == 1) & (day == 1)) | ((month == 6) & (day == 30))
    return Dates(year, month, day, placeholder | (day == 0))


def _date(value: str) -> tuple[int, int, int]:
    read = dates.parse(value, "ymd") if value else None
    return (read.year, read.month, read.day) if read else (0, 0, 0)


def _distinct(values: Sequence[str]) -> tuple[Ints, list[str]]:
    """The number of each record's value, and the distinct values."""
    number: dict[str, int] = {}
    numbers_ = np.fromiter((number.setdefault(value, len(number)) for value in values), np.int32, len(values))
    return numbers_, list(number)
