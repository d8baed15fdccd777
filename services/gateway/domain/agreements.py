"""Sharing agreements: who may know which fields of what, for which purpose, on which legal base. Pure."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, TypeAdapter, model_validator

from contracts import codes, exchange, indicators, notifications, registry
from contracts.exchange import Form
from contracts.model import Country
from contracts.registry import FactKind
from contracts.schemas import members, message_type

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


def _check(what: str, names: Iterable[str], known: Iterable[str]) -> None:
    if unknown := sorted(set(names) - set(known)):
        raise ValueError(f"{what} names what does not exist: {', '.join(unknown)}")


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Receiver(_Strict):
    """Exactly one way to choose receivers."""

    organisation: str | None = None
    mission_of: Literal["destination"] | None = None
    regency_of: Literal["home_regency"] | None = None
    owner: Literal[True] | None = None
    """The institution that registered the person."""
    author: Literal[True] | None = None
    """Of the decision on an offer: whose registration was offered."""
    recipient: Literal[True] | None = None
    """Those whom the routing of an alert names."""
    respondent: Literal[True] | None = None
    """Those to whom a round assigns questions."""
    stewards: Literal[True] | None = None
    """Those whose stewards decide, over the api, whether two persons are one."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError("name exactly one kind of receiver")
        if self.organisation is not None:
            _check("receiver", [self.organisation], codes.organisations())
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


class Filter(_Strict):
    """The rows that an agreement is limited to; None is no limit, and what is not known is outside every limit."""

    region: tuple[str, ...] | None = None
    """Home regency: Kemendagri codes of regencies, or of provinces for all of theirs."""
    destination: tuple[Country, ...] | None = None
    phase: tuple[registry.Status, ...] | None = None
    """Of the life cycle."""
    sector: tuple[registry.Kbli, ...] | None = None
    """KBLI codes, each with all that begin with it."""

    @model_validator(mode="after")
    def _regions_exist(self) -> Self:
        _check("filter.region", self.region or (), codes.regions())
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


class Signatory(_Strict):
    """Who signed, by office: the people who hold it change."""

    organisation: str
    office: Annotated[str, StringConstraints(min_length=2, max_length=120)]


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Forms = Annotated[tuple[Form, ...], BeforeValidator(_as_tuple), Field(min_length=1)]
"""One form, or several that stand side by side."""


class Agreement(_Strict):
    """One version of a sharing agreement. What it does not name is not given."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{2,39}$")]
    version: Annotated[int, Field(ge=1)]
    giver: str
    """The organisation that answers for what is given."""
    receiver: Receiver
    purpose: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,39}$")]
    base: Literal["consent", "contract", "legal_duty", "vital_interest", "public_task", "legitimate_interest"]
    """Legal base, UU 27/2022 art. 20."""
    law: str
    """The rule that the base rests on, with article."""
    events: tuple[str, ...]
    facts: tuple[str, ...] = ()
    personal: dict[str, Forms] = {}
    report: tuple[str, ...] = ()
    """Of an alert: what the reporter said."""
    stated_in: Annotated[tuple[FactKind, ...], Field(min_length=1)] | Literal["all"]
    """A value is given if it was stated in a fact of these kinds."""
    pseudonymised: bool = False
    """Neither a name nor a trace leads back to the person; never united with other agreements."""
    release: Literal["at_once", "daily"] = "at_once"
    """`daily`: once a day, shuffled, with times by the day, because the moment of arrival would tell who it is."""
    filter: Filter = Filter()
    retention_days: Annotated[int, Field(ge=1)]
    """How long a receiver may keep what it was given (UU 27/2022 art. 43, 44)."""
    signatories: tuple[Signatory, ...]
    standing: bool = False
    """Stands for emergencies, without an end date."""
    valid_from: date
    valid_to: date | None = None

    @model_validator(mode="after")
    def _names_what_exists(self) -> Self:
        _check("giver", [self.giver], codes.organisations())
        _check("events", self.events, self.receiver.events)
        _check("facts", self.facts, FACTS)
        _check("personal", self.personal, PERSONAL)
        _check("report", self.report, REPORT if self.receiver.recipient else ())
        _check("signatories", (signatory.organisation for signatory in self.signatories), codes.organisations())
        return self

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        if not {self.giver, self.receiver.organisation or self.giver} <= {one.organisation for one in self.signatories}:
            raise ValueError("giver and receiver sign")
        if (self.receiver.recipient or self.receiver.stewards) and self.stated_in != "all":
            raise ValueError("alerts and stewardship need every value, whoever stated it")
        if self.pseudonymised and not self.receiver.organisation:
            raise ValueError("a pseudonymised agreement names its receiver")
        if self.pseudonymised and not {field for field in self.fields if field.startswith("personal.")} <= PSEUDONYMOUS:
            raise ValueError("a pseudonymised receiver gets hashed numbers, year of birth and sex, and nothing else")
        if self.release == "daily" and not self.pseudonymised:
            raise ValueError("copies under pseudonyms alone are released by the day")
        if self.valid_to is None and not self.standing:
            raise ValueError("an agreement ends; only a standing one has no valid_to")
        return self

    @property
    def name(self) -> str:
        """Id and version, as copies and disclosures name it."""
        return f"{self.id}/{self.version}"

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
    """Every version of every agreement of a file. Raises ValueError."""
    agreements = _AGREEMENTS.validate_json(path.read_bytes())
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
