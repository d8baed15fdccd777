"""Makes features of columns: values as they were written become comparable ones."""

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

Split = Callable[[str], Sequence[str]]
Normalise = Callable[[str], str]


def extract_features(people: People) -> Features:
    """The features of all records, in their order."""
    features = _name_features(people)
    if streets := list(people.of("street")):
        features["street"] = _text_words(streets, Lexicon(_unchanged))
    for column in people.of("other_text"):
        features[f"text:{column.name}"] = _text_words([column], Lexicon(names.sound))
    features |= _code_features(people)
    for column in people.of("birth_date"):
        features.setdefault("birth", _dates(column))
    return Features(len(people), people.second, features)


@dataclass(slots=True)
class Lexicon:
    """Words, numbered in the order in which they come, with their phonetic classes."""

    sound: Callable[[str], str]
    words: list[str] = field(default_factory=list)
    number: dict[str, int] = field(default_factory=dict)

    def numbers(self, words: Iterable[str]) -> list[int]:
        """The number of each word; new words are added."""
        numbers = []
        for word in words:
            if word not in self.number:
                self.number[word] = len(self.words)
                self.words.append(word)
            numbers.append(self.number[word])
        return numbers

    def sounds(self) -> Ints:
        """The number of each word's phonetic class."""
        classes: dict[str, int] = {}
        return np.array([classes.setdefault(self.sound(word), len(classes)) for word in self.words], dtype=np.int32)


def _unchanged(word: str) -> str:
    return word


def _name_features(people: People) -> dict[str, Feature]:
    """Name features share one lexicon, so that words of different fields can be compared."""
    lexicon = Lexicon(names.sound)
    given_names, surname = list(people.of("given_name")), list(people.of("surname"))
    full, alias, mother = list(people.of("full_name")), list(people.of("alias")), list(people.of("mother_name"))
    matrices: dict[str, Ints] = {}
    if given_names or surname or full:
        whole_name = [*given_names, *surname] if given_names or surname else full
        matrices["name"] = _name_matrix(whole_name, lexicon)
        if (given_names or surname) and full:
            matrices["name"] = _fill_empty_rows(matrices["name"], _name_matrix(full, lexicon))
    if _in_every_list(people, given_names) and _in_every_list(people, surname):
        matrices["given"] = _name_matrix(given_names, lexicon)
        matrices["surname"] = _name_matrix(surname, lexicon)
    if alias:
        matrices["alias"] = _name_matrix(alias, lexicon)
    if mother:
        matrices["mother"] = _name_matrix(mother, lexicon)
    sounds = lexicon.sounds()
    return {name: _words(matrix, lexicon.words, sounds) for name, matrix in matrices.items()}


def _in_every_list(people: People, columns: Sequence[Column]) -> bool:
    """Whether the list, or each of the two lists, has values in these columns."""
    second = people.second if people.second is not None else len(people)
    lists = [slice(0, second)] + ([slice(second, None)] if people.second is not None else [])
    return all(any(any(column.values[part]) for column in columns) for part in lists)


def _fill_empty_rows(matrix: Ints, other: Ints) -> Ints:
    """Rows without any word are replaced by those of `other`."""
    empty = (matrix < 0).all(axis=1)
    width = max(matrix.shape[1], other.shape[1])
    filled = np.full((len(matrix), width), -1, dtype=np.int32)
    filled[:, : matrix.shape[1]] = matrix
    filled[empty, : other.shape[1]] = other[empty]
    return filled


def _text_words(columns: Sequence[Column], lexicon: Lexicon) -> Words:
    matrix = _matrix(columns, addresses.words, TEXT_WORDS, lexicon)
    return _words(matrix, lexicon.words, lexicon.sounds())


def _name_matrix(columns: Sequence[Column], lexicon: Lexicon) -> Ints:
    return _matrix(columns, names.words, NAME_WORDS, lexicon)


def _matrix(columns: Sequence[Column], split: Split, width: int, lexicon: Lexicon) -> Ints:
    """A row per record: the numbers of its words, those of all columns one after the other, then -1."""
    parts = []
    for column in columns:
        value_of, distinct = _distinct(column.values)
        rows = np.full((len(distinct), width), -1, dtype=np.int32)
        for row, value in enumerate(distinct):
            numbers = lexicon.numbers(dict.fromkeys(split(value))) if value else []
            rows[row, : min(width, len(numbers))] = numbers[:width]
        used = max(1, int((rows >= 0).sum(axis=1).max(initial=0)))
        parts.append(rows[value_of, :used])
    return _without_repetition(np.hstack(parts), width) if len(parts) > 1 else parts[0]


def _without_repetition(matrix: Ints, width: int) -> Ints:
    """Each word of a row once, moved to the front."""
    for k in range(1, matrix.shape[1]):
        repeated = (matrix[:, :k] == matrix[:, k : k + 1]).any(axis=1)
        matrix[repeated, k] = -1
    order = np.argsort(matrix < 0, axis=1, kind="stable")
    return np.ascontiguousarray(np.take_along_axis(matrix, order, axis=1)[:, :width])


def _words(matrix: Ints, words: list[str], sounds: Ints) -> Words:
    counts = np.bincount(matrix[matrix >= 0], minlength=len(words)).astype(np.int32)
    return Words(matrix, words, sounds, counts, _set_numbers(matrix))


def _set_numbers(matrix: Ints) -> Ints:
    """Numbers the distinct sets of words by a hash of each row in sorted order; -1 for an empty row."""
    ordered = np.sort(matrix, axis=1).astype(np.uint64)
    hashes = np.zeros(len(matrix), dtype=np.uint64)
    for k in range(ordered.shape[1]):
        hashes = (hashes ^ ordered[:, k]) * np.uint64(0x9E3779B97F4A7C15)
        hashes ^= hashes >> np.uint64(29)
    numbers = np.unique(hashes, return_inverse=True)[1].astype(np.int32)
    numbers[(matrix < 0).all(axis=1)] = -1
    return numbers


def _code_features(people: People) -> dict[str, Feature]:
    one_column: tuple[tuple[str, Role, Normalise], ...] = (
        ("sex", "sex", identifiers.sex),
        ("nik", "nik", identifiers.nik),
        ("passport", "passport", identifiers.passport),
        ("email", "email", identifiers.email),
        ("house", "house_number", addresses.house),
        ("postcode", "postcode", addresses.postcode),
    )
    features: dict[str, Feature] = {}
    for feature, role, normalise in one_column:
        for column in people.of(role):
            features.setdefault(feature, _codes(column.values, normalise))
    for n, column in enumerate(people.of("phone")):
        features["phone" if n == 0 else f"phone:{column.name}"] = _codes(column.values, identifiers.phone)
    for role in _PLACES:
        for column in people.of(role):
            features.setdefault(role, _codes(column.values, _place(role)))
    for column in people.of("other_id"):
        features[f"id:{column.name}"] = _codes(column.values, identifiers.identifier)
    return features


@cache
def _place(role: Role) -> Normalise:
    return lambda text: addresses.place(text, role)


def _codes(values: Sequence[str], normalise: Normalise) -> Codes:
    value_of, distinct = _distinct(values)
    number: dict[str, int] = {}
    ids = np.full(len(distinct), -1, dtype=np.int32)
    for n, value in enumerate(distinct):
        if value and (code := normalise(value)):
            ids[n] = number.setdefault(code, len(number))
    of_record = ids[value_of]
    counts = np.bincount(of_record[of_record >= 0], minlength=len(number)).astype(np.int32)
    return Codes(of_record, list(number), counts)


def _dates(column: Column) -> Dates:
    value_of, distinct = _distinct(column.values)
    parts = np.array([_date_parts(value) for value in distinct] or [(0, 0, 0)], dtype=np.int32)[value_of]
    year, month, day = (np.ascontiguousarray(parts[:, k]) for k in range(3))
    placeholder = ((month == 1) & (day == 1)) | ((month == 6) & (day == 30))
    return Dates(year, month, day, placeholder | (day == 0))


def _date_parts(value: str) -> tuple[int, int, int]:
    date = dates.parse(value, "ymd") if value else None
    return (date.year, date.month, date.day) if date else (0, 0, 0)


def _distinct(values: Sequence[str]) -> tuple[Ints, list[str]]:
    """For each record the index of its value among the distinct values, and these."""
    number: dict[str, int] = {}
    value_of = np.fromiter((number.setdefault(value, len(number)) for value in values), np.int32, len(values))
    return value_of, list(number)
