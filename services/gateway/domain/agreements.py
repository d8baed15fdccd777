"""Sharing agreements: who gets which fields of what, for which purpose, on which legal base. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, model_validator

from contracts import codes, exchange, indicators, notifications, registry
from contracts.model import Country
from contracts.schemas import members, message_type

FILE = Path(__file__).parent.parent / "agreements.json"

Form = Literal["clear", "masked", "hashed", "year"]
"""`masked` keeps the last four characters, `hashed` means something to this receiver only, `year` is of a date."""

_PERSON_EVENTS = frozenset(message_type(m) for m in members(registry.Event) if issubclass(m, registry.PersonEvent))
_ALERT_EVENTS = frozenset(message_type(model) for model in members(notifications.Event))
_EVENTS = _PERSON_EVENTS | _ALERT_EVENTS | {message_type(model) for model in members(indicators.Event)}
_FACTS = frozenset(exchange.PersonFacts.model_fields)
_PERSONAL = frozenset(exchange.PersonalPart.model_fields)
_REPORT = frozenset(exchange.ReportPart.model_fields)
_PSEUDONYMOUS = {("nik", "hashed"), ("passport", "hashed"), ("birth_date", "year"), ("sex", "clear")}


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Receiver(_Strict):
    """Exactly one way to choose receivers."""

    organisation: str | None = None
    mission_of: Literal["destination"] | None = None
    regency_of: Literal["home_regency"] | None = None
    owner: Literal[True] | None = None
    """The institution that registered the person."""
    recipient: Literal[True] | None = None
    """Those whom the routing of an alert names."""
    respondent: Literal[True] | None = None
    """Those to whom a round assigns questions."""
    stewards: Literal[True] | None = None
    """Those whose stewards decide, over the api, whether two persons are one."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("name exactly one kind of receiver")
        if self.organisation is not None and self.organisation not in codes.organisations():
            raise ValueError(f"no organisation has the code {self.organisation}")
        return self


class Filter(_Strict):
    """The facts it is limited to; None is no limit."""

    status: tuple[registry.Status, ...] | None = None
    destination: tuple[Country, ...] | None = None

    def lets(self, facets: registry.Facets) -> bool:
        """True when the facets are within the limits."""
        return (self.status is None or facets.status in self.status) and (
            self.destination is None or facets.destination in self.destination
        )


class Agreement(_Strict):
    """One sharing agreement. What it does not name is not given."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{2,39}$")]
    version: Annotated[int, Field(ge=1)]
    receiver: Receiver
    purpose: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,39}$")]
    base: Literal["consent", "contract", "legal_duty", "vital_interest", "public_task", "legitimate_interest"]
    """Legal base, UU 27/2022 art. 20."""
    law: str
    """The rule that the base rests on, with article."""
    events: tuple[str, ...]
    facts: tuple[str, ...] = ()
    personal: dict[str, Form] = {}
    report: tuple[str, ...] = ()
    """Of an alert: what the reporter said."""
    pseudonymised: bool = False
    """Neither a name nor a trace leads back to the person."""
    filter: Filter = Filter()
    standing: bool = False
    """Stands for emergencies, without an end date."""
    valid_from: date
    valid_to: date | None = None

    @model_validator(mode="after")
    def _names_what_exists(self) -> Self:
        _known("events", self.events, _EVENTS)
        _known("facts", self.facts, _FACTS)
        _known("personal", self.personal, _PERSONAL)
        _known("report", self.report, _REPORT)
        if self.pseudonymised and not self.personal.items() <= _PSEUDONYMOUS:
            raise ValueError("a pseudonymised receiver gets hashed numbers, year of birth and sex, and nothing else")
        if self.valid_to is None and not self.standing:
            raise ValueError("an agreement ends; only a standing one has no valid_to")
        return self

    @property
    def name(self) -> str:
        """Id and version, as copies and disclosures name it."""
        return f"{self.id}/{self.version}"

    def valid(self, today: date) -> bool:
        """True from the first to the last day, both included."""
        return self.valid_from <= today and (self.valid_to is None or today <= self.valid_to)


def _known(what: str, names: Iterable[str], known: frozenset[str]) -> None:
    if unknown := sorted(set(names) - known):
        raise ValueError(f"{what} names what no contract has: {', '.join(unknown)}")


_AGREEMENTS: TypeAdapter[tuple[Agreement, ...]] = TypeAdapter(tuple[Agreement, ...])


def load(path: Path = FILE) -> tuple[Agreement, ...]:
    """Every agreement of a file, in its order: the first that covers a receiver counts. Raises ValueError."""
    agreements = _AGREEMENTS.validate_json(path.read_bytes())
    if len({agreement.name for agreement in agreements}) < len(agreements):
        raise ValueError("two agreements have the same id and version")
    return agreements


@dataclass(frozen=True, slots=True)
class Recipient:
    """One receiver of one event, and the agreement it receives it under."""

    receiver: str
    agreement: Agreement
    left_area: bool = False
    """The change took the person out of what the agreement covers: the receiver learns that, and nothing more."""


class Routing:
    """Who gets what on one day, among the organisations that are connected. Make a new one when either changes."""

    def __init__(self, agreements: Iterable[Agreement], connected: frozenset[str], today: date) -> None:
        self.agreements = tuple(agreement for agreement in agreements if agreement.valid(today))
        self.connected, self.today = connected, today
        self._persons: dict[object, tuple[Recipient, ...]] = {}

    def of_person(self, event: registry.PersonEvent) -> tuple[Recipient, ...]:
        """Receivers of an event of a person, chosen by its facets now and before.

        Of an absorbed person learns who held it. Whoever is covered for the survivor alone learns of the merge by that.
        """
        kind, now, before = message_type(type(event)), event.facets, event.facets_before
        held = isinstance(event, registry.PersonMerged) and event.role == "absorbed"
        key = (kind, held, *_values(now), *(_values(before) if before else ()))
        if key not in self._persons:
            covered, lost = self._persons_of(kind, now, before)
            kept = {receiver: share for receiver, share in covered.items() if receiver in lost or not held}
            self._persons[key] = tuple((lost | kept).values())
        return self._persons[key]

    def _persons_of(
        self, kind: str, now: registry.Facets, before: registry.Facets | None
    ) -> tuple[dict[str, Recipient], dict[str, Recipient]]:
        """Shares by receiver: of those covered now, and of those covered before."""
        covered: dict[str, Recipient] = {}
        lost: dict[str, Recipient] = {}
        for agreement in self.agreements:
            if kind not in agreement.events:
                continue
            for receiver in self._covered(agreement, now):
                covered.setdefault(receiver, Recipient(receiver, agreement))
            for receiver in self._covered(agreement, before) if before else ():
                lost.setdefault(receiver, Recipient(receiver, agreement, left_area=True))
        return covered, lost

    def _covered(self, agreement: Agreement, facets: registry.Facets) -> list[str]:
        if not agreement.filter.lets(facets):
            return []
        return [code for code in _chosen(agreement.receiver, facets) if code in self.connected]

    def of_alert(self, kind: str, recipients: Sequence[str]) -> tuple[Recipient, ...]:
        """Told organisations, under the emergency agreement."""
        return self._named(kind, recipients, "recipient")

    def of_round(self, kind: str, respondents: Iterable[str]) -> tuple[Recipient, ...]:
        """Organisations to whom a round assigns questions."""
        return self._named(kind, respondents, "respondent")

    def _named(
        self, kind: str, organisations: Iterable[str], how: Literal["recipient", "respondent"]
    ) -> tuple[Recipient, ...]:
        agreement = next((a for a in self.agreements if kind in a.events and getattr(a.receiver, how)), None)
        if agreement is None:
            return ()
        return tuple(Recipient(code, agreement) for code in dict.fromkeys(organisations) if code in self.connected)

    def of_duplicates(self) -> Agreement | None:
        """The agreement by which stewards see the two persons of a duplicate review."""
        return next((agreement for agreement in self.agreements if agreement.receiver.stewards), None)

    def covering(self, organisation: str, facets: registry.Facets) -> Agreement | None:
        """The agreement by which an organisation may read a person of these facets; connected or not."""
        for agreement in self.agreements:
            if not agreement.filter.lets(facets) or not _PERSON_EVENTS.intersection(agreement.events):
                continue
            if organisation in _chosen(agreement.receiver, facets):
                return agreement
        return None


def _values(facets: registry.Facets) -> tuple[str | None, ...]:
    return facets.owner, facets.home_regency, facets.destination, facets.status


def _chosen(receiver: Receiver, facets: registry.Facets) -> Sequence[str]:
    if receiver.organisation:
        return (receiver.organisation,)
    if receiver.mission_of and facets.destination:
        return codes.missions(facets.destination)
    if receiver.regency_of and facets.home_regency:
        regency = codes.regency_organisation(facets.home_regency)
        return (regency,) if regency else ()
    return (facets.owner,) if receiver.owner else ()


def personal_part(
    state: Mapping[str, str | None], forms: Mapping[str, Form], hashed: Callable[[str, str], str]
) -> dict[str, str]:
    """The fields that an agreement gives, in the form it gives them; `hashed(field, value)` is the receiver's own."""
    shown = {}
    for field, form in forms.items():
        if value := state.get(field):
            shown[field] = _formed(field, value, form, hashed)
    return shown


def _formed(field: str, value: str, form: Form, hashed: Callable[[str, str], str]) -> str:
    match form:
        case "clear":
            return value
        case "masked":
            return "*" * max(len(value) - 4, 4) + value[-4:] if len(value) > 8 else "*" * 8
        case "hashed":
            return hashed(field, value)
        case "year":
            return value[:4]
