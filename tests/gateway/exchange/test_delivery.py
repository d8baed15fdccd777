"""What must be so before a copy goes out: on record, fresh, and of a partition that is still ours."""

import json
from types import SimpleNamespace

import pytest

from chassis.messaging.message import Message
from chassis.messaging.retry import Outage, TooSlow
from contracts import envelope as envelopes
from contracts.registry import PersonMerged
from services.gateway.domain.copies import CopyBuilder
from services.gateway.exchange import alert_copies, copy_sender, person_copies
from services.gateway.exchange.events import plan
from services.gateway.exchange.person_copies import versions
from services.gateway.exchange.receivers import ToReceiver
from tests.gateway.exchange.samples import (
    NAMES,
    PERSON,
    RING,
    ROUND,
    answered,
    departed,
    merged,
    opened,
    raised,
    selection,
)
from tests.gateway.exchange.surroundings import RECEIVER, Around, Kept, alerts, persons, release, told


async def test_a_copy_goes_out_after_it_was_put_on_record() -> None:
    around = Around()
    await persons(around).deliver([told(departed())], lambda _: True)
    await alerts(around).deliver([told(raised())], lambda _: True)
    assert around.done[-3:] == ["send", f"disclose {RECEIVER}", "send"]
    assert around.done[0] == f"disclose {RECEIVER}"


def test_a_person_is_read_at_the_newest_version_of_a_batch_and_one_absorbed_as_it_is_now() -> None:
    routing = selection(RECEIVER)
    events = [told(departed(), sequence=sequence) for sequence in (7, 9, 8)]
    assert versions(plan(routing, events)) == {PERSON: 9}
    gone = told(merged(role="absorbed"), sequence=12)
    assert isinstance(gone.body, PersonMerged)
    (_, recipient), *_ = plan(routing, events)
    assert versions([(gone, recipient)]) == {gone.body.other: 0}


async def test_nothing_is_sent_while_it_cannot_be_put_on_record() -> None:
    around = Around()
    around.away = True
    with pytest.raises(Outage):
        await persons(around).deliver([told(departed())], lambda _: True)
    assert around.sent == []


async def test_what_was_fetched_over_five_seconds_ago_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    around = Around()
    around.slow = True
    clock = SimpleNamespace(monotonic=lambda: around.seconds)
    for module in (person_copies, alert_copies, copy_sender):
        monkeypatch.setattr(module, "time", clock)
    with pytest.raises(TooSlow):
        await persons(around).deliver([told(departed())], lambda _: True)
    around.slow = True
    with pytest.raises(TooSlow):
        await alerts(around).deliver([told(raised())], lambda _: True)
    assert around.sent == []
    await persons(around).deliver([told(departed())], lambda _: True)
    (copy,) = around.sent
    assert b"read 3" in copy.value


async def test_what_was_fetched_is_sent_within_what_is_left_of_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    around = Around()
    clock = SimpleNamespace(monotonic=iter([10.0, 12.0]).__next__)
    for module in (person_copies, copy_sender):
        monkeypatch.setattr(module, "time", clock)
    await persons(around).deliver([told(departed())], lambda _: True)
    assert around.withins == [3.0]


@pytest.mark.parametrize(("fetching", "error"), [(2.4, Outage), (2.6, TooSlow)])
async def test_a_fetch_that_leaves_no_time_to_send_is_done_again_for_fewer(
    monkeypatch: pytest.MonkeyPatch, fetching: float, error: type[Exception]
) -> None:
    """Else a batch whose fetch always takes five seconds, or nearly, would be sent for ever and never arrive."""
    around = Around()
    around.unheard = True
    clock = SimpleNamespace(monotonic=iter([0.0, fetching, 10.0, 10 + fetching]).__next__)
    for module in (person_copies, alert_copies, copy_sender):
        monkeypatch.setattr(module, "time", clock)
    with pytest.raises(error):
        await persons(around).deliver([told(departed())], lambda _: True)
    with pytest.raises(error):
        await alerts(around).deliver([told(raised())], lambda _: True)
    assert around.sent == []


async def test_the_fault_of_one_receivers_topic_holds_that_receiver_back_alone_and_in_order() -> None:
    around, kept = Around(), Kept()
    around.faulty = frozenset({NAMES.delivery("KP2MI")})
    copies = persons(around, RECEIVER, "KP2MI", kept=kept)
    first, second = told(departed()), told(departed(), id="44444444-4444-8444-8444-000000000009")
    await copies.deliver([first], lambda _: True)
    around.faulty = frozenset()
    await copies.deliver([second], lambda _: True)
    assert {message.topic for message in around.sent} == {NAMES.delivery(RECEIVER)}
    assert len(around.sent) == 2
    assert [(one.receiver, one.id) for one in kept.kept] == [
        ("KP2MI", first.envelope.id), ("KP2MI", second.envelope.id),
    ]  # fmt: skip
    receivers = copies._receivers
    await release(around, kept, copies, RECEIVER)
    assert len(around.sent) == 2
    await release(around, kept, copies, RECEIVER, "KP2MI")
    assert [message.topic for message in around.sent[2:]] == [NAMES.delivery("KP2MI")] * 2
    assert (kept.kept, receivers.takes("KP2MI")) == ([], True)


async def test_what_still_cannot_be_sent_stays_held_back() -> None:
    around, kept = Around(), Kept()
    around.faulty = frozenset({NAMES.delivery(RECEIVER)})
    copies = persons(around, kept=kept)
    await copies.deliver([told(departed())], lambda _: True)
    await release(around, kept, copies, RECEIVER)
    assert len(kept.kept) == 1
    assert not copies._receivers.takes(RECEIVER)


async def test_alerts_and_receipts_that_were_held_back_follow_in_the_order_in_which_they_came() -> None:
    around, kept = Around(), Kept()
    topic = NAMES.delivery(RECEIVER, urgent=True)
    around.faulty = frozenset({topic})
    copies = alerts(around, kept)
    first, last = told(raised()), told(raised(), id="44444444-4444-8444-8444-000000000009")
    receipt = Message(topic, b"key", b"{}", [("ce_id", b"receipt-1"), ("ce_type", b"a.b.v1")])
    await copies.deliver([first], lambda _: True)
    await copies._receivers.send([ToReceiver(RECEIVER, receipt)])
    await copies.deliver([last], lambda _: True)
    await release(around, kept, copies, RECEIVER)
    assert (around.sent, len(kept.kept)) == ([], 3)
    around.faulty = frozenset()
    await release(around, kept, copies, RECEIVER)
    assert [copy_of(one.headers) for one in around.sent] == [
        copy_id(first.envelope.id), "receipt-1", copy_id(last.envelope.id),
    ]  # fmt: skip
    assert around.sent[1] == receipt
    assert kept.kept == []


def copy_of(headers: envelopes.Headers) -> str:
    return next(value.decode() for name, value in headers if name == "ce_id" and value)


def copy_id(event: str) -> str:
    """Of the copy that the receiver gets of an alert's event."""
    recipient = selection(RECEIVER).of_alert(raised(recipients=(RECEIVER,)))[0]
    return CopyBuilder(RING, NAMES).copy_id(recipient, event)


async def test_a_round_is_told_to_those_it_asks_and_an_answer_to_nobody() -> None:
    around = Around()
    await persons(around, "KEMENKES", "BPS").deliver([told(opened()), told(answered())], lambda _: True)
    (copy,) = around.sent
    assert (copy.topic, json.loads(copy.value)["round"]) == (NAMES.delivery("KEMENKES"), ROUND)
    assert around.reads == 0


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
