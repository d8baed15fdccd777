"""Translates what a partner submits into the command of the service that settles it. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from chassis.security.keys import UnknownToken
from contracts import codes, exchange, indicators, notifications, registry
from contracts.model import COARSE_FIRST, Model, Moment, date_precision, first_day
from contracts.outcomes import Problem, Refused, problem
from services.gateway.domain.validation import check_clock

Service = Literal["registry", "indicators", "alerts"]
PersonOf = Callable[[str], str]
"""The person id behind a person token of the sender; raises UnknownToken for one that was not issued to it."""

MAX_DIGITS = 12
"""Of a number in an answer: a NIK has 16, and a number may hide one with a point in it."""


@dataclass(frozen=True, slots=True)
class CommandDraft:
    """A command in the making. `personal` travels sealed."""

    service: Service
    body: Model
    personal: Model | None = None
    key: str | None = None
    """Partition key made of ids and codes of the platform's own."""
    identifier: tuple[str, str] | None = None
    """Without such a key: the strongest identifier (system, value), of which only a keyed hash may become the key."""

    survivor: bool = False
    """Of class survivor: who and where stand in the sealed part alone, and no trace leads to the command."""

    @property
    def occurred(self) -> datetime:
        """When it happened (UTC); for a decision of a person, which carries no such time, now."""
        moment = getattr(self.body, "occurred", None)
        return moment.at if isinstance(moment, Moment) else datetime.now(UTC)

    @property
    def type(self) -> str:
        """The ce_type of the command."""
        return str(type(self.body).model_fields["type"].default)


def translate(submission: exchange.Submission, person_of: PersonOf, now: datetime) -> CommandDraft:
    """The command that `submission` asks for. Raises Refused with pointers into the submission."""
    occurred = _moment(submission.occurred_at, now)
    match submission:
        case exchange.RegistrationSubmitted():
            return _registration(submission, occurred)
        case exchange.IdentityConfirmed():
            return _identity(submission, occurred, person_of)
        case exchange.PlacementReported():
            return _placement(submission, occurred, person_of)
        case exchange.DepartureReported():
            return _departure(submission, occurred, person_of)
        case exchange.AnswerSubmitted():
            return _answer(submission, occurred)
        case exchange.AlertReported():
            return _alert(submission, occurred, person_of)


def _moment(text: str, now: datetime) -> Moment:
    try:
        moment = Moment.parse(text)
    except (ValueError, OverflowError):
        raise Refused("invalid_value", "/occurred_at") from None
    check_clock(moment.at, now, "/occurred_at")
    return moment


def _registration(given: exchange.RegistrationSubmitted, occurred: Moment) -> CommandDraft:
    person, plan = given.person, given.episode
    regency = person.home_regency and codes.current_region(person.home_regency)
    _raise_any(
        _birth_date(person)
        + _coded(regency is None or _is_regency(regency), "/person/home_regency")
        + _coded(plan.destination in codes.destinations(), "/episode/destination")
        + _classified(plan, "/episode")
    )
    return CommandDraft(
        "registry",
        registry.RegisterPerson(
            occurred=occurred,
            home_regency=regency,
            episode=registry.Episode(**plan.model_dump()),
        ),
        registry.PersonDetails(
            full_name=person.full_name,
            nik=person.nik,
            passport=person.passport,
            birth_date=person.birth_date,
            birth_date_precision=person.birth_date_precision or date_precision(person.birth_date) or "day",
            sex=person.sex,
            phone=person.phone,
            address=person.address,
            mother_name=person.mother_name,
        ),
        identifier=_strongest(person),
    )


def _identity(given: exchange.IdentityConfirmed, occurred: Moment, person_of: PersonOf) -> CommandDraft:
    person = _person(given.person, person_of)
    return CommandDraft(
        "registry",
        registry.ConfirmIdentity(occurred=occurred, person=person, matched=given.matched),
        None if person else _identifiers(given.person),
        key=person,
        identifier=_strongest(given.person),
    )


def _placement(given: exchange.PlacementReported, occurred: Moment, person_of: PersonOf) -> CommandDraft:
    _raise_any(
        _coded(given.destination in codes.destinations(), "/destination")
        + _classified(given, "")
        + _contract_dates(given)
    )
    person = _person(given.person, person_of)
    details = registry.PlacementDetails(
        nik=None if person else given.person.nik,
        passport=None if person else given.person.passport,
        employer=given.employer,
    )
    return CommandDraft(
        "registry",
        registry.RecordPlacement(
            occurred=occurred,
            person=person,
            destination=given.destination,
            sector=given.sector,
            occupation=given.occupation,
            scheme=given.scheme,
            contract_start=given.contract_start,
            contract_end=given.contract_end,
        ),
        details,
        key=person,
        identifier=_strongest(given.person),
    )


def _departure(given: exchange.DepartureReported, occurred: Moment, person_of: PersonOf) -> CommandDraft:
    _raise_any(_coded(given.destination in codes.destinations(), "/destination"))
    person = _person(given.person, person_of)
    return CommandDraft(
        "registry",
        registry.RecordDeparture(occurred=occurred, person=person, destination=given.destination),
        None if person else _identifiers(given.person),
        key=person,
        identifier=_strongest(given.person),
    )


def _answer(given: exchange.AnswerSubmitted, occurred: Moment) -> CommandDraft:
    _raise_any(_coded(given.indicator in codes.mgi_indicators(), "/indicator"))
    _raise_any(_answer_value(codes.mgi_indicators()[given.indicator].kind, given.value))
    details = indicators.AnswerDetails(
        text=given.text,
        explanation=given.explanation,
        evidence=tuple(indicators.Evidence(**piece.model_dump()) for piece in given.evidence),
    )
    return CommandDraft(
        "indicators",
        indicators.SubmitAnswer(occurred=occurred, round=given.round, indicator=given.indicator, value=given.value),
        details,
        key=f"{given.round}/{given.indicator}",
    )


def _answer_value(kind: str, value: indicators.AnswerValue | None) -> list[Problem]:
    """A value goes on in clear: only one that answers the question does, and never so many digits as a NIK has."""
    match kind:
        case "yes_no":
            fits = value in ("yes", "no")
        case "scale":
            fits = value in (0, 0.5, 1)
        case "number":
            fits = isinstance(value, float)
        case _:
            fits = value is None
    if not fits:
        return [problem("value_kind", "/value")]
    digits = sum(map(str.isdigit, repr(value).removesuffix(".0"))) if isinstance(value, float) else 0
    return [problem("invalid_value", "/value")] if digits > MAX_DIGITS else []


def _alert(given: exchange.AlertReported, occurred: Moment, person_of: PersonOf) -> CommandDraft:
    region = given.region and codes.current_region(given.region)
    _raise_any(
        _coded(given.alert_type in codes.alert_types(), "/alert_type")
        + _coded(given.country in {None, "ID"} | codes.destinations(), "/country")
        + _coded(region is None or region in codes.regions(), "/region")
    )
    person = _person(given.person, person_of) if given.person else None
    about = given.person if given.person and not person else exchange.PersonReference()
    survivor = codes.alert_types()[given.alert_type].privacy_class == "survivor"
    return CommandDraft(
        "alerts",
        notifications.RaiseAlert(
            occurred=occurred,
            alert_type=given.alert_type,
            person=None if survivor else person,
            country=given.country,
            region=region[:2] if survivor and region else region,
        ),
        notifications.AlertDetails(
            narrative=given.narrative,
            place=given.place,
            phone=given.phone,
            nik=about.nik,
            passport=about.passport,
            person=person if survivor else None,
            region=region if survivor else None,
        ),
        survivor=survivor,
    )


def _person(reference: exchange.PersonReference, person_of: PersonOf) -> str | None:
    if reference.id:
        try:
            return person_of(reference.id)
        except UnknownToken:
            raise Refused("person_unknown", "/person/id") from None
    if not (reference.nik or reference.passport):
        raise Refused("identifier_missing", "/person")
    return None


def _identifiers(reference: exchange.PersonReference) -> registry.Identifiers:
    return registry.Identifiers(nik=reference.nik, passport=reference.passport)


def _strongest(given: exchange.Person | exchange.PersonReference) -> tuple[str, str] | None:
    if given.nik:
        return "nik", given.nik
    return ("passport", given.passport) if given.passport else None


def _is_regency(code: str) -> bool:
    region = codes.regions().get(code)
    return region is not None and region.level in ("regency", "city")


def _classified(given: exchange.EpisodePlan | exchange.PlacementReported, parent: str) -> list[Problem]:
    """Sector and occupation in ASCII digits; the classifications themselves are versioned and not checked here."""
    return _coded((given.sector or "").isascii(), f"{parent}/sector") + _coded(
        (given.occupation or "").isascii(), f"{parent}/occupation"
    )


def _birth_date(person: exchange.Person) -> list[Problem]:
    text = person.birth_date
    written = date_precision(text)
    if written is None or not _is_date(text):
        return [problem("invalid_value", "/person/birth_date")]
    stated = person.birth_date_precision or written
    if COARSE_FIRST.index(stated) > COARSE_FIRST.index(written):
        return [problem("invalid_value", "/person/birth_date_precision")]
    return []


def _contract_dates(given: exchange.PlacementReported) -> list[Problem]:
    dates = {"contract_start": given.contract_start, "contract_end": given.contract_end}
    wrong = [name for name, text in dates.items() if text is not None and not _is_date(text)]
    if not wrong and given.contract_start and given.contract_end and given.contract_end < given.contract_start:
        wrong = ["contract_end"]
    return [problem("invalid_value", f"/{name}") for name in wrong]


def _is_date(text: str) -> bool:
    try:
        first_day(text)
    except ValueError:
        return False
    return True


def _coded(known: bool, pointer: str) -> list[Problem]:
    return [] if known else [problem("unknown_code", pointer)]


def _raise_any(problems: list[Problem]) -> None:
    if problems:
        raise Refused.because(tuple(problems))
