"""Which content of a fact is refused or warned about, whatever the state it meets."""

from collections.abc import Iterator
from datetime import date
from typing import assert_never

from contracts.codes import current_region, destinations, regions
from contracts.model import date_precision, first_day, known_date
from contracts.nik import NikFindings, check
from contracts.outcomes import Problem, Refused, problem
from contracts.registry import (
    ConfirmIdentity,
    ContentWarning,
    Fact,
    Identifiers,
    PersonDetails,
    RecordDeparture,
    RecordPlacement,
    RegisterPerson,
    may_be_adult,
)


def check_content(body: Fact, personal: Identifiers | None) -> tuple[ContentWarning, ...]:
    """The warnings of a record; raises Refused with every reason at once. Pointers name the partner's schema."""
    findings = NikFindings()
    match body:
        case RegisterPerson():
            if not isinstance(personal, PersonDetails):
                raise Refused("missing_value", "/person")
            findings, problems = _nik(personal), _registration(body, personal)
        case RecordPlacement():
            problems = _placement(body, personal)
        case ConfirmIdentity():
            problems = _reference(body.person, personal)
        case RecordDeparture():
            problems = _reference(body.person, personal, body.destination)
        case _:
            assert_never(body)
    all_problems = (*_malformed(findings), *problems)
    if all_problems:
        raise Refused.because(all_problems)
    return findings.warnings


def _nik(details: PersonDetails) -> NikFindings:
    if details.nik is None:
        return NikFindings()
    birth = known_date(details.birth_date, details.birth_date_precision)
    try:
        born = first_day(birth)
    except ValueError:
        return check(details.nik, birth_date=None, sex=details.sex)
    return check(details.nik, birth_date=born, sex=details.sex, precision=date_precision(birth) or "day")


def _registration(body: RegisterPerson, details: PersonDetails) -> Iterator[Problem]:
    try:
        born = first_day(known_date(details.birth_date, details.birth_date_precision))
    except ValueError:
        yield problem("invalid_value", "/person/birth_date")
    else:
        if not may_be_adult(born, body.occurred):
            yield problem("under_age", "/person/birth_date")
    if body.home_regency and current_region(body.home_regency) not in regions():
        yield problem("unknown_code", "/person/home_regency")
    if body.episode.destination not in destinations():
        yield problem("unknown_code", "/episode/destination")


def _placement(body: RecordPlacement, personal: Identifiers | None) -> Iterator[Problem]:
    yield from _reference(body.person, personal, body.destination)
    for name in ("contract_start", "contract_end"):
        if not _is_civil_date(getattr(body, name)):
            yield problem("invalid_value", f"/{name}")
    if body.contract_start and body.contract_end and body.contract_end < body.contract_start:
        yield problem("invalid_value", "/contract_end")


def _reference(person: str | None, personal: Identifiers | None, destination: str | None = None) -> Iterator[Problem]:
    nik = personal.nik if personal else None
    if nik is not None:
        yield from _malformed(check(nik, birth_date=None, sex=None))
    if not (person or nik or (personal and personal.passport)):
        yield problem("identifier_missing", "/person")
    if destination and destination not in destinations():
        yield problem("unknown_code", "/destination")


def _malformed(findings: NikFindings) -> Iterator[Problem]:
    if findings.flaws:
        yield problem("nik_malformed", "/person/nik")


def _is_civil_date(text: str | None) -> bool:
    if text is None:
        return True
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
