"""Receipts: what became of each record, told to its sender in one message per batch."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chassis.messaging.message import Message
from chassis.security.keys import KeyRing
from contracts.envelope import Envelope
from contracts.exchange import SOURCE, Receipt, ReceiptsReported
from contracts.outcomes import Outcome, Problem, problem
from contracts.topics import Names
from services.gateway.domain.receiver_ids import person_token, receiver_id

TYPE = str(ReceiptsReported.model_fields["type"].default)
PER_MESSAGE = 100
"""A hundred receipts with ten reasons each stay below the largest message that the broker takes."""


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """Whom to answer, and about which record. Travels sealed with the command and comes back in its outcome."""

    organisation: str
    urgent: bool
    record: str | None
    offset: int | None = None
    """Position in the sender's topic, when the record had no readable id."""

    def sealable(self) -> dict[str, Any]:
        """As it is sealed; the kind tells it from a person's write over the api."""
        return {
            "kind": "partner",
            "org": self.organisation,
            "urgent": self.urgent,
            "id": self.record,
            "at": self.offset,
        }

    @classmethod
    def opened(cls, address: Mapping[str, Any]) -> "ReplyTo | None":
        """None for the address of a person's write, whose answer is the HTTP response."""
        if address.get("kind") != "partner":
            return None
        return cls(address["org"], address["urgent"], address["id"], address["at"])


def refusal(ring: KeyRing, to: ReplyTo, name: tuple[str, ...], problems: tuple[Problem, ...]) -> Receipt:
    """A final refusal at the gateway; `name` is what tells this record, and this body, from every other."""
    return Receipt(
        receipt=receiver_id(ring, to.organisation, *name),
        record=to.record,
        offset=to.offset,
        result="refused",
        problems=problems,
    )


def held(ring: KeyRing, to: ReplyTo, name: tuple[str, ...]) -> Receipt:
    """The platform keeps the record; a final receipt with another id follows."""
    return Receipt(
        receipt=receiver_id(ring, to.organisation, *name, "held"),
        record=to.record,
        offset=to.offset,
        result="held",
        problems=(problem("platform_held"),),
    )


def of_outcome(ring: KeyRing, to: ReplyTo, outcome: Outcome, service: str) -> Receipt:
    """What a service made of a command. Persons are named by the sender's own token, other things by their id."""
    if outcome.result == "held":
        return held(ring, to, (outcome.command_id, outcome.digest))
    about_person = service == "registry" and outcome.aggregate_id is not None
    return Receipt(
        receipt=receiver_id(ring, to.organisation, outcome.command_id, outcome.digest),
        record=to.record,
        offset=to.offset,
        result=outcome.result,
        person=person_token(ring, to.organisation, outcome.aggregate_id or "") if about_person else None,
        subject=None if about_person else outcome.aggregate_id,
        problems=outcome.problems,
        warnings=outcome.warnings,
    )


def messages(ring: KeyRing, names: Names, receipts: Iterable[tuple[ReplyTo, Receipt]]) -> Iterator[tuple[str, Message]]:
    """One message per sender and lane, with its organisation, in order; more only where they would grow too large."""
    collected: dict[tuple[str, bool], list[Receipt]] = {}
    for to, receipt in receipts:
        collected.setdefault((to.organisation, to.urgent), []).append(receipt)
    for (organisation, urgent), answers in collected.items():
        for start in range(0, len(answers), PER_MESSAGE):
            part = answers[start : start + PER_MESSAGE]
            yield organisation, _message(ring, names, organisation, urgent, part)


def _message(ring: KeyRing, names: Names, organisation: str, urgent: bool, receipts: list[Receipt]) -> Message:
    name = receiver_id(ring, organisation, "receipts", *(receipt.receipt for receipt in receipts))
    envelope = Envelope(id=name, source=SOURCE, type=TYPE, time=datetime.now(UTC), dataclassification="restricted")
    body = ReceiptsReported(receipts=tuple(receipts)).model_dump_json(exclude_none=True)
    topic = names.delivery(organisation, urgent=urgent)
    return Message(topic, name.encode(), body.encode(), envelope.headers())
