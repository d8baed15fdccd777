"""What was held back follows in order, whatever lies among it, and no receiver waits for another's."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.messaging.message import Message
from chassis.messaging.retry import Outage
from contracts import envelope as envelopes
from services.gateway.domain.routing import Routing
from services.gateway.exchange import release as releasing
from services.gateway.exchange.events import Event
from services.gateway.exchange.receivers import Receivers, ToReceiver
from tests.gateway.exchange.samples import NAMES, departed, raised
from tests.gateway.exchange.surroundings import RECEIVER, Around, Kept, alerts, persons, release, told

OTHER = "KP2MI"
"""Comes behind RECEIVER in the order in which receivers are served."""


def about(number: int, event: int | None = None) -> Event:
    """A departure of one of several persons."""
    person, event = f"33333333-3333-8333-8333-{number:012}", number if event is None else event
    return told(departed(person=person), id=f"44444444-4444-8444-8444-{event:012}", subject=person)


def sent_to(around: Around, receiver: str) -> int:
    return sum(message.topic.startswith(NAMES.delivery(receiver)[:-3]) for message in around.sent)


async def held_back(around: Around, events: list[Event], *receivers: str) -> tuple[Kept, Any]:
    """All of these events, for receivers whose topics take nothing; they do from now on."""
    kept = Kept()
    around.faulty = frozenset(NAMES.delivery(receiver) for receiver in receivers)
    copies = persons(around, *receivers, kept=kept)
    await copies.deliver(events, lambda _: True)
    around.faulty = frozenset()
    assert len(kept.kept) == len(events) * len(receivers)
    return kept, copies


async def test_an_event_that_fails_stops_neither_others_nor_another_receiver_and_keeps_its_own_order() -> None:
    around = Around()
    kept, copies = await held_back(around, [about(1), about(2), about(1, event=3), about(4)], RECEIVER, OTHER)
    around.odd = frozenset({about(1).body.person})  # type: ignore[attr-defined]
    await release(around, kept, copies, RECEIVER, OTHER)
    assert [one.id[-1] for one in kept.kept if one.receiver == RECEIVER] == ["1", "3"]
    assert sent_to(around, OTHER) >= 2
    around.odd = frozenset()
    await release(around, kept, copies, RECEIVER, OTHER)
    assert kept.kept == []
    assert copies._receivers.held_back == set()


async def test_where_every_event_fails_the_fault_is_ours_and_none_is_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(releasing, "MOST_STUCK", 2)
    around = Around()
    events = [about(n) for n in range(1, 9)]
    kept, copies = await held_back(around, events, RECEIVER)
    around.odd = frozenset(event.body.person for event in events[:4])  # type: ignore[attr-defined]
    await release(around, kept, copies, RECEIVER)
    assert (len(kept.kept), around.sent) == (8, [])


async def test_neighbours_of_one_kind_go_out_together() -> None:
    around = Around()
    kept, copies = await held_back(around, [about(n) for n in range(1, 8)], RECEIVER)
    before = len(around.withins)
    await release(around, kept, copies, RECEIVER)
    assert (kept.kept, len(around.withins) - before) == ([], 1)


async def test_what_takes_too_long_at_once_is_released_in_smaller_parts() -> None:
    around = Around()
    kept, copies = await held_back(around, [about(n) for n in range(1, 8)], RECEIVER)
    around.at_most = 2
    await release(around, kept, copies, RECEIVER)
    assert (kept.kept, len(around.sent)) == ([], 7)
    order = [one for one in around.sent if one.topic == NAMES.delivery(RECEIVER)]
    assert len(order) == 7


async def test_what_its_topic_would_not_keep_any_longer_is_given_up_in_every_pass() -> None:
    around = Around()
    kept, copies = await held_back(around, [about(1)], RECEIVER)
    await release(around, kept, copies)
    (before,) = kept.forgotten
    assert timedelta(days=7) <= datetime.now(UTC) - before < timedelta(days=7, minutes=5)


async def test_an_outage_ends_the_pass_and_everything_stays() -> None:
    around = Around()
    kept, copies = await held_back(around, [about(1)], RECEIVER, OTHER)
    around.silent = True
    with pytest.raises(Outage):
        await release(around, kept, copies, RECEIVER, OTHER)
    assert len(kept.kept) == 2


async def test_the_completion_of_an_alert_that_was_held_back_follows_as_what_it_is() -> None:
    """The first copy has gone out: another one with its id would be taken for the same."""
    around, kept = Around(), Kept()
    copies = alerts(around, kept)
    around.silent = True
    await copies.deliver([told(raised())], lambda _: True)
    around.silent, around.faulty = False, frozenset({NAMES.delivery(RECEIVER, urgent=True)})
    await copies.complete()
    assert [one.kind for one in kept.kept] == ["completion"]
    around.faulty = frozenset()
    await release(around, kept, copies, RECEIVER)
    first, second = around.sent
    assert json.loads(second.value)["completes"] == envelopes.read(first.headers).id
    assert json.loads(second.value)["report"]["narrative"] == "Terkunci"
    assert envelopes.read(second.headers).id in around.disclosed


@pytest.mark.parametrize("when", ["read", "closed"])
async def test_whatever_is_held_back_while_a_pass_ends_keeps_what_is_newer_behind_it(when: str) -> None:
    around, kept = Around(), Kept()
    receivers = Receivers(around, kept)
    message = Message(NAMES.delivery(RECEIVER), b"key", b"{}", [("ce_id", b"late")])
    receivers.held_back = {RECEIVER}

    async def late() -> None:
        await receivers.send([ToReceiver(RECEIVER, message)])

    kept.late = late()
    await (receivers.load() if when == "read" else receivers.close(RECEIVER))
    assert not receivers.takes(RECEIVER)
    assert [one.id for one in kept.kept] == ["late"]


async def test_what_was_held_back_for_whoever_was_succeeded_meanwhile_goes_to_the_successor() -> None:
    around = Around()
    kept, copies = await held_back(around, [about(1), about(2)], RECEIVER)
    agreements = copies._routing().agreements
    succeeded = Routing(agreements, frozenset({RECEIVER, OTHER}), copies._routing().today, {RECEIVER: OTHER})
    copies._routing = lambda: succeeded
    suspended = {OTHER}
    copies._receivers.suspended = lambda: suspended
    await release(around, kept, copies, RECEIVER, OTHER)
    assert (len(kept.kept), around.sent) == (2, [])
    suspended.clear()
    await release(around, kept, copies, RECEIVER, OTHER)
    assert kept.kept == []
    assert {message.topic for message in around.sent} == {NAMES.delivery(OTHER)}


async def test_a_suspension_stops_a_pass_that_has_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releasing, "AT_ONCE", 2)
    around, suspended = Around(), set[str]()
    kept, copies = await held_back(around, [about(n) for n in range(1, 8)], RECEIVER)
    copies._receivers.suspended = lambda: suspended

    async def send_each(messages: Any, **options: Any) -> Any:
        suspended.add(RECEIVER)
        return await Around.send_each(around, messages, **options)

    around.send_each = send_each  # type: ignore[method-assign]
    await release(around, kept, copies, RECEIVER)
    assert (len(kept.kept), len(around.sent)) == (5, 2)
