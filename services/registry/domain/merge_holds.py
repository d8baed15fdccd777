"""What keeps a pair from being merged by rule, however alike the two are."""

from collections.abc import Mapping

from contracts.model import date_precision, first_day
from contracts.nik import Sex, check
from contracts.registry import Hold
from services.registry.domain.birth_dates import known_birth, may_be_child
from services.registry.domain.merging import fits
from services.registry.domain.person import Person

_CONTRADICTIONS = frozenset({"nik_birth_date_mismatch", "nik_sex_mismatch"})


def hold_of(first: Person, second: Person) -> Hold | None:
    """Why these two are left to a steward; None when the rule may merge them.

    Nothing in the registry is sealed: what concerns survivors lies with the service that has their cases.
    """
    if _was_child(first) or _was_child(second):
        return "child"
    ours, theirs = _personal_values(first), _personal_values(second)
    if _differ({_own_nik(values) for values in ours}, {_own_nik(values) for values in theirs}):
        return "nik"
    if _differ({values.get("sex") for values in ours}, {values.get("sex") for values in theirs}):
        return "sex"
    return None if fits(first, second) else "size"


def _personal_values(person: Person) -> list[Mapping[str, str]]:
    """The personal values of each of its origin persons."""
    return [person.personal_of(origin) for origin in sorted({action.origin_person for action in person.actions})]


def _differ(ours: set[str | None], theirs: set[str | None]) -> bool:
    """Whether both sides have a value and none in common."""
    ours, theirs = ours - {None}, theirs - {None}
    return bool(ours and theirs) and ours.isdisjoint(theirs)


def _own_nik(personal: Mapping[str, str]) -> str | None:
    """The NIK, unless it contradicts what its holder states: then it is somebody else's, or wrong."""
    nik, birth = personal.get("nik"), known_birth(personal)
    if nik is None or birth is None:
        return nik
    sex: Sex = "P" if personal["sex"] == "P" else "L"
    findings = check(nik, birth_date=first_day(birth), sex=sex, precision=date_precision(birth) or "day")
    return nik if not findings.flaws and _CONTRADICTIONS.isdisjoint(findings.warnings) else None


def _was_child(person: Person) -> bool:
    """Whether somebody may have been under 18 when first registered, and so also if now."""
    registered = [action.occurred.local.date() for action in person.actions if action.kind == "REGISTRATION"]
    births = [birth for action in person.actions if (birth := known_birth(action.personal))]
    return any(may_be_child(birth, day) for birth in births for day in registered)
