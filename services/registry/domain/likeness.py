"""Likeness: what of a person is compared with others, and what keeps a likely pair from being merged by rule."""

from collections.abc import Mapping
from typing import TypeAlias

from contracts.model import date_precision, first_day
from contracts.nik import Sex, check, home_region
from contracts.registry import Hold
from linkage.people import Role
from services.registry.domain.birth_dates import known_birth, may_be_child
from services.registry.domain.merging import fits
from services.registry.domain.person import Person

Traits: TypeAlias = Mapping[Role, str]
"""Values by the role in which they are compared; what is not known is absent."""

_ROLES: Mapping[str, Role] = {
    "full_name": "full_name",
    "sex": "sex",
    "phone": "phone",
    "address": "street",
    "mother_name": "mother_name",
    "nik": "nik",
    "passport": "passport",
}
_CONTRADICTIONS = frozenset({"nik_birth_date_mismatch", "nik_sex_mismatch"})


def traits_of(personal: Mapping[str, str], home_regency: str | None) -> Traits:
    """What a record, or an origin person by all its facts, says of who it is. Nobody is compared without a name."""
    if "full_name" not in personal:
        return {}
    found: dict[Role, str] = {role: personal[name] for name, role in _ROLES.items() if name in personal}
    if known := known_birth(personal):
        found["birth_date"] = known
    if regency := home_regency or home_region(personal.get("nik", "")):
        found["regency"] = regency
    return found


def origin_traits(person: Person, origin: str) -> Traits:
    """What one origin person of a person says of who it is."""
    state = person.state_of(origin)
    return traits_of(state.personal, state.facets.home_regency)


def hold_of(one: Person, other: Person) -> Hold | None:
    """Why these two are left to a steward however alike they are; None when the rule may merge them.

    Nothing in the registry is sealed: what concerns survivors lies with the service that has their cases.
    """
    if _may_be_child(one) or _may_be_child(other):
        return "child"
    ours, theirs = _said(one), _said(other)
    if _differ({_own_nik(said) for said in ours}, {_own_nik(said) for said in theirs}):
        return "nik"
    if _differ({said.get("sex") for said in ours}, {said.get("sex") for said in theirs}):
        return "sex"
    return None if fits(one, other) else "size"


def _said(person: Person) -> list[Mapping[str, str]]:
    """The personal values of each of its origin persons."""
    return [person.personal_of(origin) for origin in sorted({action.origin_person for action in person.actions})]


def _differ(ours: set[str | None], theirs: set[str | None]) -> bool:
    """Whether both sides have a value and none in common."""
    known, known_there = ours - {None}, theirs - {None}
    return bool(known and known_there) and known.isdisjoint(known_there)


def _own_nik(personal: Mapping[str, str]) -> str | None:
    """The NIK, unless it contradicts what is said of its holder: then it is somebody else's, or wrong."""
    nik, known = personal.get("nik"), known_birth(personal)
    if nik is None or known is None:
        return nik
    sex: Sex = "P" if personal["sex"] == "P" else "L"
    found = check(nik, birth_date=first_day(known), sex=sex, precision=date_precision(known) or "day")
    return nik if not found.flaws and _CONTRADICTIONS.isdisjoint(found.warnings) else None


def _may_be_child(person: Person) -> bool:
    """Whether somebody may have been under 18 when first registered, and so also if now."""
    registered = [action.occurred.local.date() for action in person.actions if action.kind == "REGISTRATION"]
    births = [known for action in person.actions if (known := known_birth(action.personal))]
    return any(may_be_child(known, day) for known in births for day in registered)
