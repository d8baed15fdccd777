"""Two processes at once, and slow ones: what is committed rests on what stands."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pymongo.errors import OperationFailure

from chassis.commands import processor
from chassis.commands.overlay import Overlay
from chassis.commands.types import Command, Steps
from chassis.messaging.message import Message
from chassis.mongo import Session, VersionConflict
from tests.chassis.counter import Counter, Desk
from tests.chassis.counting import SERVICE, Place, ids
from tests.chassis.processor_bench import Bench, a_bench


async def test_two_processes_at_once_on_the_same_aggregates_apply_each_command_once(place: Place) -> None:
    counters = ids(3)
    batches = [[place.add(one, 1) for _ in range(4) for one in counters] for _ in range(10)]
    async with a_bench(place) as first, a_bench(place) as second:

        async def run(bench: Bench, own: Sequence[Sequence[Message]]) -> None:
            for batch in own:
                await bench.process(*batch)

        # every third batch reaches both, as after a rebalance
        await asyncio.gather(run(first, batches[:7]), run(second, batches[4:]))
    stored = await place.counters()
    assert {one: (stored[one].total, len(stored[one].added)) for one in counters} == dict.fromkeys(counters, (40, 40))
    assert {one: sorted(set(found)) for one, found in (await place.events()).items()} == {
        one: list(range(1, 41)) for one in counters
    }
    assert len({o.command_id for o in await place.outcomes()}) == 120


async def test_the_first_announcement_of_every_version_is_in_order_even_with_two_processes(place: Place) -> None:
    (counter,) = ids(1)
    async with a_bench(place) as first, a_bench(place) as second:
        await asyncio.gather(
            *(bench.process(place.add(counter, 1)) for _ in range(8) for bench in (first, second)),
        )
    firsts = list(dict.fromkeys((await place.events())[counter]))
    assert firsts == list(range(1, 17))


async def test_a_lost_race_is_decided_again_on_what_the_winner_wrote(place: Place) -> None:
    (counter,) = ids(1)
    losses, recalled = [1, 2, 3], list[Desk]()

    def losing(own: Steps[Desk, Overlay[Counter]]) -> Steps[Desk, Overlay[Counter]]:
        async def save(desk: Desk, session: Session) -> None:
            await own.save(desk, session)
            if losses:
                losses.pop()
                raise VersionConflict

        return replace(own, save=save, on_conflict=recalled.append)

    async with a_bench(place, losing) as bench:
        await bench.process(*(place.add(counter, n) for n in (1, 2, 3, 4)))
    assert (await place.counters())[counter].added == (1, 2, 3, 4)
    assert await place.events() == {counter: [1, 2, 3, 4]}
    assert len(recalled) == 3


async def test_what_is_recorded_is_recorded_after_its_load_and_anew_at_every_try(place: Place) -> None:
    (counter,) = ids(1)
    loaded, losses = [], [1]

    def slow(own: Steps[Desk, Overlay[Counter]]) -> Steps[Desk, Overlay[Counter]]:
        async def load(commands: Sequence[Command]) -> Desk:
            desk = await own.load(commands)
            await asyncio.sleep(0.05)  # a slow database
            loaded.append(datetime.now(UTC))
            return desk

        async def save(desk: Desk, session: Session) -> None:
            await own.save(desk, session)
            if losses:
                losses.pop()
                raise VersionConflict

        return replace(own, load=load, save=save)

    async with a_bench(place, slow) as bench:
        await bench.process(place.add(counter, 1))
    (event,) = await place.read(place.names.events(SERVICE))
    recorded = datetime.fromisoformat(dict(event.headers)["ce_recordedtime"].decode())
    assert len(loaded) == 2
    assert recorded >= loaded[-1] - timedelta(milliseconds=1)


async def test_what_took_too_long_to_decide_is_not_committed_under_its_old_time(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    (counter,) = ids(1)
    monkeypatch.setattr(processor, "DECIDE_SECONDS", 0.0)
    async with a_bench(place) as bench:
        commands = bench.commands(place.add(counter, 1))
        with pytest.raises(processor.DecidedTooLongAgo):
            await bench.processor.process(commands, {}, again=False)
        assert await place.counters() == {}
        monkeypatch.undo()
        await bench.processor.process(commands, {}, again=True)
    assert (await place.counters())[counter].added == (1,)


async def test_a_transaction_that_the_server_ended_is_decided_again_and_never_bad(place: Place) -> None:
    (counter,) = ids(1)
    ended = [OperationFailure("the transaction has been aborted", 251) for _ in range(3)]

    def slow(own: Steps[Desk, Overlay[Counter]]) -> Steps[Desk, Overlay[Counter]]:
        async def save(desk: Desk, session: Session) -> None:
            await own.save(desk, session)
            if ended:
                raise ended.pop()

        return replace(own, save=save)

    async with a_bench(place, slow) as bench:
        await bench.process(*(place.add(counter, n) for n in (1, 2, 3)))
    assert (await place.counters())[counter].added == (1, 2, 3)
    assert {o.result for o in await place.outcomes()} == {"applied"}
