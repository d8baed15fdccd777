"""Fields that are compared: their levels from disagreement upwards, and what is believed of them before any data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["name", "given", "surname", "mother", "birth", "sex", "nik", "id", "phone", "email", "address", "text"]
Bond = Literal["self", "family", "twin"]
"""With whom a person shares the value as a rule: nobody, the household, a twin as well."""


@dataclass(frozen=True, slots=True)
class Spec:
    """What holds for a kind of field.

    `believed` is how often each level is seen between two records of one person: where EM starts, and what it is held
    to while a list says little. `least` is the smallest probability by chance that a level may be given. `damped` tells
    how far the rarity of the agreeing value counts at a level: not at all (0) or wholly (1). `kin` is how often each
    level is seen between two members of a household who are not the same person, where that is not chance.
    """

    levels: tuple[str, ...]
    believed: tuple[float, ...]
    least: tuple[float, ...]
    damped: tuple[float, ...]
    bond: Bond = "self"
    kin: tuple[float, ...] | None = None
    twin: tuple[float, ...] | None = None


_NAME_LEVELS = ("different", "near", "family word", "some words", "swapped", "alike", "part", "same")
_NAME_LEAST = (0.2, 1e-4, 1e-4, 1e-4, 1e-6, 1e-6, 1e-6, 1e-6)
_NAME_DAMPED = (0.0, 0.0, 0.7, 0.7, 0.7, 0.8, 1.0, 1.0)
_SIBLINGS = (0.5, 0.07, 0.3, 0.09, 0.001, 0.02, 0.009, 0.01)
_TWINS = (0.31, 0.1, 0.26, 0.109, 0.001, 0.2, 0.019, 0.001)

SPECS: Mapping[Kind, Spec] = {
    "name": Spec(
        _NAME_LEVELS,
        (0.006, 0.01, 0.004, 0.03, 0.005, 0.165, 0.15, 0.63),
        _NAME_LEAST,
        _NAME_DAMPED,
        kin=_SIBLINGS,
        twin=_TWINS,
    ),
    "given": Spec(
        _NAME_LEVELS,
        (0.008, 0.017, 0.005, 0.03, 0.02, 0.12, 0.08, 0.72),
        _NAME_LEAST,
        _NAME_DAMPED,
        kin=(0.78, 0.08, 0.05, 0.05, 0.001, 0.015, 0.009, 0.015),
        twin=(0.78, 0.04, 0.03, 0.05, 0.001, 0.08, 0.018, 0.001),
    ),
    "surname": Spec(
        _NAME_LEVELS, (0.05, 0.02, 0.01, 0.01, 0.02, 0.11, 0.06, 0.72), _NAME_LEAST, _NAME_DAMPED, "family"
    ),
    "mother": Spec(
        _NAME_LEVELS, (0.03, 0.02, 0.02, 0.03, 0.005, 0.145, 0.15, 0.6), _NAME_LEAST, _NAME_DAMPED, "family"
    ),
    "birth": Spec(
        ("far apart", "different", "near year", "year", "two parts", "slip", "same"),
        (0.002, 0.008, 0.015, 0.035, 0.05, 0.09, 0.8),
        (0.05, 0.05, 1e-3, 1e-3, 1e-4, 2e-5, 2e-5),
        (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        "twin",
    ),
    "sex": Spec(("different", "same"), (0.015, 0.985), (0.05, 0.3), (0.0, 0.0)),
    "nik": Spec(
        ("next serial", "different", "place slip", "slip", "same"),
        (0.004, 0.046, 0.02, 0.05, 0.88),
        (1e-6, 0.5, 0.02, 1e-7, 1e-9),
        (0.0, 0.0, 0.0, 0.0, 1.0),
        twin=(0.75, 0.15, 0.02, 0.06, 0.02),
    ),
    "id": Spec(("different", "slip", "same"), (0.1, 0.05, 0.85), (0.5, 1e-7, 1e-8), (0.0, 0.0, 1.0)),
    "phone": Spec(("different", "slip", "same"), (0.3, 0.03, 0.67), (0.5, 1e-6, 1e-7), (0.0, 0.0, 1.0), "family"),
    "email": Spec(("different", "near", "same"), (0.25, 0.1, 0.65), (0.5, 1e-6, 1e-7), (0.0, 0.3, 1.0)),
    "address": Spec(
        ("different", "same province", "same regency", "same district", "same village", "same street", "same house"),
        (0.1, 0.02, 0.05, 0.05, 0.13, 0.15, 0.5),
        (0.02, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7),
        (0.0, 0.5, 0.8, 0.8, 0.9, 0.9, 1.0),
        "family",
    ),
    "text": Spec(
        ("different", "near", "some words", "same"),
        (0.25, 0.05, 0.1, 0.6),
        (0.05, 1e-4, 1e-4, 1e-4),
        (0.0, 0.0, 0.5, 0.8),
    ),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a list: `name` as explanations show it and features are called."""

    name: str
    kind: Kind

    @property
    def spec(self) -> Spec:
        """What holds for its kind."""
        return SPECS[self.kind]
