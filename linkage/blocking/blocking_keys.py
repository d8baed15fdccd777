"""The blocking keys that features allow, the strongest first: records that share a value of one are proposed.

Each survives other errors; records of one person, however badly written, should share two of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from linkage.blocking.key_hashes import Hashes, beginnings, coded, couples, initials, joined, numbered, pieces, sounds
from linkage.features import Codes, Dates, Features

MOST = 64
"""Keys in all: as many as a pair has bits to tell who proposed it."""

_WORDS, _FEW_WORDS = 4, 2
_AREAS = ("village", "district", "regency", "province")


@dataclass(frozen=True, slots=True)
class Key:
    """A key: records agree when they share a value of every part."""

    name: str
    parts: tuple[Hashes, ...]

    def hashes(self) -> Hashes:
        """Of each record, all values of the key."""
        return joined(*self.parts)


def keys_of(features: Features) -> list[Key]:
    """All keys; those beyond the first 64 are cut off."""
    names = _names(features)
    found = [
        *_identifiers(features),
        *_slips(features, names),
        *_births(features, names),
        *_words(features, names),
        *_mothers(features, names),
        *_addresses(features, names),
        *_texts(features, names),
    ]
    return found[:MOST]


def _names(features: Features) -> Hashes | None:
    """The sounds of a person's names, aliases among them."""
    found = [sounds(words, _WORDS) for name in ("name", "alias") if (words := features.words(name))]
    return np.hstack(found) if found else None


def _identifiers(features: Features) -> Iterator[Key]:
    there = features.by_name
    numbered_ = [name for name in there if name.startswith(("phone:", "id:"))]
    for name in ("nik", "passport", "phone", "email", *numbered_):
        if (part := coded(features, name)) is not None:
            yield Key(name, (part,))


def _slips(features: Features, names: Hashes | None) -> Iterator[Key]:
    """What is left of an identifier with one wrong place."""
    if nik := features.codes("nik"):
        yield Key("part of nik", (_nik_pieces(nik),))
    if phone := features.codes("phone"):
        yield Key("end of phone", (pieces(phone, [value[-7:] for value in phone.values]),))
    if email := features.codes("email"):
        yield Key("name of email", (pieces(email, [value.partition("@")[0] for value in email.values]),))
    for name, feature in features.by_name.items():
        if names is not None and isinstance(feature, Codes) and (name == "passport" or name.startswith("id:")):
            yield Key(f"half of {name} + name word", (_halves(feature), names))


def _nik_pieces(nik: Codes) -> Hashes:
    """Of district, day and month, year, serial, all but what stands at the end, in front, and in the middle."""
    whole = [value if len(value) == 16 else "" for value in nik.values]
    ends = [value[:6] + value[10:] for value in whole]
    return pieces(nik, [value[:10] for value in whole], [value[-10:] for value in whole], ends)


def _halves(code: Codes) -> Hashes:
    long = [value if len(value) >= 6 else "" for value in code.values]
    return pieces(code, [value[: len(value) // 2] for value in long], [value[len(value) // 2 :] for value in long])


def _births(features: Features, names: Hashes | None) -> Iterator[Key]:
    birth = features.dates()
    if birth is None:
        return
    year, month, day = (numbered(part - 1) for part in (birth.year, birth.month, birth.day))
    if names is not None:
        yield Key("birth date (day and month in any order) + name word", (year, _either_way(birth), names))
        yield Key("birth month and day + name word", (month, day, names))
        yield Key("birth year and month + name word", (year, month, names))
        yield Key("birth year and day + name word", (year, day, names))
        yield Key("two name words + birth year", (couples(names), year))
    yield Key("birth date", (year, month, day))
    yield from _initials(features, year)


def _either_way(birth: Dates) -> Hashes:
    low, high = np.minimum(birth.month, birth.day), np.maximum(birth.month, birth.day)
    return joined(numbered(low - 1), numbered(high - 1))


def _initials(features: Features, year: Hashes) -> Iterator[Key]:
    given, surname = features.words("given"), features.words("surname")
    if given and surname:
        yield Key("surname + given initial + birth year", (sounds(surname, 1), initials(given)[:, :1], year))
        yield Key("given name + surname initial + birth year", (sounds(given, 1), initials(surname)[:, :1], year))


def _words(features: Features, names: Hashes | None) -> Iterator[Key]:
    words = features.words("name")
    if words is None or names is None:
        return
    yield Key("whole name", (numbered(words.whole),))
    yield Key("two name words", (couples(names),))
    yield Key("beginnings of two name words", (couples(beginnings(words, 3, 3)),))
    yield Key("name word", (names,))


def _mothers(features: Features, names: Hashes | None) -> Iterator[Key]:
    words = features.words("mother")
    if words is None:
        return
    mother, birth = sounds(words, _FEW_WORDS), features.dates()
    if names is not None:
        yield Key("mother's name word + name word", (mother, names))
    if birth is not None:
        year = numbered(birth.year - 1)
        yield Key("mother's name word + birth date", (mother, year, _either_way(birth)))
        yield Key("mother's whole name + birth year", (numbered(words.whole), year))


def _addresses(features: Features, names: Hashes | None) -> Iterator[Key]:
    street, house = features.words("street"), coded(features, "house")
    near = None if street is None else sounds(street, _FEW_WORDS)
    if near is not None and house is not None:
        yield Key("street word + house", (near, house))
    if near is not None and names is not None:
        yield Key("street word + name word", (near, names))
    for place, part in _places(features):
        yield from _placed(features, names, place, part)
        if near is not None:
            yield Key(f"two street words + {place}", (couples(near), part))
        if house is not None:
            yield Key(f"house + {place}", (house, part))


def _places(features: Features) -> Iterator[tuple[str, Hashes]]:
    """The postcode, and the finest place that half of those who have any have."""
    if (postcode := coded(features, "postcode")) is not None:
        yield "postcode", postcode
    areas = [(name, part) for name in _AREAS if (part := coded(features, name)) is not None]
    filled = max((np.count_nonzero(part) for _, part in areas), default=0)
    yield from [area for area in areas if np.count_nonzero(area[1]) * 2 >= filled > 0][:1]


def _placed(features: Features, names: Hashes | None, place: str, part: Hashes) -> Iterator[Key]:
    if names is not None:
        yield Key(f"{place} + name word", (part, names))
    if birth := features.dates():
        yield Key(f"{place} + birth month and day", (part, numbered(birth.month - 1), numbered(birth.day - 1)))


def _texts(features: Features, names: Hashes | None) -> Iterator[Key]:
    for name in features.by_name:
        if name.startswith("text:") and (words := features.words(name)):
            part = sounds(words, _WORDS)
            yield Key(f"two words of {name}", (couples(part),))
            yield Key(f"word of {name}", (part,))
            if names is not None:
                yield Key(f"word of {name} + name word", (part[:, :_FEW_WORDS], names))
