"""Compares pairs of records field by field: a level of agreement each, and how rare what agrees is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from services.registry.matching.aligning import Alignment, Floats, Likeness, align
from services.registry.matching.features import Codes, Dates, Feature, Features, Ints, Words
from services.registry.matching.fields import Field

MISSING = 0
"""Level number of a field that one of two records lacks; 1 is the lowest level of agreement."""

Levels = NDArray[np.uint8]
Frequencies = Mapping[str, Mapping[str, float]]
NEXT_SERIALS = 3
"""How far apart the serials are of people registered at one place who were born on one day: twins, mostly."""

_NAMES = frozenset({"name", "given", "surname", "alias", "mother"})
GENERATION = 12
"""Years between two birth dates from which they are far apart."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Per field the level of each pair (0 missing, then SPECS' levels from 1), and how rare what agrees is, in bits."""

    levels: dict[str, Levels]
    told: dict[str, Floats]


class Comparer:
    """Compares records of one set of features. `frequencies` known from elsewhere stand in for what is counted here."""

    def __init__(self, features: Features, frequencies: Frequencies | None = None) -> None:
        self.features, self.known = features, frequencies or {}
        self.fields = _fields(features)
        self._likeness = self._lexicons()
        self._rarity = {name: self._rarities(name) for name in features.by_name}
        self._most = {name: float(bits.max(initial=0.0)) for name, bits in self._rarity.items()}
        self._joined = {name: _joined(features.by_name[name]) for name in features.by_name if name in _NAMES}
        self._wholes = {name: self._whole_rarities(name) for name in features.by_name}

    def compare(self, left: Ints, right: Ints) -> Compared:
        """Levels and rarities of the pairs (left[i], right[i])."""
        levels: dict[str, Levels] = {}
        told: dict[str, Floats] = {}
        for field in self.fields:
            levels[field.name], told[field.name] = _COMPARE[field.kind](self, field.name, left, right)
        if "given" in levels:
            self._see_swapped(levels, told, left, right)
        if "nik" in levels and "birth" in levels:
            born_otherwise = (levels["nik"] == 4) & (levels["birth"] > MISSING) & (levels["birth"] < 6)
            levels["nik"][born_otherwise] = 3  # the number repeats the birth date: its slip is the date's
        return Compared(levels, told)

    # -- names, words

    def _lexicons(self) -> dict[str, Likeness]:
        found: dict[str, Likeness] = {}
        shared: dict[int, Likeness] = {}
        for name, feature in self.features.by_name.items():
            if isinstance(feature, Words):
                if id(feature.words) not in shared:
                    shared[id(feature.words)] = Likeness(feature)
                found[name] = shared[id(feature.words)]
        return found

    def _rarities(self, name: str) -> Floats:
        feature = self.features.by_name[name]
        if isinstance(feature, Dates):
            return np.zeros(0, dtype=np.float32)
        values = feature.words if isinstance(feature, Words) else feature.values
        if name in self.known:
            table = self.known[name]
            unseen = table.get("", 1e-5)
            share = np.array([table.get(value, unseen) for value in values] or [1.0])
        else:
            share = np.maximum(feature.counts, 1) / max(1, self.features.size)
        return np.asarray(-np.log2(share), dtype=np.float32)

    def _whole_rarities(self, name: str) -> Floats:
        """Of whole sets of words: those that go together are more common than each by itself lets expect.

        Two records of a set are left out of the count, which are the pair itself.
        """
        feature = self.features.words(name)
        if feature is None or name in self.known:
            return np.zeros(0, dtype=np.float32)
        counts = np.bincount(feature.whole[feature.whole >= 0])
        return np.asarray(-np.log2(np.maximum(counts - 2, 0.5) / max(1, self.features.size)), dtype=np.float32)

    def _aligned(self, one: str, other: str, left: Ints, right: Ints) -> Alignment:
        """Words side by side. What agrees tells at most as much as the rarest word does, half as much again for names."""
        a, b = self.features.by_name[one], self.features.by_name[other]
        assert isinstance(a, Words)
        assert isinstance(b, Words)
        found = align(a, b, (left, right), (self._rarity[one], self._rarity[other]), self._likeness[one])
        np.minimum(found.told, self._most[one] * (1.5 if one in ("name", "mother") else 1.0), out=found.told)
        if len(self._wholes[one]):
            whole = np.flatnonzero((found.same == found.more) & (found.more > 0))
            found.told[whole] = np.minimum(found.told[whole], self._wholes[one][a.whole[left[whole]]])
        return found

    def _name(self, name: str, left: Ints, right: Ints) -> tuple[Levels, Floats]:
        levels, told = self._names(name, name, left, right)
        if name == "name" and "alias" in self.features.by_name:
            for one, other in (("alias", "name"), ("name", "alias")):
                by_alias, alias_told = self._names(one, other, left, right)
                better = by_alias > levels
                levels, told = np.where(better, by_alias, levels), np.where(better, alias_told, told)
        return levels, told

    def _names(self, one: str, other: str, left: Ints, right: Ints) -> tuple[Levels, Floats]:
        """Levels of SPECS' names; `swapped` is seen later, over two fields."""
        found = self._aligned(one, other, left, right)
        matched = found.same + found.alike
        levels = np.ones(len(left), dtype=np.uint8)
        levels[found.near > 0] = 2
        levels[matched > 0] = 3
        whole = matched + found.near >= found.fewer
        levels[whole & (matched > 0)] = 5
        levels[(found.fewer == 1) & (found.more > 1) & (found.same == 0) & (matched > 0)] = 3
        levels[(found.same >= found.fewer)] = 6
        levels[(found.same == found.more)] = 7
        low = np.flatnonzero((levels < 5) & (found.fewer != found.more) & (found.fewer > 0))
        if len(low):
            joined = self._written_together(one, other, left[low], right[low])
            levels[low[joined]] = 5
            found.told[low[joined]] = self._most[one]
        levels[found.fewer == 0] = MISSING
        return levels, found.told

    def _written_together(self, one: str, other: str, left: Ints, right: Ints) -> NDArray[np.bool_]:
        """Nur Azizah and Nurazizah."""
        ours, theirs = self._joined[one][left], self._joined[other][right]
        similar = process.cpdist(ours, theirs, scorer=JaroWinkler.normalized_similarity, score_cutoff=0.95, workers=2)
        return np.asarray(similar >= 0.95)

    def _see_swapped(self, levels: dict[str, Levels], told: dict[str, Floats], left: Ints, right: Ints) -> None:
        """Given name and surname changed places."""
        low = (levels["given"] > 0) & (levels["surname"] > 0) & (levels["given"] < 4) & (levels["surname"] < 4)
        at = np.flatnonzero(low)
        if not len(at):
            return
        one = self._aligned("given", "surname", left[at], right[at])
        other = self._aligned("surname", "given", left[at], right[at])
        swapped = (one.same + one.alike >= one.fewer) & (other.same + other.alike >= other.fewer)
        swapped &= one.same + other.same > 0
        hit = at[swapped]
        for field, found in (("given", one), ("surname", other)):
            levels[field][hit] = 4
            told[field][hit] = found.told[swapped]

    def _text(self, name: str, left: Ints, right: Ints) -> tuple[Levels, Floats]:
        found = self._aligned(name, name, left, right)
        matched = found.same + found.alike
        levels = np.ones(len(left), dtype=np.uint8)
        levels[found.near > 0] = 2
        levels[matched > 0] = 3
        levels[matched >= found.fewer] = 4
        levels[found.fewer == 0] = MISSING
        return levels, found.told

    # -- codes

    def _equal(self, name: str, left: Ints, right: Ints) -> tuple[Levels, Floats]:
        feature = self.features.codes(name)
        assert feature is not None
        a, b = feature.ids[left], feature.ids[right]
        levels = np.where(a == b, 2, 1).astype(np.uint8)
        levels[(a < 0) | (b < 0)] = MISSING
        return levels, np.zeros(len(left), dtype=np.float32)

    def _sliding(self, name: str, left: Ints, right: Ints) -> tuple[Levels, Floats]:
        """Different, one slip apart, same."""
        feature = self.features.codes(name)
        assert feature is not None
        a, b = feature.ids[left], feature.ids[right]
        levels = np.ones(len(left), dtype=np.uint8)
        known = (a >= 0) & (b >= 0)
        levels[known & (a == b)] = 3
        at = np.flatnonzero(known & (a != b))
        levels[at[_slipped(feature, a[at], b[at])]] = 2
        levels[~known] = MISSING
        return levels, self._code_rarity(name, a, levels == 3)

    def _nik(self, name: str, left: Ints, right: Ints) -> tuple[Levels, Floats]:
        feature = self.features.codes(name)
        assert feature is not None
        a, b = feature.ids[left], feature.ids[right]
        levels = np.full(len(left), 2, dtype=np.uint8)
        known = (a >= 0) & (b >= 0)
        levels[known & (a == b)] = 5
        at = np.flatnonzero(known & (a != b))
        one, other = a[at], b[at]
        levels[at[_slipped(feature, one, other)]] = 4
        head, tail, serial = _parts_of_nik(feature.values)
        levels[at[(levels[at] == 4) & (tail[one] == tail[other])]] = 3
        levels[at[(head[one] == head[other]) & (np.abs(serial[one] - serial[other]) <= NEXT_SERIALS)]] = 1
        levels[~known] = MISSING
        return levels, self._code_rarity(name, a, levels == 5)

    def _email(self, name: str, left: Ints, right: Ints) -> tuple[Levels, Floats]:
        feature = self.features.codes(name)
        assert feature is not None
        a, b = feature.ids[left], feature.ids[right]
        levels = np.ones(len(left), dtype=np.uint8)
        known = (a >= 0) & (b >= 0)
        levels[known & (a == b)] = 3
        at = np.flatnonzero(known & (a != b))
        local = np.array([value.partition("@")[0] for value in feature.values], dtype=object)
        if len(at):
            close = process.cpdist(local[a[at]], local[b[at]], scorer=JaroWinkler.normalized_similarity, workers=2)
            levels[at[close >= 0.9]] = 2
        levels[~known] = MISSING
        return levels, self._code_rarity(name, a, levels >= 2)

    def _code_rarity(self, name: str, ids: Ints, agree: NDArray[np.bool_]) -> Floats:
        told = np.zeros(len(ids), dtype=np.float32)
        told[agree] = self._rarity[name][ids[agree]]
        return told

    # -- birth dates

    def _birth(self, name: str, left: Ints, right: Ints) -> tuple[Levels, Floats]:
        dates = self.features.dates(name)
        assert dates is not None
        return _birth_levels(dates, left, right), np.zeros(len(left), dtype=np.float32)

    # -- addresses

    def _address(self, _: str, left: Ints, right: Ints) -> tuple[Levels, Floats]:
        """The finest part that agrees decides: parts of one address are not evidence twice."""
        levels = np.zeros(len(left), dtype=np.uint8)
        told = np.zeros(len(left), dtype=np.float32)
        for place, level in (("province", 2), ("regency", 3), ("district", 4), ("village", 5), ("postcode", 5)):
            feature = self.features.codes(place)
            if feature is not None:
                self._place(place, level, levels, told, left, right)
        if self.features.words("street") is not None:
            self._street(levels, told, left, right)
        return levels, told

    def _place(self, name: str, level: int, levels: Levels, told: Floats, left: Ints, right: Ints) -> None:
        feature = self.features.codes(name)
        assert feature is not None
        a, b = feature.ids[left], feature.ids[right]
        known = (a >= 0) & (b >= 0)
        agree = known & (a == b)
        at = np.flatnonzero(known & ~agree)
        if name in ("village", "district", "regency") and len(at):
            agree[at[_slipped(feature, a[at], b[at])]] = True
        levels[known & (levels == MISSING)] = 1
        bits = np.zeros(len(left), dtype=np.float32)
        bits[agree] = np.minimum(self._rarity[name][a[agree]], self._rarity[name][b[agree]])
        levels[agree] = np.maximum(levels[agree], level)
        np.maximum(told, bits, out=told)

    def _street(self, levels: Levels, told: Floats, left: Ints, right: Ints) -> None:
        found = self._aligned("street", "street", left, right)
        known = found.fewer > 0
        levels[known & (levels == MISSING)] = 1
        matched = found.same + found.alike
        street = known & (matched * 2 >= found.fewer) & (matched > 0) & (found.told >= 3)
        whole = known & (matched >= found.fewer) & (found.told >= 5)
        house = self.features.codes("house")
        if house is not None:
            a, b = house.ids[left], house.ids[right]
            whole &= (a == b) | (a < 0) | (b < 0)
            found.told[whole & (a >= 0)] += 4
        elsewhere = levels == 1
        for place in ("village", "postcode"):
            feature = self.features.codes(place)
            if feature is not None:
                elsewhere |= (levels < 5) & (feature.ids[left] >= 0) & (feature.ids[right] >= 0)
        street &= whole | ~elsewhere
        whole &= ~elsewhere
        levels[street] = np.maximum(levels[street], 6)
        levels[whole] = 7
        told[street] = np.maximum(told[street], found.told[street])


def _joined(feature: Feature) -> NDArray[np.object_]:
    """Each record's words without spaces."""
    assert isinstance(feature, Words)
    written = {-1: ""} | dict(enumerate(feature.words))
    return np.array(["".join([written[n] for n in row]) for row in feature.ids.tolist()], dtype=object)


def _parts_of_nik(values: list[str]) -> tuple[Ints, Ints, Ints]:
    """Place and birth date (of either sex), birth date and serial, both numbered, and the serial, -9 without one."""
    heads: dict[str, int] = {}
    tails: dict[str, int] = {}
    parts = []
    for value in values:
        tens = value[6:7]
        born = str(int(tens) % 4) if tens.isdecimal() else tens
        head = heads.setdefault(value[:6] + born + value[7:12], len(heads))
        serial = int(value[12:]) if value[12:].isdecimal() else -9
        parts.append((head, tails.setdefault(value[6:], len(tails)), serial))
    found = np.array(parts or [(0, 0, 0)], dtype=np.int32)
    return found[:, 0], found[:, 1], found[:, 2]


Compare = Callable[[Comparer, str, Ints, Ints], tuple[Levels, Floats]]
_COMPARE: dict[str, Compare] = {
    "name": Comparer._name,
    "given": Comparer._name,
    "surname": Comparer._name,
    "mother": Comparer._name,
    "birth": Comparer._birth,
    "sex": Comparer._equal,
    "nik": Comparer._nik,
    "id": Comparer._sliding,
    "phone": Comparer._sliding,
    "email": Comparer._email,
    "address": Comparer._address,
    "text": Comparer._text,
}


def _fields(features: Features) -> tuple[Field, ...]:
    """The fields that a list allows to compare: given name and surname where it has them apart, else whole names."""
    there = features.by_name
    fields = []
    if "given" in there:
        fields += [Field("given", "given"), Field("surname", "surname")]
    elif "name" in there:
        fields.append(Field("name", "name"))
    for name in ("mother", "birth", "sex", "nik", "email"):
        if name in there:
            fields.append(Field(name, name))
    fields += [Field(name, "id") for name in there if name == "passport" or name.startswith("id:")]
    fields += [Field(name, "phone") for name in there if name == "phone" or name.startswith("phone:")]
    if any(part in there for part in ("street", "village", "district", "regency", "province", "postcode")):
        fields.append(Field("address", "address"))
    fields += [Field(name, "text") for name in there if name.startswith("text:")]
    return tuple(fields)


def _slipped(feature: Codes, a: Ints, b: Ints) -> NDArray[np.bool_]:
    """Which different values are one slip apart: a character wrong, missing, too many, or two exchanged."""
    if not len(a):
        return np.zeros(0, dtype=np.bool_)
    values = np.array(feature.values, dtype=object)
    code = a.astype(np.int64) * len(values) + b
    _, first, back = np.unique(code, return_index=True, return_inverse=True)
    apart = process.cpdist(
        values[a[first]],
        values[b[first]],
        scorer=DamerauLevenshtein.distance,
        score_cutoff=1,
        dtype=np.int32,
        workers=2,
    )
    long = np.array([len(values[n]) for n in a[first]]) >= 4
    return np.asarray((apart == 1) & long)[back]


def _birth_levels(dates: Dates, left: Ints, right: Ints) -> Levels:
    ya, yb = dates.year[left], dates.year[right]
    ma, mb, da, db = dates.month[left], dates.month[right], dates.day[left], dates.day[right]
    apart = np.abs(ya - yb)
    year, month, day = ya == yb, ma == mb, da == db
    levels = np.full(len(left), 2, dtype=np.uint8)
    levels[(apart >= GENERATION)] = 1
    coarse = dates.coarse[left] | dates.coarse[right]
    whole = ~coarse
    parts = year.astype(np.int8) + month + day
    levels[whole & (parts == 2)] = 4
    levels[coarse & (apart <= 1)] = 3
    swapped = whole & year & (ma == db) & (da == mb)
    near_year = whole & month & day & (apart <= 1)
    decade = whole & month & day & (apart % 10 == 0) & (apart < 100)
    century = whole & month & day & (apart == 100)
    shifted = whole & year & month & (_digits_off(da, db) == 1)
    month_slip = whole & year & day & (_digits_off(ma, mb) == 1)
    year_turned = (
        whole & month & day & (ya // 100 == yb // 100) & (ya % 10 == yb // 10 % 10) & (yb % 10 == ya // 10 % 10)
    )
    levels[swapped | near_year | decade | century | shifted | month_slip | year_turned] = 5
    levels[whole & (parts == 3)] = 6
    both = coarse & year & (ma > 0) & (mb > 0) & (da == 0) & (db == 0)
    levels[both & ~month] = 2
    levels[both & month] = 4
    levels[(ya == 0) | (yb == 0)] = MISSING
    return levels


def _digits_off(one: Ints, other: Ints) -> Ints:
    return np.asarray((one // 10 != other // 10).astype(np.int32) + (one % 10 != other % 10), dtype=np.int32)
