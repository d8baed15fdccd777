"""Sharing agreements: who may know which fields of what, for which purpose, on which legal base. Pure."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Self, get_args

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, model_validator

from contracts import codes, exchange, gateway, indicators, notifications, registry
from contracts.exchange import Form
from contracts.registry import FactKind
from contracts.schemas import members, message_type
from services.gateway.domain.schema_problems import BrokenRule

FILE = Path(__file__).parent.parent / "agreements.json"

PERSON_EVENTS = frozenset(message_type(m) for m in members(registry.Event) if issubclass(m, registry.PersonEvent))
ALERT_EVENTS = frozenset(
    message_type(m) for m in members(notifications.Event) if issubclass(m, notifications.AlertEvent)
)
OFFER_EVENTS = frozenset({message_type(registry.OfferDecided)})
ROUND_EVENTS = frozenset(message_type(model) for model in members(indicators.Event))
FACTS = frozenset(exchange.PersonFacts.model_fields)
PERSONAL = frozenset(exchange.PersonalFields.model_fields)
REPORT = frozenset(exchange.ReportPart.model_fields)
FORMS: frozenset[str] = frozenset(get_args(Form))
FACT_KINDS: frozenset[FactKind] = frozenset(get_args(FactKind))
PSEUDONYMOUS = frozenset({"personal.hashed.nik", "personal.hashed.passport", "personal.year.birth_date",
                          "personal.clear.sex"})  # fmt: skip
"""Personal fields that do not name anybody."""


def _require(pointer: str, names: Iterable[str], listed: Iterable[str], allowed: str) -> None:
    if not set(names) <= set(listed):
        raise BrokenRule(pointer, allowed)


ORGANISATION = "a code of an organisation that is listed"
STRICT = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Receiver(gateway.AgreementReceiver):
    """Exactly one way to choose receivers."""

    model_config = STRICT

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise BrokenRule("", "exactly one kind of receiver")
        if self.organisation is not None:
            _require("/organisation", [self.organisation], codes.organisations(), ORGANISATION)
        return self

    @property
    def events(self) -> frozenset[str]:
        """Types of the events whose receivers can be chosen in this way."""
        if self.recipient:
            return ALERT_EVENTS
        if self.respondent:
            return ROUND_EVENTS
        if self.author:
            return OFFER_EVENTS
        return frozenset() if self.stewards else PERSON_EVENTS

    def chooses(self, facets: registry.Facets, author: str | None = None) -> tuple[str, ...]:
        """The organisations that it chooses for a person of these facets, or for the author of an offer."""
        if self.author:
            return (author,) if author else ()
        if self.organisation:
            return (self.organisation,)
        if self.mission_of and facets.destination:
            return codes.missions(facets.destination)
        if self.regency_of and facets.home_regency:
            regency = codes.regency_organisation(facets.home_regency)
            return (regency,) if regency else ()
        return (facets.owner,) if self.owner else ()


class Filter(gateway.AgreementFilter):
    """The rows that an agreement is limited to; None is no limit, and what is not known is outside every limit."""

    model_config = STRICT

    @model_validator(mode="after")
    def _regions_exist(self) -> Self:
        _require("/region", self.region or (), codes.regions(), "Kemendagri codes of regencies or provinces")
        return self

    def lets(self, facets: registry.Facets) -> bool:
        """True when the facets are within the limits."""
        return not any(True for _ in self.outside(facets))

    def outside(self, facets: registry.Facets) -> Iterable[str]:
        """Names of the limits that leave these facets out."""
        if self.region is not None and not _in_region(facets.home_regency, self.region):
            yield "region"
        if self.destination is not None and facets.destination not in self.destination:
            yield "destination"
        if self.phase is not None and facets.status not in self.phase:
            yield "phase"
        if self.sector is not None and not (facets.sector or "").startswith(self.sector):
            yield "sector"


def _in_region(regency: str | None, regions: tuple[str, ...]) -> bool:
    return regency is not None and any(regency == code or regency.startswith(f"{code}.") for code in regions)


class Signatory(gateway.Signatory):
    """Who signed, by office."""

    model_config = STRICT


class Agreement(gateway.AgreementTerms):
    """One version of a sharing agreement. What it does not name is not given."""

    model_config = STRICT

    receiver: Receiver
    filter: Filter = Filter()
    signatories: Annotated[tuple[Signatory, ...], Field(max_length=20)]
    law: Annotated[str, StringConstraints(min_length=2, max_length=400)] | None = None
    """The rule that the legal base rests on, with article; None, as the offices are, where words are not told."""

    @model_validator(mode="after")
    def _names_what_exists(self) -> Self:
        signatories = [signatory.organisation for signatory in self.signatories]
        _require("/giver", [self.giver], codes.organisations(), ORGANISATION)
        _require("/events", self.events, self.receiver.events, "types of events whose receivers are chosen in this way")
        _require("/facts", self.facts, FACTS, "names of facts")
        _require("/personal", self.personal, PERSONAL, "names of personal fields")
        report = REPORT if self.receiver.recipient else ()
        _require("/report", self.report, report, "parts of a report, for those told of an alert")
        _require("/signatories", signatories, codes.organisations(), ORGANISATION)
        return self

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        personal = {field for field in self.fields if field.startswith("personal.")}
        signatories = {signatory.organisation for signatory in self.signatories}
        if not {self.giver, self.receiver.organisation or self.giver} <= signatories:
            raise BrokenRule("/signatories", "giver and receiver among them")
        if (self.receiver.recipient or self.receiver.stewards) and self.stated_in != "all":
            raise BrokenRule("/stated_in", "all: alerts and stewardship need every value, whoever stated it")
        if self.pseudonymised and not self.receiver.organisation:
            raise BrokenRule("/receiver", "an organisation, where it gets pseudonyms")
        if self.pseudonymised and not personal <= PSEUDONYMOUS:
            raise BrokenRule("/personal", "hashed numbers, year of birth and sex, where it gets pseudonyms")
        if self.release == "daily" and not self.pseudonymised:
            raise BrokenRule("/release", "daily, where it gets pseudonyms alone")
        if self.valid_to is None and not self.standing:
            raise BrokenRule("/valid_to", "a day, unless it is standing")
        return self

    @property
    def name(self) -> str:
        """Id and version, as copies and disclosures name it."""
        return f"{self.id}/{self.version}"

    @property
    def is_worded(self) -> bool:
        """Whether it names the law that it rests on, and the office of everybody who signs."""
        return self.law is not None and all(signatory.office is not None for signatory in self.signatories)

    @property
    def fields(self) -> tuple[str, ...]:
        """Everything that it may give, by its path in a copy, such as `personal.masked.nik`."""
        facts = (f"facts.{name}" for name in self.facts)
        personal = (f"personal.{form}.{name}" for name, forms in self.personal.items() for form in forms)
        return (*facts, *personal, *(f"report.{name}" for name in self.report))

    @property
    def kinds(self) -> frozenset[FactKind] | None:
        """Kinds of fact whose values it covers; None for all, those to come among them."""
        return None if self.stated_in == "all" else frozenset(self.stated_in)

    def covers(self, receiver: str, facets: registry.Facets) -> bool:
        """Whether a receiver may know a person of these facets; who responds to alerts, and stewards, know anybody."""
        if self.receiver.recipient or self.receiver.stewards:
            return True
        return self.filter.lets(facets) and receiver in self.receiver.chooses(facets)

    def valid(self, today: date) -> bool:
        """True from the first to the last day, both included."""
        return self.valid_from <= today and (self.valid_to is None or today <= self.valid_to)


_AGREEMENTS: TypeAdapter[tuple[Agreement, ...]] = TypeAdapter(tuple[Agreement, ...])


def load(path: Path = FILE) -> tuple[Agreement, ...]:
    """Every version of every agreement of a file, in words too. Raises ValueError."""
    agreements = _AGREEMENTS.validate_json(path.read_bytes())
    if not all(agreement.is_worded for agreement in agreements):
        raise ValueError("an agreement names its law, and the office of everybody who signs")
    if len({agreement.name for agreement in agreements}) < len(agreements):
        raise ValueError("two agreements have the same id and version")
    return agreements


def in_force(agreements: Iterable[Agreement], today: date) -> tuple[Agreement, ...]:
    """Of each agreement the newest version that has begun, unless that one has ended; ordered by id."""
    begun: dict[str, Agreement] = {}
    for agreement in sorted(agreements, key=lambda one: (one.id, one.version)):
        if agreement.valid_from <= today:
            begun[agreement.id] = agreement
    return tuple(agreement for agreement in begun.values() if agreement.valid(today))
