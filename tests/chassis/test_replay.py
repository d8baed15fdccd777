"""What lies aside is handled again: in order, whatever else lies there, and nothing of it is lost on the way."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from chassis.messaging.replay import Replay
from chassis.messaging.retry import Outage, TooSlow
from chassis.messaging.subscription import Batch, Postponed, Unreadable
from chassis.mongo import VersionConflict
from tests.builders import a_record
from tests.chassis.trial import Bench, offsets


async def a_bench(*states: Any, causes: dict[int, Exception | None] | None = None) -> tuple[Bench, Replay]:
    """One letter for each state, each of a key of its own."""
    bench = Bench(causes)
    for n, state in enumerate(states):
        await bench.letters.put("group", a_record(n, b"%d" % n), "reason", key=b"%d" % n, state=state)
    return bench, Replay([bench.subscription], bench.letters)


def held(bench: Bench) -> Sequence[int]:
    return [one.where[2] for one in bench.letters.letters.values() if one.state == "held"]


async def test_what_fails_stays_and_what_is_of_its_key_behind_it() -> None:
    bench = Bench({1: ValueError()})
    for n, key in enumerate([b"a", b"b", b"b", None, None]):
        await bench.letters.put("group", a_record(n, key), "reason", key=key)
    bench.causes[3] = Unreadable({})
    assert await Replay([bench.subscription], bench.letters).replay() == {"replayed": 2, "keys_left": 2}
    assert (offsets(bench.passed), list(held(bench))) == ([0, 4], [1, 2, 3])


async def test_a_replay_takes_every_page(monkeypatch: pytest.MonkeyPatch) -> None:
    bench, replay = await a_bench(*["held"] * 7)
    read = bench.letters.read
    monkeypatch.setattr(bench.letters, "read", lambda after, state="held": read(after, state, 2))
    assert (await replay.replay())["replayed"] == 7
    assert offsets(bench.passed) == list(range(7))
    assert set(bench.again) == {True}


async def test_a_letter_of_a_topic_that_is_read_no_more_stops_no_other_and_can_be_ended() -> None:
    bench, replay = await a_bench("held", "held", "postponed", "postponed")
    letters = bench.letters.letters
    for name in ("000000", "000002"):
        letters[name] = replace(letters[name], where=("renamed", 0, 0))
    await replay.replay_postponed()
    assert await replay.replay() == {"replayed": 1, "keys_left": 2}
    assert offsets(bench.passed) == [3, 1]
    assert {one.state for one in letters.values()} == {"held"}
    assert await replay.give_up("000000")
    assert (list(letters), bench.given_up) == (["000002"], [])


async def test_a_letter_that_cannot_be_opened_stops_no_other_and_stays() -> None:
    bench, replay = await a_bench("held", "held", "postponed", "postponed")
    letters = bench.letters.letters
    for name in ("000000", "000002"):
        letters[name] = replace(letters[name], record=None)
    assert await replay.replay() == {"replayed": 1, "keys_left": 1}
    await replay.replay_postponed()
    assert {name: one.state for name, one in letters.items()} == {"000000": "held", "000002": "held"}


async def test_while_something_is_away_a_replay_says_so_and_tries_no_further() -> None:
    for error in (Outage(), TooSlow()):
        bench, replay = await a_bench("held", "held", causes=dict.fromkeys(range(2), error))
        with pytest.raises(Outage):
            await replay.replay()
        assert len(bench.sizes) == 1 if isinstance(error, Outage) else 2
        assert list(held(bench)) == [0, 1]


async def test_a_lost_race_is_decided_again_before_it_counts_as_a_failure() -> None:
    bench, replay = await a_bench("held")
    losses: list[Exception] = [VersionConflict() for _ in range(5)]
    handled = bench.handle

    async def handle(batch: Batch) -> None:
        if losses:
            raise losses.pop()
        await handled(batch)

    bench.handle = handle  # type: ignore[method-assign]
    assert (await replay.replay())["replayed"] == 1


async def test_what_was_postponed_is_handled_when_it_may_and_nobody_is_told() -> None:
    bench, replay = await a_bench("postponed", "postponed", causes={0: Postponed({}), 1: Postponed({})})
    await replay.replay_postponed()
    assert len(bench.sizes) == 1  # the first still waits, so the second would
    bench.causes.clear()
    await replay.replay_postponed()
    assert (offsets(bench.passed), bench.letters.letters, bench.held) == ([0, 1], {}, [])


async def test_what_was_postponed_and_is_bad_in_itself_is_held_its_sender_told_and_stops_no_other() -> None:
    bench, replay = await a_bench("postponed", "postponed", causes={0: ValueError()})
    await replay.replay_postponed()
    assert (list(held(bench)), bench.held, offsets(bench.passed)) == ([0], [0], [1])
    assert bench.letters.letters["000000"].reason.startswith("ValueError")


@pytest.mark.parametrize("told", [True, False])
async def test_what_was_postponed_is_there_whenever_the_process_dies(told: bool) -> None:
    """Between any two steps: nothing is removed before something else keeps it, and the sender is told in the end."""
    bench, replay = await a_bench("postponed", causes={0: ValueError()})
    hold = bench.hold

    async def unheard(_: Any) -> None:
        raise Outage

    if told:
        bench.letters.away = [Outage()]
    else:
        bench.hold = unheard  # type: ignore[method-assign,assignment]
    with pytest.raises(Outage):
        await replay.replay_postponed()
    assert [one.state for one in bench.letters.letters.values()] == ["postponed"]
    bench.hold = hold  # type: ignore[method-assign]
    await replay.replay_postponed()
    assert list(held(bench)) == [0]
    assert bench.held[-1:] == [0]


async def test_who_sent_it_is_told_before_a_letter_is_ended() -> None:
    bench, replay = await a_bench("held", "postponed")
    assert not await replay.give_up("nothing")
    assert await replay.give_up("000001")
    bench.letters.away = [Outage()]
    with pytest.raises(Outage):
        await replay.give_up("000000")
    assert (bench.given_up, list(bench.letters.letters)) == ([1, 0], ["000000"])
