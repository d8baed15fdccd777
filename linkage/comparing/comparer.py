"""All fields of a list, compared."""

from linkage.comparing import address_levels, birth_date_levels, identifier_levels
from linkage.comparing.fields import Field
from linkage.comparing.level_arrays import MISSING, Compare, Comparisons, Floats, Frequencies, Levels
from linkage.comparing.name_levels import WordComparer
from linkage.comparing.rarity import Rarity
from linkage.features import Codes, Features, Ints


class Comparer:
    """Compares records of one set of features. `frequencies` of a model replace those counted in these features."""

    def __init__(self, features: Features, frequencies: Frequencies | None = None) -> None:
        self.features = features
        self.fields = _fields(features)
        self._rarity = Rarity(features, frequencies or {})
        self._words = WordComparer(features, self._rarity)
        self._compare = {field.name: self._comparison(field) for field in self.fields}

    def compare(self, left: Ints, right: Ints) -> Comparisons:
        """Levels and rarities of the pairs of records (left[i], right[i])."""
        levels: dict[str, Levels] = {}
        rarity: dict[str, Floats] = {}
        for name, compare in self._compare.items():
            levels[name], rarity[name] = compare(left, right)
        if "given" in levels:
            self._words.find_swapped_names(levels, rarity, left, right)
        if "nik" in levels and "birth" in levels:
            _count_birth_date_once(levels)
        return Comparisons(levels, rarity)

    def _comparison(self, field: Field) -> Compare:
        name = field.name
        match field.kind:
            case "name" | "given" | "surname" | "mother":
                return self._words.names(name)
            case "text":
                return self._words.texts(name)
            case "address":
                return address_levels.addresses(self.features, self._rarity, self._words)
            case "birth":
                dates = self.features.dates(name)
                assert dates is not None
                return birth_date_levels.birth_dates(dates)
            case "sex":
                return identifier_levels.equality(self._codes(name))
            case "nik":
                bits = self._rarity.bits[name]
                return identifier_levels.niks(self._codes(name), self.features.codes("sex"), bits)
            case "email":
                return identifier_levels.emails(self._codes(name), self._rarity.bits[name])
            case "id" | "phone":
                return identifier_levels.numbers(self._codes(name), self._rarity.bits[name])

    def _codes(self, name: str) -> Codes:
        codes = self.features.codes(name)
        assert codes is not None
        return codes


def _count_birth_date_once(levels: dict[str, Levels]) -> None:
    """An NIK repeats the birth date: where the birth dates differ, a slip of the NIK is the same slip."""
    birth_dates_differ = (levels["birth"] != MISSING) & (levels["birth"] != birth_date_levels.SAME)
    repeated = (levels["nik"] == identifier_levels.NIK_SLIP) & birth_dates_differ
    levels["nik"][repeated] = identifier_levels.PLACE_SLIP


def _fields(features: Features) -> tuple[Field, ...]:
    """The fields that a list allows to compare: given name and surname where it has them apart, else whole names."""
    present = features.by_name
    fields = []
    if "given" in present:
        fields += [Field("given", "given"), Field("surname", "surname")]
    elif "name" in present:
        fields.append(Field("name", "name"))
    for kind in ("mother", "birth", "sex", "nik", "email"):
        if kind in present:
            fields.append(Field(kind, kind))
    fields += [Field(name, "id") for name in present if name == "passport" or name.startswith("id:")]
    fields += [Field(name, "phone") for name in present if name == "phone" or name.startswith("phone:")]
    if any(part in present for part in ("street", *address_levels.PLACES)):
        fields.append(Field("address", "address"))
    fields += [Field(name, "text") for name in present if name.startswith("text:")]
    return tuple(fields)
