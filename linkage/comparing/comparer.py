"""All fields of a list, compared."""

from linkage.comparing import address_levels, birth_date_levels, identifier_levels
from linkage.comparing.fields import Field
from linkage.comparing.level_arrays import MISSING, Compare, Compared, Floats, Frequencies, Levels
from linkage.comparing.name_levels import Wordings
from linkage.comparing.rarity import Rarities
from linkage.features import Features, Ints


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
            return address_levels.homes(self.features, self._rarities, self._wordings)
        if field.kind == "birth":
            dates = self.features.dates(name)
            assert dates is not None
            return birth_date_levels.births(dates)
        codes = self.features.codes(name)
        assert codes is not None
        if field.kind == "sex":
            return identifier_levels.equal(codes)
        if field.kind == "nik":
            return identifier_levels.niks(codes, self.features.codes("sex"), rarity[name])
        return (identifier_levels.emails if field.kind == "email" else identifier_levels.slipping)(codes, rarity[name])


def _count_birth_once(levels: dict[str, Levels]) -> None:
    """An NIK repeats the birth date: where that is written otherwise, a slip of the number is the date's."""
    born_otherwise = (levels["birth"] != MISSING) & (levels["birth"] != birth_date_levels.SAME)
    levels["nik"][(levels["nik"] == identifier_levels.NIK_SLIP) & born_otherwise] = identifier_levels.PLACE_SLIP


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
    if any(part in there for part in ("street", *address_levels.PLACES)):
        fields.append(Field("address", "address"))
    fields += [Field(name, "text") for name in there if name.startswith("text:")]
    return tuple(fields)
