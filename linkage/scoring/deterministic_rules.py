"""Deterministic rules: shared identifiers that decide by themselves, each with its own check."""

import numpy as np
from numpy.typing import NDArray

from linkage.comparing import MISSING, Compared, Comparer, Levels, birth_date_levels, name_levels
from linkage.comparing.fields import Field
from linkage.model import Model

Rule = NDArray[np.uint8]

NO_RULE, NIK, PASSPORT, ISSUER_ID, SHARED = range(5)
RULES = (
    "",
    "same NIK and birth date",
    "same passport, name and birth date agree",
    "same number of one issuer, name and birth date agree",
    "an identifier is shared, but sex and birth date differ",
)
"""What a pair's rule number means. The last is a warning and never a match (domain.md, section 12)."""

_NEARLY = 1.0
"""Bits by which a number may be more frequent than one that stands once, and still be the person's own."""


def decided(comparer: Comparer, compared: Compared, model: Model) -> Rule:
    """The rule that decides each pair, 0 where none does."""
    levels = compared.levels
    count = len(next(iter(levels.values()), np.zeros(0)))
    rule = np.zeros(count, dtype=np.uint8)
    nothing = np.zeros(count, dtype=np.uint8)
    birth, sex = levels.get("birth", nothing), levels.get("sex", nothing)
    name = levels.get("given", levels.get("name", nothing))
    agree = (
        _agree(birth, birth_date_levels.TWO_PARTS)
        & _agree(name, name_levels.SOME)
        & ((birth != MISSING) | (name != MISSING))
    )
    clash = (sex == 1) & ((birth == birth_date_levels.FAR) | (birth == birth_date_levels.DIFFERENT))
    own = {field.name for field in model.fields if field.bond == "self"}
    for field in comparer.fields:
        if field.kind == "id" and field.name in own and field.name != "passport":
            same = _same(field, levels) & (compared.told[field.name] >= _told_by_one(comparer))
            rule[same & agree] = ISSUER_ID
            rule[same & clash] = SHARED
    for field in comparer.fields:
        if field.name == "passport":
            rule[_same(field, levels) & agree] = PASSPORT
            rule[_same(field, levels) & clash] = SHARED
        elif field.name == "nik":
            rule[_same(field, levels) & (birth == birth_date_levels.SAME) & (sex != 1)] = NIK
            rule[_same(field, levels) & clash] = SHARED
    return rule


def _same(field: Field, levels: dict[str, Levels]) -> NDArray[np.bool_]:
    return np.asarray(levels[field.name] == len(field.spec.levels))


def _agree(levels: Levels, least: int) -> NDArray[np.bool_]:
    return np.asarray((levels == MISSING) | (levels >= least))


def _told_by_one(comparer: Comparer) -> float:
    """The rarity of a number that one person has, written by four institutions at most."""
    return float(np.log2(max(2, comparer.features.size)) - 2 - _NEARLY)
