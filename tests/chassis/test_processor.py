"""The processor alone on a real database and broker: transactions, outbox, races, and failures in between."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiokafka.errors import KafkaConnectionError

from chassis.commands.overlay import Overlay
from chassis.commands.processor import LOAD
from chassis.commands.types import Steps
from chassis.messaging.message import Message
from chassis.mongo import Session, transact
from contracts.envelope import Envelope
from contracts.outcomes import Outcome
from tests.chassis.counter import TOO_LATE, Counter, Desk
from tests.chassis.counting import SERVICE, Place, ids
from tests.chassis.processor_bench import a_bench


async def test_the_same_batch_twice_changes_state_once(place: Place) -> None:
    counters = ids(20)
    batch = [place.add(one, n) for n in (1, 2) for one in counters]
    async with a_bench(place) as bench:
        await bench.process(*batch)
        await bench.process(*batch)
        await bench.process(*batch, place.add(counters[0], 3))
    stored = await place.counters()
    assert {one: stored[one].added for one in counters} == dict.fromkeys(counters, (1, 2)) | {counters[0]: (1, 2, 3)}
    events = await place.events()
    assert events == {one: [1, 2] for one in counters} | {counters[0]: [1, 2, 3]}
    assert len(await place.documents("processed_commands")) == 41


async def test_the_same_command_twice_in_a_batch_is_one_and_another_body_is_refused(place: Place) -> None:
    (counter,), (command,) = ids(1), ids(1)
    batch = [place.add(counter, amount, command_id=command) for amount in (1, 1, 2)]
    async with a_bench(place) as bench:
        await bench.process(*batch)
    assert (await place.counters())[counter].added == (1,)
    outcomes = {(o.digest, o.result) for o in await place.outcomes()}
    assert outcomes == {("digest of 1", "applied"), ("digest of 2", "refused")}


async def test_what_a_crash_left_unpublished_is_published_before_the_next_is_built_on_it(place: Place) -> None:
    counter, other = ids(2)
    async with a_bench(place) as bench:
        await bench.process(place.add(counter, 1))
        bench.publisher.deaths = 1
        with pytest.raises(KafkaConnectionError):
            await bench.process(place.add(counter, 2), place.add(counter, 3), place.add(other, 1))
        assert await place.events() == {counter: [1]}
        await bench.process(place.add(counter, 4))
    assert await place.events() == {counter: [1, 2, 3, 4], other: [1]}
    assert {o.result for o in await place.outcomes()} == {"applied"}
    assert len({o.command_id for o in await place.outcomes()}) == 5
    assert {d["state"] for d in await place.documents("outbox")} == {1}


async def test_nothing_new_commits_while_what_was_committed_cannot_be_published(place: Place) -> None:
    (counter,) = ids(1)
    async with a_bench(place) as bench:
        bench.publisher.deaths = 2
        for amount in (1, 2):
            with pytest.raises(KafkaConnectionError):
                await bench.process(place.add(counter, amount))
        assert (await place.counters())[counter].added == (1,)
        await bench.process(place.add(counter, 3))
    assert await place.events() == {counter: [1, 2]}


async def test_a_process_that_starts_publishes_what_its_predecessor_left(place: Place) -> None:
    (counter,) = ids(1)
    async with a_bench(place) as bench:
        bench.publisher.deaths = 1
        with pytest.raises(KafkaConnectionError):
            await bench.process(*(place.add(counter, n) for n in range(1, 6)))
    async with a_bench(place) as bench:
        assert await bench.processor.outbox.drain() == 1
        assert await bench.processor.outbox.drain() == 0
    assert await place.events() == {counter: [1, 2, 3, 4, 5]}


async def test_a_command_refused_after_it_touched_two_things_leaves_both_unchanged(place: Place) -> None:
    one, other = ids(2)
    async with a_bench(place) as bench:
        batch = [place.add(one, 1), place.add(one, TOO_LATE, also=other), place.add(one, 2), place.add(other, 3)]
        await bench.process(*batch)
    stored = await place.counters()
    assert {name: counter.added for name, counter in stored.items()} == {one: (1, 2), other: (3,)}
    assert await place.events() == {one: [1, 2], other: [1]}


async def test_a_failure_inside_the_transaction_leaves_nothing(place: Place) -> None:
    def broken(own: Steps[Desk, Overlay[Counter]]) -> Steps[Desk, Overlay[Counter]]:
        async def save(desk: Desk, session: Session) -> None:
            await own.save(desk, session)
            raise RuntimeError

        return replace(own, save=save)

    async with a_bench(place, broken) as bench:
        with pytest.raises(RuntimeError):
            await bench.process(place.add(ids(1)[0], 1))
    assert await place.counters() == {}
    assert await place.documents("processed_commands") == []


async def test_documents_that_are_read_newest_first_go_out_by_version(place: Place) -> None:
    """Nor does the clock tell: the other process's may be behind."""
    (counter,) = ids(1)

    def event(version: int) -> Message:
        head = Envelope(ids(1)[0], "/simpul/counter", "counter.added.v1", datetime.now(UTC), sequence=version)
        return Message(place.names.events(SERVICE), counter.encode(), b"{}", head.headers())

    async with a_bench(place) as bench:
        outbox, now = bench.processor.outbox, datetime.now(UTC)
        for versions, at in (((3, 4), now - timedelta(seconds=1)), ((1, 2), now)):

            async def write(session: Session) -> None:
                await outbox.add([event(v) for v in versions], at, session)  # noqa: B023  # awaited at once

            await transact(bench.processor.client, write)
        assert await outbox.drain() == 2
    assert await place.events() == {counter: [1, 2, 3, 4]}


async def test_what_is_not_published_is_never_forgotten(place: Place) -> None:
    published, unpublished = ids(2)
    async with a_bench(place) as bench:
        await bench.process(place.add(published, 1))
        bench.publisher.deaths = 1
        with pytest.raises(KafkaConnectionError):
            await bench.process(place.add(unpublished, 1))
        assert len(await place.documents("outbox")) == 2
        await bench.processor.outbox.forget(datetime.now(UTC) - timedelta(minutes=1))
        assert len(await place.documents("outbox")) == 2
        await bench.processor.outbox.forget(datetime.now(UTC) + timedelta(days=3))
        assert [d["state"] for d in await place.documents("outbox")] == [0]
        await bench.processor.outbox.drain()
    assert await place.events() == {published: [1], unpublished: [1]}


async def test_what_answers_a_survivors_command_is_of_that_class_whatever_becomes_of_it(place: Place) -> None:
    (counter,), (done, ended, plain) = ids(1), ids(3)
    first, second = (place.add(counter, n, command_id=c, classification="survivor") for n, c in ((1, done), (2, ended)))
    async with a_bench(place) as bench:
        await bench.give_up(second)
        await bench.give_up(place.add(counter, 3, command_id=ended))
        await bench.process(first, second, place.add(counter, 1, command_id=plain))
        await bench.process(first, second)
        await bench.give_up(place.add(counter, 4, command_id=plain, classification="survivor"))
    assert await place.classes(plain) == [("applied", "internal"), ("refused", "survivor")]
    assert set(await place.classes(done)) == {("applied", "survivor")}
    assert await place.classes(ended) == [("refused", "survivor")] * 4


async def test_what_lies_aside_is_known_as_held_to_its_organisation_until_it_is_processed(place: Place) -> None:
    (counter,), (aside,) = ids(1), ids(1)
    command = place.add(counter, 1, command_id=aside)
    async with a_bench(place) as bench:
        assert await bench.processor.processed.find_outcome(aside, "KP2MI") is None
        await bench.hold(command)
        await bench.hold(command)
        held = await bench.processor.processed.find_outcome(aside, "KP2MI")
        assert held is not None
        assert (held.result, held.problems[0].code, held.digest) == ("held", "platform_held", "digest of 1")
        assert await bench.processor.processed.find_outcome(aside, "BPS") is None
        await bench.process(command)
        applied = await bench.processor.processed.find_outcome(aside, "KP2MI")
        assert applied is not None
        assert applied.result == "applied"
        await bench.processor.processed.forget(datetime.now(UTC) + timedelta(seconds=1))
    assert await place.documents("held_commands") == []


async def test_an_operator_ends_a_command_once_and_not_one_that_was_settled_meanwhile(place: Place) -> None:
    (counter,) = ids(1)
    processed, aside = ids(2)
    async with a_bench(place) as bench:
        await bench.process(place.add(counter, 1, command_id=processed))
        await bench.give_up(place.add(counter, 1, command_id=processed), reply_to="again")
        await bench.give_up(place.add(counter, 2, command_id=aside), reply_to="reply")
        found: Outcome | None = await bench.processor.processed.find_outcome(aside, "KP2MI")
        assert found is not None
        assert (found.result, found.problems[0].code) == ("refused", "platform_gave_up")
        assert await bench.processor.processed.find_outcome(aside, "BPS") is None
        await bench.process(place.add(counter, 2, command_id=aside))
    outcomes = [(o.command_id, o.result, o.reply_to) for o in await place.outcomes()]
    assert sorted(outcomes) == sorted(
        [
            (processed, "applied", "reply to 1"), (processed, "applied", "again"),
            (aside, "refused", "reply"), (aside, "refused", "reply to 2"),
        ]
    )  # fmt: skip
    assert (await place.counters())[counter].added == (1,)


async def test_processed_commands_are_forgotten_by_age_batch_by_batch(place: Place) -> None:
    """A command that comes again after that is decided again: the aggregate itself knows it."""
    (counter,) = ids(1)
    async with a_bench(place) as bench:
        await bench.process(*(place.add(counter, n) for n in range(60)))
        between = datetime.now(UTC)
        await bench.process(place.add(counter, 60))
        await bench.processor.processed.forget(between)
        assert [d["digest"] for d in await place.documents("processed_commands")] == ["digest of 60"]
        assert len(await place.documents("processed_batches")) == 1
        await bench.processor.processed.forget(datetime.now(UTC) + timedelta(seconds=1))
    assert await place.documents("processed_commands") == await place.documents("processed_batches") == []


async def test_it_is_not_quiet_while_a_batch_of_a_load_is_in_hand_however_long_that_takes(place: Place) -> None:
    seconds: list[float] = []

    def listening(own: Steps[Desk, Overlay[Counter]]) -> Steps[Desk, Overlay[Counter]]:
        async def save(desk: Desk, session: Session) -> None:
            await own.save(desk, session)
            seconds.append(bench.processor.quiet_for())

        return replace(own, save=save)

    async with a_bench(place, listening) as bench:
        await bench.process(place.add(ids(1)[0], 1))
        await bench.process(*(place.add(one, 1) for one in ids(LOAD)))
        assert seconds == [math.inf, 0.0]
        assert 0.0 < bench.processor.quiet_for() < math.inf
