"""Deterministic rules: shared identifiers that decide a pair without its weight, each with a check of its own."""

import numpy as np
from numpy.typing import NDArray

from linkage.comparing import MISSING, Comparer, Comparisons, Levels, birth_date_levels, name_levels
from linkage.comparing.fields import Field
from linkage.comparing.level_arrays import Bools
from linkage.model import Model

Rules = NDArray[np.uint8]
"""Per pair an index of RULES."""

NO_RULE, SAME_NIK, SAME_PASSPORT, SAME_ISSUER_NUMBER, SHARED_IDENTIFIER = range(5)
RULES = (
    "",
    "same NIK and birth date",
    "same passport, name and birth date agree",
    "same number of one issuer, name and birth date agree",
    "an identifier is shared, but sex and birth date differ",
)
"""What each rule says. All but the last are matches; the last is a warning and never a match (domain.md, section
12)."""

_RECORDS_OF_ONE_PERSON = 4
"""How many records of one person may have the same number, ..."""

_TOLERANCE_BITS = 1.0
"""... and by how many bits a number may still be more common than that, for it to identify one person."""

_OTHER_SEX = 1


def apply_rules(comparer: Comparer, comparisons: Comparisons, model: Model) -> Rules:
    """The rule that decides each pair, NO_RULE where none does. A rule on an NIK goes before one on a passport, this
    before one on another number."""
    levels = comparisons.levels
    rules = np.zeros(len(comparisons), dtype=np.uint8)
    missing = np.zeros(len(comparisons), dtype=np.uint8)
    birth, sex = levels.get("birth", missing), levels.get("sex", missing)
    name = levels.get("given", levels.get("name", missing))
    agree = _agrees(birth, birth_date_levels.TWO_PARTS) & _agrees(name, name_levels.SOME)
    agree &= (birth != MISSING) | (name != MISSING)
    contradict = (sex == _OTHER_SEX) & ((birth == birth_date_levels.FAR) | (birth == birth_date_levels.DIFFERENT))
    personal = {field.name for field in model.fields if field.shared_with == "nobody"}
    for field in comparer.fields:
        if field.kind == "id" and field.name in personal and field.name != "passport":
            same = _same(field, levels) & (comparisons.rarity[field.name] >= _rarity_of_one_person(comparer))
            rules[same & agree] = SAME_ISSUER_NUMBER
            rules[same & contradict] = SHARED_IDENTIFIER
    for field in comparer.fields:
        if field.name == "passport":
            rules[_same(field, levels) & agree] = SAME_PASSPORT
            rules[_same(field, levels) & contradict] = SHARED_IDENTIFIER
        elif field.name == "nik":
            rules[_same(field, levels) & (birth == birth_date_levels.SAME) & (sex != _OTHER_SEX)] = SAME_NIK
            rules[_same(field, levels) & contradict] = SHARED_IDENTIFIER
    return rules


def _same(field: Field, levels: dict[str, Levels]) -> Bools:
    return np.asarray(levels[field.name] == len(field.spec.levels))


def _agrees(levels: Levels, least: int) -> Bools:
    """Whether a field is at the level `least` or above, or missing."""
    return np.asarray((levels == MISSING) | (levels >= least))


def _rarity_of_one_person(comparer: Comparer) -> float:
    """The rarity in bits of a number that only the records of one person have."""
    size = max(2, comparer.features.size)
    return float(np.log2(size) - np.log2(_RECORDS_OF_ONE_PERSON) - _TOLERANCE_BITS)
