"""Copies: what one receiver gets of one event, field by field as its agreement says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic_core import to_json

from chassis.messaging.message import Message
from chassis.security.keys import KeyRing
from contracts import codes, exchange, indicators, notifications, registry
from contracts.envelope import Classification, Envelope, stamp
from contracts.exchange import SOURCE
from contracts.model import Moment, known_date
from contracts.schemas import message_type
from contracts.topics import Names
from services.gateway.domain.agreements import Recipient, personal_part
from services.gateway.domain.receiver_ids import person_token, receiver_id

PERSON = message_type(exchange.PersonCopied)
ALERT = message_type(exchange.AlertCopied)
ROUND = message_type(exchange.RoundCopied)

Part = Literal["main", "completion"]


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What the record of disclosures says of one copy: names, never values. `person` is None while nobody is known."""

    copy: str
    event: str
    person: str | None
    receiver: str
    agreement: str
    purpose: str
    fields: tuple[str, ...]
    asof: datetime | None


@dataclass(frozen=True, slots=True)
class Copy:
    """One message for one receiver; `disclosure` unless it tells nothing of any person."""

    message: Message
    disclosure: Disclosure | None = None


class CopyBuilder:
    """Makes copies with the receiver's own ids: of the person, of the copy, of the correlation."""

    def __init__(self, ring: KeyRing, names: Names) -> None:
        self._ring, self._names = ring, names

    def copy_id(self, share: Recipient, event_id: str, part: Part = "main") -> str:
        """The same event makes the same copy, whoever makes it and however often."""
        return receiver_id(self._ring, share.receiver, event_id, part)

    def of_person(
        self, share: Recipient, event: registry.PersonEvent, envelope: Envelope, state: registry.PersonState | None
    ) -> Copy:
        """A copy of a person's event. `state` is needed when the agreement gives personal fields."""
        agreement = share.agreement
        person = event.person if share.left_area else subject_of(event)
        body: dict[str, Any] = {
            "type": PERSON,
            "agreement": agreement.name,
            "event": envelope.type,
            "occurred_at": written(event.occurred),
            "person": person_token(self._ring, share.receiver, person),
        }
        if share.left_area:
            body |= {"facts": {}, "left_area": True}
            return self._copy(share, envelope, body, person)
        facts = facts_of(event) | {
            name: person_token(self._ring, share.receiver, joined_person)
            for name, joined_person in _joined(event).items()
        }
        body["facts"] = {name: value for name, value in facts.items() if name in agreement.facts}
        asof = self._put_personal(body, share, state)
        return self._copy(share, envelope, body, person, asof=asof)

    def of_alert(
        self,
        share: Recipient,
        event: notifications.AlertEvent,
        envelope: Envelope,
        state: registry.PersonState | None = None,
        report: exchange.ReportPart | None = None,
        part: Part = "main",
    ) -> Copy:
        """A copy of an alert; of class survivor it names no person and nothing that the reporter said."""
        body = {"type": ALERT, "agreement": share.agreement.name, "event": envelope.type} | _alert_facts(event)
        if part == "completion":
            body["completes"] = self.copy_id(share, envelope.id)
        if event.privacy == "survivor":
            return self._copy(share, envelope, body, None, part=part)
        if event.person:
            body["person"] = person_token(self._ring, share.receiver, event.person)
        asof = self._put_personal(body, share, state)
        shown = report.model_dump(include=set(share.agreement.report), exclude_none=True) if report else {}
        if shown:
            body["report"] = shown
        return self._copy(share, envelope, body, event.person, asof=asof, part=part)

    def of_round(self, share: Recipient, event: indicators.RoundOpened, envelope: Envelope) -> Copy:
        """The questions that the receiver leads."""
        catalogue = codes.mgi_indicators()
        mine = [catalogue[a.indicator] for a in event.assignments if a.organisation == share.receiver]
        body = {
            "type": ROUND,
            "agreement": share.agreement.name,
            "event": envelope.type,
            "round": event.round,
            "catalogue": event.catalogue,
            "year": event.year,
            "due_at": stamp(event.due_at),
            "questions": [{"indicator": q.code, "question_en": q.question_en, "kind": q.kind} for q in mine],
        }
        return self._copy(share, envelope, body, None)

    def _put_personal(
        self, body: dict[str, Any], share: Recipient, state: registry.PersonState | None
    ) -> datetime | None:
        if state is None or not share.agreement.personal:
            return None
        shown = personal_part(
            state.personal,
            share.agreement.personal,
            lambda field, value: receiver_id(self._ring, share.receiver, field, value),
        )
        body |= {"personal": shown, "asof": stamp(state.asof)}
        return state.asof

    def _copy(
        self,
        share: Recipient,
        origin: Envelope,
        body: dict[str, Any],
        person: str | None,
        *,
        asof: datetime | None = None,
        part: Part = "main",
    ) -> Copy:
        copy_id = self.copy_id(share, origin.id, part)
        receiver, agreement = share.receiver, share.agreement
        key = body.get("person") or body.get("alert") or body["round"]
        fields = _fields(body)
        envelope = Envelope(
            id=copy_id,
            source=SOURCE,
            type=body["type"],
            time=origin.time,
            recordedtime=origin.recordedtime,
            correlationid=receiver_id(self._ring, receiver, "correlation", origin.correlationid or origin.id),
            purpose=agreement.purpose,
            dataclassification=_class(origin, asof),
            traceparent=None
            if agreement.pseudonymised or origin.dataclassification == "survivor"
            else origin.traceparent,
        )
        topic = self._names.delivery(receiver, urgent=body["type"] == ALERT)
        value = to_json(body)
        disclosure = (
            Disclosure(copy_id, origin.id, person, receiver, agreement.name, agreement.purpose, fields, asof)
            if person or fields
            else None
        )
        return Copy(Message(topic, str(key).encode(), value, envelope.headers()), disclosure)


def _class(origin: Envelope, asof: datetime | None) -> Classification:
    if origin.dataclassification == "survivor":
        return "survivor"
    return origin.dataclassification if asof is None else "restricted"


def _fields(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of what a copy tells of a person, beside whom it is about."""
    parts: Sequence[str] = ("facts", "personal", "report")
    return tuple(f"{part}.{name}" for part in parts for name in body.get(part, ()))


def subject_of(event: registry.PersonEvent) -> str:
    """Whose state a copy tells: of a merge that of the survivor, under whichever of the two it was announced."""
    if isinstance(event, registry.PersonMerged) and event.role == "absorbed":
        return event.other
    return event.person


def _joined(event: registry.PersonEvent) -> dict[str, str]:
    """The other person of a merge, or of its undoing, by the name of the fact that tells the receiver's id of it."""
    match event:
        case registry.PersonMerged():
            return {"absorbed": event.person if event.role == "absorbed" else event.other}
        case registry.PersonUnmerged():
            return {"separated": event.other}
        case _:
            return {}


def facts_of(event: registry.PersonEvent) -> dict[str, Any]:
    """Every non-identifying fact that an event tells."""
    facets = event.facets
    facts = {
        "status": facets.status,
        "flags": [flag.code for flag in event.flags],
        "destination": facets.destination,
        "home_regency": facets.home_regency,
        "sector": facets.sector,
        "owner": facets.owner,
    } | _own_facts(event)
    return {name: value for name, value in facts.items() if value is not None}


def _own_facts(event: registry.PersonEvent) -> dict[str, Any]:
    match event:
        case registry.PersonRegistered():
            return {"scheme": event.scheme, "occupation": event.occupation}
        case registry.PlacementRecorded():
            return {
                "scheme": event.scheme,
                "occupation": event.occupation,
                "contract_start": event.contract_start,
                "contract_end": event.contract_end,
            }
        case registry.IdentityConfirmed():
            return {"identity_matched": event.matched}
        case _:
            return {}


def _alert_facts(event: notifications.AlertEvent) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "occurred_at": written(event.occurred),
        "alert": event.alert,
        "alert_type": event.alert_type,
        "severity": event.severity,
        "country": event.country,
        "region": event.region,
    } | _step(event)
    return {name: value for name, value in facts.items() if value is not None}


def _step(event: notifications.AlertEvent) -> dict[str, Any]:
    match event:
        case notifications.AlertAcknowledged():
            return {"state": "acknowledged", "acknowledged_by": event.by}
        case notifications.AlertResolved():
            return {"state": "resolved", "resolution": event.resolution}
        case notifications.AlertRaised():
            limits = {"acknowledge_by": event.acknowledge_by, "first_action_by": event.first_action_by}
            return {"state": "raised"} | {name: stamp(at) for name, at in limits.items() if at is not None}
        case _:
            raise TypeError(type(event).__name__)


def written(moment: Moment) -> str:
    """A moment as partners write it, in its own offset: an instant, or as much of the date as is known."""
    text = moment.local.isoformat()
    return text if moment.precision == "instant" else known_date(text, moment.precision) + text[-6:]
