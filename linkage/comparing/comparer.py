"""All fields of a list, compared."""

from linkage.comparing import births, homes, numbers
from linkage.comparing.levels import MISSING, Compare, Compared, Floats, Frequencies, Levels
from linkage.comparing.rarities import Rarities
from linkage.comparing.wordings import Wordings
from linkage.features import Features, Ints
from linkage.fields import Field


class Comparer:
    """Compares records of one set of features. `frequencies` known from elsewhere stand in for what is counted here."""

    def __init__(self, features: Features, frequencies: Frequencies | None = None) -> None:
        self.features = features
        self.fields = _fields(features)
        self._rarities = Rarities(features, frequencies or {})
        self._wordings = Wordings(features, self._rarities)
        self._compare = {field.name: self._comparing(field) for field in self.fields}

    def compare(self, left: Ints, right: Ints) -> Compared:
        """Levels and rarities of the pairs (left[i], right[i])."""
        levels: dict[str, Levels] = {}
        told: dict[str, Floats] = {}
        for name, compare in self._compare.items():
            levels[name], told[name] = compare(left, right)
        if "given" in levels:
            self._wordings.see_swapped(levels, told, left, right)
        if "nik" in levels and "birth" in levels:
            _count_birth_once(levels)
        return Compared(levels, told)

    def _comparing(self, field: Field) -> Compare:
        name, rarity = field.name, self._rarities.of
        if field.kind in ("name", "given", "surname", "mother"):
            return self._wordings.names(name)
        if field.kind == "text":
            return self._wordings.texts(name)
        if field.kind == "address":
            return homes.homes(self.features, self._rarities, self._wordings)
        if field.kind == "birth":
            dates = self.features.dates(name)
            assert dates is not None
            return births.births(dates)
        codes = self.features.codes(name)
        assert codes is not None
        if field.kind == "sex":
            return numbers.equal(codes)
        if field.kind == "nik":
            return numbers.niks(codes, self.features.codes("sex"), rarity[name])
        return (numbers.emails if field.kind == "email" else numbers.slipping)(codes, rarity[name])


def _count_birth_once(levels: dict[str, Levels]) -> None:
    """An NIK repeats the birth date: where that is written otherwise, a slip of the number is the date's."""
    born_otherwise = (levels["birth"] != MISSING) & (levels["birth"] != births.SAME)
    levels["nik"][(levels["nik"] == numbers.NIK_SLIP) & born_otherwise] = numbers.PLACE_SLIP


def _fields(features: Features) -> tuple[Field, ...]:
    """The fields that a list allows to compare: given name and surname where it has them apart, else whole names."""
    there = features.by_name
    fields = []
    if "given" in there:
        fields += [Field("given", "given"), Field("surname", "surname")]
    elif "name" in there:
        fields.append(Field("name", "name"))
    for kind in ("mother", "birth", "sex", "nik", "email"):
        if kind in there:
            fields.append(Field(kind, kind))
    fields += [Field(name, "id") for name in there if name == "passport" or name.startswith("id:")]
    fields += [Field(name, "phone") for name in there if name == "phone" or name.startswith("phone:")]
    if any(part in there for part in ("street", *homes.PLACES)):
        fields.append(Field("address", "address"))
    fields += [Field(name, "text") for name in there if name.startswith("text:")]
    return tuple(fields)
