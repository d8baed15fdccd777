"""Copies: what one receiver gets of one event for one purpose, field by field as its agreements say. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Literal

from pydantic_core import to_json

from chassis.messaging.message import Message
from chassis.security.keys import KeyRing
from contracts import codes, exchange, indicators, notifications, registry
from contracts.envelope import Classification, Envelope, stamp
from contracts.exchange import SOURCE
from contracts.schemas import message_type
from contracts.topics import Names
from services.gateway.domain.copied_facts import (
    alert_facts,
    day_of,
    facts_of,
    joined,
    midnight,
    person_in,
    stated_in,
    written,
)
from services.gateway.domain.grants import NOTHING_STATED, Stated, paths_of, personal_of
from services.gateway.domain.receiver_ids import person_token, receiver_id
from services.gateway.domain.routing import Recipient

PERSON = message_type(exchange.PersonCopied)
ALERT = message_type(exchange.AlertCopied)
ROUND = message_type(exchange.RoundCopied)

Part = Literal["main", "first", "completion"]
"""Of an alert's copies: the one that has everything; or the one that goes without what cannot be had at once, and the
one that follows with it. Each has an id of its own, so that one id never stands for two contents.
"""

SHOWN = ("agreement", "reason")
"""Under what a person is named to those who respond to an alert."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What the record of disclosures says of one copy: names, never values. `person` is None while nobody is known.

    Of a copy under several agreements there is one for each, with the fields that came by it.
    """

    copy: str
    event: str
    person: str | None
    receiver: str
    agreement: str
    purpose: str
    fields: tuple[str, ...]
    asof: datetime | None
    owner: str | None = None
    """Who had registered the person then, and may ask what was told of it."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One message for one receiver; `disclosures` unless it tells nothing of any person."""

    message: Message
    disclosures: tuple[Disclosure, ...] = ()


class CopyBuilder:
    """Makes copies with the receiver's own ids: of the person, of the copy, of the correlation."""

    def __init__(self, ring: KeyRing, names: Names) -> None:
        self._ring, self._names = ring, names
        self._newest: tuple[registry.PersonEvent | None, dict[str, Any], str] = (None, {}, "")

    def _facts(self, event: registry.PersonEvent) -> tuple[dict[str, Any], str]:
        """What the event tells, and when it occurred: made once for all its copies, which follow each other."""
        if self._newest[0] is not event:
            self._newest = (event, facts_of(event), written(event.occurred))
        return self._newest[1:]

    def copy_id(self, recipient: Recipient, event_id: str, part: Part = "main") -> str:
        """The same event makes the same copy, whoever makes it and however often: one for each purpose."""
        return self._id(recipient, event_id, recipient.purpose, part)

    def _id(self, recipient: Recipient, *parts: str) -> str:
        return receiver_id(self._ring, recipient.receiver, *parts, pseudonym=recipient.pseudonym)

    def _person(self, recipient: Recipient, person: str) -> str:
        return person_token(self._ring, recipient.receiver, person, recipient.pseudonym)

    def of_person(
        self, recipient: Recipient, event: registry.PersonEvent, envelope: Envelope, state: registry.PersonState | None
    ) -> Copy:
        """A copy of a person's event. `state` is needed where the grant says so."""
        person = person_in(recipient, event)
        facts, occurred = self._facts(event)
        body = self._head(PERSON, recipient, envelope) | {
            "occurred_at": day_of(event.occurred) if recipient.daily else occurred,
            "person": self._person(recipient, person),
        }
        if recipient.left:
            body["left"] = recipient.left
        if recipient.gone:
            return self._copy(recipient, envelope, body | {"facts": {}}, person, owner=event.facets.owner)
        stated = stated_in(event, state) if recipient.grant.conditional else {}
        joined_ids = {name: self._person(recipient, other) for name, other in joined(event).items()}
        body["facts"] = recipient.grant.facts_given(facts | joined_ids if joined_ids else facts, stated)
        asof = self._put_personal(body, recipient, state, stated)
        copy = self._copy(recipient, envelope, body, person, asof=asof, stated=stated, owner=event.facets.owner)
        return replace(copy, disclosures=(*copy.disclosures, *_disclosures_of_other(copy.disclosures, event)))

    def of_alert(
        self,
        recipient: Recipient,
        event: notifications.AlertEvent,
        envelope: Envelope,
        state: registry.PersonState | None = None,
        report: exchange.ReportPart | None = None,
        part: Part = "main",
        candidates: Sequence[registry.PersonState] = (),
    ) -> Copy:
        """A copy of an alert. Of a survivor, and to whoever does not respond, it tells no person and no report.

        `candidates` are those whom it may be about, where it could be several.
        """
        body = self._head(ALERT, recipient, envelope) | alert_facts(event)
        if part == "completion":
            body["completes"] = self.copy_id(recipient, envelope.id, "first")
        if event.privacy == "survivor" or not recipient.responds:
            return self._copy(recipient, envelope, body, None, part=part)
        person = event.person if event.named_under in SHOWN else None
        if person:
            body["person"] = self._person(recipient, person)
        asof = self._put_personal(body, recipient, state, {})
        narrated = report.model_dump(include=set(recipient.grant.report), exclude_none=True) if report else {}
        if narrated:
            body["report"] = narrated
        owner = state.facets.owner if state else None
        if candidates:
            body["candidates"] = [self._candidate(recipient, candidate) for candidate in candidates]
            asof = max(candidate.asof for candidate in candidates)
        copy = self._copy(recipient, envelope, body, person, asof=asof, part=part, owner=owner)
        of_candidates = [
            disclosure
            for candidate, shown in zip(candidates, body.get("candidates", ()), strict=True)
            for disclosure in _candidate_disclosures(copy, recipient, envelope, candidate, shown)
        ]
        return replace(copy, disclosures=(*copy.disclosures, *of_candidates))

    def _candidate(self, recipient: Recipient, state: registry.PersonState) -> dict[str, Any]:
        candidate: dict[str, Any] = {"person": self._person(recipient, state.person)}
        self._put_personal(candidate, recipient, state, {})
        return candidate

    def of_round(self, recipient: Recipient, event: indicators.RoundOpened, envelope: Envelope) -> Copy:
        """The questions that the receiver leads."""
        catalogue = codes.mgi_indicators()
        mine = [catalogue[a.indicator] for a in event.assignments if a.organisation in recipient.stands_for]
        body = self._head(ROUND, recipient, envelope) | {
            "round": event.round,
            "catalogue": event.catalogue,
            "year": event.year,
            "due_at": stamp(event.due_at),
            "questions": [{"indicator": q.code, "question_en": q.question_en, "kind": q.kind} for q in mine],
        }
        return self._copy(recipient, envelope, body, None)

    def _head(self, type_: str, recipient: Recipient, envelope: Envelope) -> dict[str, Any]:
        return {"type": type_, "agreements": recipient.grant.names, "event": envelope.type}

    def _put_personal(
        self, body: dict[str, Any], recipient: Recipient, state: registry.PersonState | None, stated: Stated
    ) -> datetime | None:
        if state is None or not recipient.grant.personal:
            return None
        hashed = partial(self._id, recipient)
        body["personal"] = personal_of(recipient.grant, recipient.receiver, state, stated, hashed)
        if not recipient.daily:
            body["asof"] = stamp(state.asof)
        return state.asof

    def _copy(
        self,
        recipient: Recipient,
        origin: Envelope,
        body: dict[str, Any],
        person: str | None,
        *,
        asof: datetime | None = None,
        stated: Stated = NOTHING_STATED,
        part: Part = "main",
        owner: str | None = None,
    ) -> Copy:
        copy_id = self.copy_id(recipient, origin.id, part)
        by_agreement = recipient.grant.given_by(paths_of(body), stated)
        if len(by_agreement) > 1:
            body["given_by"] = dict(by_agreement)
        key = body.get("person") or body.get("alert") or body["round"]
        recorded = midnight(origin.recordedtime or origin.time) if recipient.daily else None
        untraced = recipient.pseudonym or origin.dataclassification == "survivor"
        envelope = Envelope(
            id=copy_id,
            source=SOURCE,
            type=body["type"],
            time=recorded or origin.time,
            recordedtime=recorded or origin.recordedtime,
            correlationid=None
            if recipient.daily
            else self._id(recipient, "correlation", origin.correlationid or origin.id),
            purpose=recipient.purpose,
            dataclassification=_class(origin, personal=asof is not None or "report" in body),
            traceparent=None if untraced else origin.traceparent,
        )
        topic = self._names.delivery(recipient.receiver, urgent=body["type"] == ALERT)
        disclosures = tuple(
            Disclosure(
                copy_id, origin.id, person, recipient.receiver, agreement, recipient.purpose, fields, asof, owner
            )
            for agreement, fields in (by_agreement or [(left, ()) for left in recipient.left])
            if person or fields
        )
        timestamp = int(recorded.timestamp() * 1000) if recorded else None
        return Copy(Message(topic, str(key).encode(), to_json(body), envelope.headers(), timestamp), disclosures)


def _disclosures_of_other(disclosures: Sequence[Disclosure], event: registry.PersonEvent) -> Iterator[Disclosure]:
    """What the record says of the other person of a merge, or of its undoing: that somebody learnt of it.

    One that was absorbed is its survivor's owner's; of one that was separated the event does not tell whose it is.
    """
    for name, other in joined(event).items():
        owner = event.facets.owner if name == "absorbed" else None
        for disclosure in disclosures:
            if f"facts.{name}" in disclosure.fields:
                yield replace(disclosure, person=other, fields=(f"facts.{name}",), asof=None, owner=owner)


def _candidate_disclosures(
    copy: Copy, recipient: Recipient, origin: Envelope, state: registry.PersonState, part: Mapping[str, Any]
) -> Iterator[Disclosure]:
    """What the record says of one of several persons whom an alert may be about."""
    copy_id = next(value.decode() for name, value in copy.message.headers if name == "ce_id")
    for agreement, fields in recipient.grant.given_by(paths_of(part), {}):
        yield Disclosure(
            copy_id, origin.id, state.person, recipient.receiver, agreement, recipient.purpose, fields, state.asof,
            state.facets.owner,
        )  # fmt: skip


def _class(origin: Envelope, *, personal: bool) -> Classification:
    if origin.dataclassification == "survivor":
        return "survivor"
    return "restricted" if personal else origin.dataclassification
