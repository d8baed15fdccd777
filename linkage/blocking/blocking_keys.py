"""The blocking keys that the features of a list allow: records that share a value of a key become a candidate pair.

Each key survives other errors. Two records of one person, however badly written, should share the values of two keys.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from linkage.blocking.key_hashes import (
    Hashes,
    combine,
    hash_fragments,
    hash_initials,
    hash_numbers,
    hash_prefixes,
    hash_sounds,
    hash_values,
    value_pairs,
)
from linkage.features import Codes, Dates, Features

MOST_KEYS = 64
"""A candidate pair has one bit for each key that proposed it."""

_WORDS, _FEW_WORDS = 4, 2
_AREAS = ("village", "district", "regency", "province")


@dataclass(frozen=True, slots=True)
class Key:
    """A blocking key: records share its value where they share a value of every part."""

    name: str
    parts: tuple[Hashes, ...]

    def hashes(self) -> Hashes:
        """A row per record with all its values of the key."""
        return combine(*self.parts)


def blocking_keys(features: Features) -> list[Key]:
    """The keys, the strongest first, 64 at most."""
    names = _name_sounds(features)
    keys = [
        *_identifier_keys(features),
        *_identifier_fragment_keys(features, names),
        *_birth_date_keys(features, names),
        *_name_keys(features, names),
        *_mother_keys(features, names),
        *_address_keys(features, names),
        *_text_keys(features, names),
    ]
    return keys[:MOST_KEYS]


def _name_sounds(features: Features) -> Hashes | None:
    """The phonetic classes of a person's names and aliases."""
    sounds = [hash_sounds(words, _WORDS) for name in ("name", "alias") if (words := features.words(name))]
    return np.hstack(sounds) if sounds else None


def _identifier_keys(features: Features) -> Iterator[Key]:
    further = [name for name in features.by_name if name.startswith(("phone:", "id:"))]
    for name in ("nik", "passport", "phone", "email", *further):
        if (part := hash_values(features, name)) is not None:
            yield Key(name, (part,))


def _identifier_fragment_keys(features: Features, names: Hashes | None) -> Iterator[Key]:
    """What is left of an identifier in which one character is wrong."""
    if nik := features.codes("nik"):
        yield Key("part of nik", (_nik_fragments(nik),))
    if phone := features.codes("phone"):
        yield Key("end of phone", (hash_fragments(phone, [value[-7:] for value in phone.values]),))
    if email := features.codes("email"):
        yield Key("name of email", (hash_fragments(email, [value.partition("@")[0] for value in email.values]),))
    for name, feature in features.by_name.items():
        if names is not None and isinstance(feature, Codes) and (name == "passport" or name.startswith("id:")):
            yield Key(f"half of {name} + name word", (_halves(feature), names))


def _nik_fragments(nik: Codes) -> Hashes:
    """District and birth day and month; birth date and serial; district, birth year and serial."""
    niks = [value if len(value) == 16 else "" for value in nik.values]
    ends = [value[:6] + value[10:] for value in niks]
    return hash_fragments(nik, [value[:10] for value in niks], [value[-10:] for value in niks], ends)


def _halves(codes: Codes) -> Hashes:
    long = [value if len(value) >= 6 else "" for value in codes.values]
    fronts, backs = [value[: len(value) // 2] for value in long], [value[len(value) // 2 :] for value in long]
    return hash_fragments(codes, fronts, backs)


def _birth_date_keys(features: Features, names: Hashes | None) -> Iterator[Key]:
    birth = features.dates()
    if birth is None:
        return
    year, month, day = (hash_numbers(part - 1) for part in (birth.year, birth.month, birth.day))
    if names is not None:
        yield Key("birth date (day and month in any order) + name word", (year, _day_and_month(birth), names))
        yield Key("birth month and day + name word", (month, day, names))
        yield Key("birth year and month + name word", (year, month, names))
        yield Key("birth year and day + name word", (year, day, names))
        yield Key("two name words + birth year", (value_pairs(names), year))
    yield Key("birth date", (year, month, day))
    yield from _initial_keys(features, year)


def _day_and_month(birth: Dates) -> Hashes:
    """Day and month in either order."""
    low, high = np.minimum(birth.month, birth.day), np.maximum(birth.month, birth.day)
    return combine(hash_numbers(low - 1), hash_numbers(high - 1))


def _initial_keys(features: Features, year: Hashes) -> Iterator[Key]:
    given_name, surname = features.words("given"), features.words("surname")
    if given_name and surname:
        given_initial, surname_initial = hash_initials(given_name)[:, :1], hash_initials(surname)[:, :1]
        yield Key("surname + given initial + birth year", (hash_sounds(surname, 1), given_initial, year))
        yield Key("given name + surname initial + birth year", (hash_sounds(given_name, 1), surname_initial, year))


def _name_keys(features: Features, names: Hashes | None) -> Iterator[Key]:
    words = features.words("name")
    if words is None or names is None:
        return
    yield Key("whole name", (hash_numbers(words.sets),))
    yield Key("two name words", (value_pairs(names),))
    yield Key("beginnings of two name words", (value_pairs(hash_prefixes(words, 3, 3)),))
    yield Key("name word", (names,))


def _mother_keys(features: Features, names: Hashes | None) -> Iterator[Key]:
    words = features.words("mother")
    if words is None:
        return
    mother, birth = hash_sounds(words, _FEW_WORDS), features.dates()
    if names is not None:
        yield Key("mother's name word + name word", (mother, names))
    if birth is not None:
        year = hash_numbers(birth.year - 1)
        yield Key("mother's name word + birth date", (mother, year, _day_and_month(birth)))
        yield Key("mother's whole name + birth year", (hash_numbers(words.sets), year))


def _address_keys(features: Features, names: Hashes | None) -> Iterator[Key]:
    words, house = features.words("street"), hash_values(features, "house")
    street = None if words is None else hash_sounds(words, _FEW_WORDS)
    if street is not None and house is not None:
        yield Key("street word + house", (street, house))
    if street is not None and names is not None:
        yield Key("street word + name word", (street, names))
    for place, part in _places(features):
        yield from _place_keys(features, names, place, part)
        if street is not None:
            yield Key(f"two street words + {place}", (value_pairs(street), part))
        if house is not None:
            yield Key(f"house + {place}", (house, part))


def _places(features: Features) -> Iterator[tuple[str, Hashes]]:
    """The postcode, and the finest area that at least half as many records have as have the commonest one."""
    if (postcode := hash_values(features, "postcode")) is not None:
        yield "postcode", postcode
    areas = [(name, part) for name in _AREAS if (part := hash_values(features, name)) is not None]
    filled = max((np.count_nonzero(part) for _, part in areas), default=0)
    yield from [area for area in areas if np.count_nonzero(area[1]) * 2 >= filled > 0][:1]


def _place_keys(features: Features, names: Hashes | None, place: str, part: Hashes) -> Iterator[Key]:
    if names is not None:
        yield Key(f"{place} + name word", (part, names))
    if birth := features.dates():
        month, day = hash_numbers(birth.month - 1), hash_numbers(birth.day - 1)
        yield Key(f"{place} + birth month and day", (part, month, day))


def _text_keys(features: Features, names: Hashes | None) -> Iterator[Key]:
    for name in features.by_name:
        if name.startswith("text:") and (words := features.words(name)):
            part = hash_sounds(words, _WORDS)
            yield Key(f"two words of {name}", (value_pairs(part),))
            yield Key(f"word of {name}", (part,))
            if names is not None:
                yield Key(f"word of {name} + name word", (part[:, :_FEW_WORDS], names))
