"""Translates what a partner submits into the command of the service that settles it. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from contracts import codes, exchange, indicators, notifications, registry
from contracts.model import Model, Moment, date_precision
from contracts.outcomes import Refused
from services.gateway.domain.content import PersonOf, content_problems, moment

Service = Literal["registry", "indicators", "alerts", "gateway"]


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
        occurred = getattr(self.body, "occurred", None)
        return occurred.at if isinstance(occurred, Moment) else datetime.now(UTC)

    @property
    def type(self) -> str:
        """The ce_type of the command."""
        return str(type(self.body).model_fields["type"].default)


def translate(submission: exchange.Submission, person_of: PersonOf, now: datetime) -> CommandDraft:
    """The command that `submission` asks for. Raises Refused with every problem of its content."""
    if problems := content_problems(submission, person_of, now):
        raise Refused.because(tuple(problems))
    if isinstance(submission, exchange.AlertStep):
        return _alert_step(submission)
    occurred = moment(submission.occurred_at)
    assert occurred is not None
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


def _registration(submission: exchange.RegistrationSubmitted, occurred: Moment) -> CommandDraft:
    person, plan = submission.person, submission.episode
    regency = person.home_regency and codes.current_region(person.home_regency)
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


def _identity(submission: exchange.IdentityConfirmed, occurred: Moment, person_of: PersonOf) -> CommandDraft:
    person = _person(submission.person, person_of)
    body = registry.ConfirmIdentity(occurred=occurred, person=person, matched=submission.matched)
    return _about(person, submission.person, body, None if person else _identifiers(submission.person))


def _placement(submission: exchange.PlacementReported, occurred: Moment, person_of: PersonOf) -> CommandDraft:
    person = _person(submission.person, person_of)
    details = registry.PlacementDetails(
        nik=None if person else submission.person.nik,
        passport=None if person else submission.person.passport,
        employer=submission.employer,
    )
    body = registry.RecordPlacement(
        occurred=occurred,
        person=person,
        destination=submission.destination,
        sector=submission.sector,
        occupation=submission.occupation,
        scheme=submission.scheme,
        contract_start=submission.contract_start,
        contract_end=submission.contract_end,
    )
    return _about(person, submission.person, body, details)


def _departure(submission: exchange.DepartureReported, occurred: Moment, person_of: PersonOf) -> CommandDraft:
    person = _person(submission.person, person_of)
    body = registry.RecordDeparture(occurred=occurred, person=person, destination=submission.destination)
    return _about(person, submission.person, body, None if person else _identifiers(submission.person))


def _about(
    person: str | None, reference: exchange.PersonReference, body: registry.Fact, personal: registry.Identifiers | None
) -> CommandDraft:
    """A fact about a person who is named by id, else by identifiers alone."""
    return CommandDraft("registry", body, personal, key=person, identifier=_strongest(reference))


def _answer(submission: exchange.AnswerSubmitted, occurred: Moment) -> CommandDraft:
    details = indicators.AnswerDetails(
        text=submission.text,
        explanation=submission.explanation,
        evidence=tuple(indicators.Evidence(**piece.model_dump()) for piece in submission.evidence),
    )
    return CommandDraft(
        "indicators",
        indicators.SubmitAnswer(
            occurred=occurred, round=submission.round, indicator=submission.indicator, value=submission.value
        ),
        details,
        key=f"{submission.round}/{submission.indicator}",
    )


def _alert(submission: exchange.AlertReported, occurred: Moment, person_of: PersonOf) -> CommandDraft:
    region = submission.region and codes.current_region(submission.region)
    person = _person(submission.person, person_of) if submission.person else None
    about = submission.person if submission.person and not person else exchange.PersonReference()
    survivor = codes.alert_types()[submission.alert_type].privacy_class == "survivor"
    return CommandDraft(
        "alerts",
        notifications.RaiseAlert(
            occurred=occurred,
            alert_type=submission.alert_type,
            person=None if survivor else person,
            country=submission.country,
            region=region[:2] if survivor and region else region,
            reason=submission.reason,
        ),
        notifications.AlertDetails(
            narrative=submission.narrative,
            place=submission.place,
            phone=submission.phone,
            nik=about.nik,
            passport=about.passport,
            person=person if survivor else None,
            region=region if survivor else None,
        ),
        survivor=survivor,
    )


def _alert_step(submission: exchange.AlertStep) -> CommandDraft:
    alert = submission.alert
    match submission:
        case exchange.AlertAcknowledged():
            return CommandDraft("alerts", notifications.AcknowledgeAlert(alert=alert), key=alert)
        case exchange.AlertResolved():
            body = notifications.ResolveAlert(alert=alert, resolution=submission.resolution)
            return CommandDraft("alerts", body, key=alert)


def _person(reference: exchange.PersonReference, person_of: PersonOf) -> str | None:
    return person_of(reference.id) if reference.id else None


def _identifiers(reference: exchange.PersonReference) -> registry.Identifiers:
    return registry.Identifiers(nik=reference.nik, passport=reference.passport)


def _strongest(person: exchange.Person | exchange.PersonReference) -> tuple[str, str] | None:
    if person.nik:
        return "nik", person.nik
    return ("passport", person.passport) if person.passport else None
