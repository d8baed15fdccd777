"""Copies for a suspended receiver: nothing is read for it or recorded, all is kept, and goes out when it is lifted."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from chassis.messaging.retry import Outage
from contracts.envelope import read
from services.gateway.exchange.events import plan
from services.gateway.exchange.receivers import Receivers
from services.gateway.exchange.release import Release
from services.gateway.store.held_back import HeldBack
from tests.gateway.exchange.samples import departed, raised, selection
from tests.gateway.exchange.surroundings import RECEIVER, Around, Kept, alerts, persons, release, told

OTHER = "KAB-33.07"


async def test_copies_for_a_suspended_receiver_are_kept_unread_and_go_out_when_it_is_lifted() -> None:
    around, kept, suspended = Around(), Kept(), {RECEIVER}
    copies = persons(around, RECEIVER, OTHER, kept=kept)
    copies._receivers.suspended = lambda: suspended
    for number in range(3):
        await copies.deliver([told(departed(), offset=number, id=f"{number}" * 8)], lambda _: True)
    assert {one.topic for one in around.sent} == {f"to.{OTHER.lower()}.v1"}
    assert f"disclose {RECEIVER}" not in around.done
    await release(around, kept, copies, RECEIVER, OTHER)
    assert [one.id for one in kept.kept] == ["0" * 8, "1" * 8, "2" * 8]
    suspended.clear()
    around.sent.clear()
    await release(around, kept, copies, RECEIVER, OTHER)
    assert [one.topic for one in around.sent] == [f"to.{RECEIVER.lower()}.v1"] * 3
    assert kept.kept == []


async def test_what_is_newer_waits_behind_what_was_kept_meanwhile() -> None:
    around, kept, suspended = Around(), Kept(), {RECEIVER}
    copies = persons(around, RECEIVER, kept=kept)
    copies._receivers.suspended = lambda: suspended
    await copies.deliver([told(departed(), id="1" * 8)], lambda _: True)
    suspended.clear()
    await copies.deliver([told(departed(), id="2" * 8)], lambda _: True)
    assert around.sent == []
    assert [one.id for one in kept.kept] == ["1" * 8, "2" * 8]


async def test_nothing_kept_for_a_suspended_receiver_is_too_old_and_of_others_what_could_not_be_sent() -> None:
    """What is old goes out first when it is lifted, and is forgotten only where that failed."""
    around, kept = Around(), Kept()
    copies = persons(around, RECEIVER, kept=kept)
    copies._receivers.suspended = lambda: {RECEIVER}
    await release(around, kept, copies, RECEIVER)
    assert kept.spared == [{RECEIVER}]
    copies._receivers.suspended = frozenset
    await copies._receivers.keep_back(plan(copies._routing(), [told(departed())]), {RECEIVER})
    await Release(around, kept, copies._receivers, copies.redeliver).release({RECEIVER}.__contains__)
    assert len(around.sent) == 1
    assert kept.forgotten[-1] < datetime.now(UTC) - timedelta(days=6)


async def test_of_an_alert_a_suspended_receiver_gets_one_whole_copy_later_and_nobody_waits_for_it() -> None:
    around, kept, suspended = Around(), Kept(), {RECEIVER}
    copies = alerts(around, kept)
    copies._receivers.suspended = lambda: suspended
    around.silent = True
    await copies.deliver([told(raised())], lambda _: True)
    assert around.sent == []
    await copies.complete()
    around.silent = False
    suspended.clear()
    await release(around, kept, copies, RECEIVER)
    (copy,) = around.sent
    assert json.loads(copy.value)["report"]["narrative"] == "Terkunci"
    assert read(copy.headers).type == "exchange.alert.copied.v1"


async def test_nothing_is_lost_of_a_receiver_that_is_suspended_while_others_are_kept_back() -> None:
    """It is free when it is looked for whom something has to be kept, and not when the rest is to be sent."""
    around, kept = Around(), Kept()
    copies, looks = persons(around, RECEIVER, kept=kept), iter([set[str]()])
    copies._receivers.suspended = lambda: next(looks, {RECEIVER})
    await copies.deliver([told(departed(), id="1" * 8)], lambda _: True)
    assert around.sent == []
    assert [one.id for one in kept.kept] == ["1" * 8]


async def test_while_the_database_is_away_an_alert_does_not_wait_for_what_is_kept_for_a_suspended_receiver() -> None:
    around, kept = Around(), Away()
    copies = alerts(around, kept)
    copies._receivers = Receivers(around, kept, lambda: {RECEIVER}, defers=True)
    copies._routing = lambda: selection(*raised().recipients)
    await copies.deliver([told(raised())], lambda _: True)
    assert {one.topic for one in around.sent} == {"to.kemlu.urgent.v1", "to.kp2mi.urgent.v1"}
    assert not copies.settled()
    kept.away = False
    await copies.complete()
    assert copies.settled()
    assert [one.receiver for one in kept.kept] == [RECEIVER]


class Away(Kept):
    """A database that is away."""

    away = True

    async def put(self, kept: Iterable[HeldBack]) -> None:
        if self.away:
            raise Outage("the database is away")
        await super().put(kept)
