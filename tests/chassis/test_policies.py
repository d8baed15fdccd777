"""A policy at work: what follows from a service's own events comes back as its commands."""

from collections.abc import Sequence

from chassis.commands.policies import FollowUp, Policy, ReceivedEvent
from chassis.security.keys import uuid_of
from tests.builders import OFFICER
from tests.chassis.counter import Add, Added
from tests.chassis.counting import Place, counting, ids
from tests.eventually import eventually

ONCE = 5
"""After this amount the policy adds one more."""


def one_more(sick: list[bool]) -> Policy:
    """Adds one after every five; while `sick`, it fails."""

    async def follow(events: Sequence[ReceivedEvent]) -> list[FollowUp]:
        added = [(heard, Added.model_validate_json(heard.value)) for heard in events]
        if sick and any(event.amount == ONCE for _, event in added):
            raise RuntimeError("budi cannot follow")
        return [
            FollowUp(
                uuid_of(heard.envelope.id.encode()),
                event.counter,
                Add(counter=event.counter, amount=1),
                heard.envelope.time,
            )
            for heard, event in added
            if event.amount == ONCE
        ]

    return Policy(OFFICER, follow)


async def test_what_follows_from_an_event_is_asked_once(place: Place) -> None:
    (counter,), (command,) = ids(1), ids(1)
    five = place.add(counter, ONCE, command_id=command)
    async with counting(place, policy=one_more([])):
        await place.send(five, five)
        await place.final(2)
        assert (await eventually(lambda: _added(place, counter, 2), 30)) == (ONCE, 1)


async def test_an_event_that_a_policy_fails_on_is_put_aside_and_replayed(place: Place) -> None:
    (counter,), (well,) = ids(1), ids(1)
    sick = [True]
    async with counting(place, policy=one_more(sick)) as service:
        await place.send(place.add(counter, ONCE), place.add(well, 2))
        await eventually(lambda: place.documents("dead_letters"), 30)
        assert (await place.counters())[counter].added == (ONCE,)
        sick.clear()
        assert await service.process.consumers.replay.replay() == {"replayed": 1, "keys_left": 0}
        assert (await eventually(lambda: _added(place, counter, 2), 30)) == (ONCE, 1)


async def _added(place: Place, counter: str, count: int) -> tuple[int, ...]:
    found = (await place.counters())[counter].added
    return found if len(found) == count else ()
