"""What must be so before a copy goes out: on record, fresh, and of a partition that is still ours."""

from collections.abc import Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.messaging.priority import yield_to_loop
from chassis.messaging.publisher import Message, Publisher
from chassis.messaging.retry import Outage
from contracts import envelope as envelopes
from contracts import notifications, registry
from services.gateway.clients import Services
from services.gateway.domain.copies import CopyBuilder, Disclosure
from services.gateway.exchange import delivery
from services.gateway.exchange.alerts import AlertDelivery
from services.gateway.exchange.delivery import Delivery, Event, decode
from services.gateway.store import Store
from tests.gateway.exchange.samples import NAMES, PERSON, RING, departed, envelope, raised, record, selection, state

RECEIVER = "KBRI_KUL"


class Around(Services, Store, Publisher):
    """What a delivery works with: answers at once, and keeps in order what was done."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.sent: list[Message] = []
        self.away, self.seconds, self.reads = False, 0.0, 0

    async def read_persons(self, versions: Mapping[str, int], **_: Any) -> dict[str, registry.PersonState]:
        self.reads += 1
        return {person: state(person=person, personal={"full_name": f"read {self.reads}"}) for person in versions}

    async def read_reports(self, alerts: Sequence[str], **_: Any) -> dict[str, notifications.ReportWithIdentifiers]:
        return {}

    async def disclose(self, disclosures: Iterable[Disclosure]) -> None:
        if self.away:
            raise Outage("the database is away")
        self.done += [f"disclose {one.receiver}" for one in disclosures]
        self.seconds += 6 if len(self.done) == 1 else 0

    async def send_all(self, messages: Sequence[Message]) -> None:
        self.sent += messages
        self.done += ["send" for _ in messages]


def told(event: registry.Departed | notifications.AlertRaised, offset: int = 0, **changes: Any) -> Event:
    """The event as it comes from its topic."""
    found = record(
        event.model_dump_json(exclude_none=True).encode(), envelope(event, **changes).headers(), offset=offset
    )
    return decode(found.headers, found.value, found)


def persons(around: Around) -> Delivery:
    return Delivery(CopyBuilder(RING, NAMES), around, around, around, lambda: selection(RECEIVER), yield_to_loop)


def alerts(around: Around) -> AlertDelivery:
    return AlertDelivery(CopyBuilder(RING, NAMES), around, around, around, lambda: selection(RECEIVER))


async def test_a_copy_goes_out_after_it_was_put_on_record() -> None:
    around = Around()
    await persons(around).deliver([told(departed())], lambda _: True)
    await alerts(around).deliver([told(raised())], lambda _: True)
    assert around.done[-3:] == ["send", f"disclose {RECEIVER}", "send"]
    assert around.done[0] == f"disclose {RECEIVER}"


async def test_nothing_is_sent_while_it_cannot_be_put_on_record() -> None:
    around = Around()
    around.away = True
    with pytest.raises(Outage):
        await persons(around).deliver([told(departed())], lambda _: True)
    with pytest.raises(Outage):
        await alerts(around).deliver([told(raised())], lambda _: True)
    assert around.sent == []


async def test_what_was_fetched_over_five_seconds_ago_is_fetched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    around = Around()
    monkeypatch.setattr(delivery, "time", SimpleNamespace(monotonic=lambda: around.seconds))
    await persons(around).deliver([told(departed())], lambda _: True)
    assert around.reads == 2
    (copy,) = around.sent
    assert b"read 2" in copy.value
    assert b"read 1" not in copy.value


async def test_a_record_whose_partition_was_lost_is_left_to_its_new_owner() -> None:
    around = Around()
    theirs = PERSON.replace("3", "4")
    kept = told(departed(), offset=1)
    lost = told(departed(person=theirs), offset=2, id="44444444-4444-8444-8444-000000000009")
    await persons(around).deliver([kept, lost], lambda one: one.offset == 1)
    (copy,) = around.sent
    assert envelopes.read(copy.headers).id == CopyBuilder(RING, NAMES).copy_id(
        selection(RECEIVER).of_person(departed())[0], kept.envelope.id
    )
    await alerts(around).deliver([told(raised())], lambda _: False)
    assert len(around.sent) == 1
