"""The fields that are compared: their comparison levels, and the probabilities assumed before any data is seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["name", "given", "surname", "mother", "birth", "sex", "nik", "id", "phone", "email", "address", "text"]
SharedWith = Literal["nobody", "household", "twin"]
"""Who usually has the same value as a person: nobody, the whole household (twins included), or only a twin."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """What holds for a kind of field. Every tuple has one figure per level, from disagreement upwards.

    `prior_m` is the assumed m probability: EM starts there and is held to it while a list has few matches. `min_u` is
    the smallest u probability that a level may get. `rarity_weight` says how far the rarity of the agreeing value
    counts at a level, from 0 (not at all) to 1 (wholly). `prior_m_household` and `prior_m_twins` are how often a level
    is seen between two members of one household, or two twins, where `shared_with` does not say it already.
    """

    levels: tuple[str, ...]
    prior_m: tuple[float, ...]
    min_u: tuple[float, ...]
    rarity_weight: tuple[float, ...]
    shared_with: SharedWith = "nobody"
    prior_m_household: tuple[float, ...] = ()
    prior_m_twins: tuple[float, ...] = ()


_NAME_LEVELS = ("different", "near", "family word", "some words", "swapped", "alike", "part", "same")
_NAME_MIN_U = (0.2, 1e-4, 1e-4, 1e-4, 1e-6, 1e-6, 1e-6, 1e-6)
_NAME_RARITY = (0.0, 0.0, 0.7, 0.7, 0.7, 0.8, 1.0, 1.0)

SPECS: Mapping[Kind, FieldSpec] = {
    "name": FieldSpec(
        levels=_NAME_LEVELS,
        prior_m=(0.006, 0.01, 0.004, 0.03, 0.005, 0.165, 0.15, 0.63),
        min_u=_NAME_MIN_U,
        rarity_weight=_NAME_RARITY,
        prior_m_household=(0.5, 0.07, 0.3, 0.09, 0.001, 0.02, 0.009, 0.01),
        prior_m_twins=(0.31, 0.1, 0.26, 0.109, 0.001, 0.2, 0.019, 0.001),
    ),
    "given": FieldSpec(
        levels=_NAME_LEVELS,
        prior_m=(0.008, 0.017, 0.005, 0.03, 0.02, 0.12, 0.08, 0.72),
        min_u=_NAME_MIN_U,
        rarity_weight=_NAME_RARITY,
        prior_m_household=(0.78, 0.08, 0.05, 0.05, 0.001, 0.015, 0.009, 0.015),
        prior_m_twins=(0.78, 0.04, 0.03, 0.05, 0.001, 0.08, 0.018, 0.001),
    ),
    "surname": FieldSpec(
        levels=_NAME_LEVELS,
        prior_m=(0.05, 0.02, 0.01, 0.01, 0.02, 0.11, 0.06, 0.72),
        min_u=_NAME_MIN_U,
        rarity_weight=_NAME_RARITY,
        shared_with="household",
    ),
    "mother": FieldSpec(
        levels=_NAME_LEVELS,
        prior_m=(0.03, 0.02, 0.02, 0.03, 0.005, 0.145, 0.15, 0.6),
        min_u=_NAME_MIN_U,
        rarity_weight=_NAME_RARITY,
        shared_with="household",
    ),
    "birth": FieldSpec(
        levels=("far apart", "different", "near year", "year", "two parts", "slip", "same"),
        prior_m=(0.002, 0.008, 0.015, 0.035, 0.05, 0.09, 0.8),
        min_u=(0.05, 0.05, 1e-3, 1e-3, 1e-4, 2e-5, 2e-5),
        rarity_weight=(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        shared_with="twin",
    ),
    "sex": FieldSpec(
        levels=("different", "same"), prior_m=(0.015, 0.985), min_u=(0.05, 0.3), rarity_weight=(0.0, 0.0)
    ),
    "nik": FieldSpec(
        levels=("next serial", "different", "place slip", "slip", "same"),
        prior_m=(0.004, 0.046, 0.02, 0.05, 0.88),
        min_u=(1e-6, 0.5, 0.02, 1e-7, 1e-9),
        rarity_weight=(0.0, 0.0, 0.0, 0.0, 1.0),
        prior_m_twins=(0.75, 0.15, 0.02, 0.06, 0.02),
    ),
    "id": FieldSpec(
        levels=("different", "slip", "same"),
        prior_m=(0.1, 0.05, 0.85),
        min_u=(0.5, 1e-7, 1e-8),
        rarity_weight=(0.0, 0.0, 1.0),
    ),
    "phone": FieldSpec(
        levels=("different", "slip", "same"),
        prior_m=(0.3, 0.03, 0.67),
        min_u=(0.5, 1e-6, 1e-7),
        rarity_weight=(0.0, 0.0, 1.0),
        shared_with="household",
    ),
    "email": FieldSpec(
        levels=("different", "near", "same"),
        prior_m=(0.25, 0.1, 0.65),
        min_u=(0.5, 1e-6, 1e-7),
        rarity_weight=(0.0, 0.3, 1.0),
    ),
    "address": FieldSpec(
        levels=(
            "different", "same province", "same regency", "same district", "same village", "same street", "same house",
        ),
        prior_m=(0.1, 0.02, 0.05, 0.05, 0.13, 0.15, 0.5),
        min_u=(0.02, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7),
        rarity_weight=(0.0, 0.5, 0.8, 0.8, 0.9, 0.9, 1.0),
        shared_with="household",
    ),
    "text": FieldSpec(
        levels=("different", "near", "some words", "same"),
        prior_m=(0.25, 0.05, 0.1, 0.6),
        min_u=(0.05, 1e-4, 1e-4, 1e-4),
        rarity_weight=(0.0, 0.0, 0.5, 0.8),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a list; `name` is what explanations show and what its feature is called."""

    name: str
    kind: Kind

    @property
    def spec(self) -> FieldSpec:
        return SPECS[self.kind]
