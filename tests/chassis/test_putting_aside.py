"""Poison: which records are put aside, when, and what waits behind them."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.messaging.batch_runner import ROUNDS_ALIKE
from chassis.messaging.record import Record, place
from chassis.messaging.retry import OddAnswer, Outage
from chassis.messaging.subscription import Batch, Postponed, Unreadable
from chassis.messaging.throttle import Throttle
from chassis.mongo import VersionConflict
from tests.builders import a_record
from tests.chassis.trial import Bench, offsets, records_of_keys
from tests.eventually import eventually


async def test_an_outage_is_waited_out_unready_and_nothing_is_put_aside() -> None:
    bench = Bench({1: Outage()})
    waiting = asyncio.create_task(bench.run([a_record(0), a_record(1)]))
    await eventually(lambda: not bench.health.well)
    assert bench.passed == []
    bench.causes.clear()
    await waiting
    assert bench.health.well
    assert (offsets(bench.passed), bench.aside) == ([0, 1], [])


async def test_one_bad_record_is_put_aside_and_the_others_pass_in_order() -> None:
    bench = Bench({3: ValueError()})
    await bench.run(records_of_keys(8))
    assert offsets(bench.passed) == [0, 1, 2, 4, 5, 6, 7]
    assert (bench.aside, bench.behind, bench.held) == ([3], [], [3])
    assert bench.health.well


async def test_later_records_of_its_key_are_put_aside_behind_a_bad_one() -> None:
    bench = Bench({2: ValueError()})
    await bench.run([a_record(n, key=b"even" if n % 2 == 0 else b"odd") for n in range(8)])
    assert offsets(bench.passed) == [0, 1, 3, 5, 7]
    assert (bench.aside, bench.behind) == ([2, 4, 6], [4, 6])


async def test_a_record_is_never_put_aside_behind_one_of_another_partition() -> None:
    bench = Bench({0: ValueError()})
    await bench.run([a_record(0), a_record(1), a_record(2, partition=1)])
    assert (offsets(bench.passed), bench.aside) == ([2], [0, 1])


async def test_an_earlier_record_is_never_held_behind_a_later_one() -> None:
    bench = Bench()
    bench.letters.first["group/topic/0/" + b"key".hex()] = 5
    await bench.run([a_record(4), a_record(5), a_record(6), a_record(7, partition=1)])
    assert sorted(offsets(bench.passed)) == [4, 7]
    assert bench.behind == [5, 6]


@pytest.mark.parametrize("key", [None, b"key"])
async def test_when_no_record_passes_the_fault_may_be_ours_and_nothing_is_put_aside_at_once(key: bytes | None) -> None:
    bench = Bench(dict.fromkeys(range(4), ValueError()))
    seen = list[tuple[bool, list[int], int]]()

    async def mended_in_time(rounds: int) -> None:
        seen.append((bench.health.well, bench.aside, len(bench.probed)))
        if rounds == ROUNDS_ALIKE - 1:
            bench.causes.clear()

    bench.runner.pause = mended_in_time
    await bench.run([a_record(n, key=key and key + bytes([n])) for n in range(4)])
    assert seen == [(False, [], 0)] * (ROUNDS_ALIKE - 1)
    assert (sorted(offsets(bench.passed)), bench.aside) == ([0, 1, 2, 3], [])
    assert bench.health.well


async def test_two_bad_records_alone_are_put_aside_once_they_failed_alike_five_times() -> None:
    bench = Bench(dict.fromkeys(range(2), ValueError()))
    await bench.run(records_of_keys(2))
    assert (bench.aside, bench.letters.unproven) == ([0, 1], {0, 1})
    assert bench.sizes.count(1) == 10
    assert len(bench.probed) == 1
    assert bench.health.well


async def test_records_that_fail_otherwise_each_time_are_not_put_aside() -> None:
    bench = Bench()
    errors = [ValueError, KeyError]

    async def handle(batch: Batch) -> None:
        bench.sizes.append(len(batch.records))
        raise errors[bench.sizes.count(2) % 2]

    bench.handle = handle  # type: ignore[method-assign]
    waiting = asyncio.create_task(bench.run(records_of_keys(2)))
    await eventually(lambda: bench.sizes.count(2) > 6, 30)
    assert bench.aside == []
    waiting.cancel()


async def test_while_the_probe_fails_the_fault_is_ours_however_often_the_records_fail() -> None:
    bench = Bench(dict.fromkeys(range(2), ValueError()))
    bench.probe_fails = [RuntimeError()] * 2
    await bench.run(records_of_keys(2))
    assert (bench.aside, len(bench.probed)) == ([0, 1], 3)


async def test_not_more_than_so_many_an_hour_are_put_aside_without_proof_and_the_rest_waits() -> None:
    bench = Bench(dict.fromkeys(range(4), ValueError()))
    bench.runner.throttle = Throttle(3)
    waiting = asyncio.create_task(bench.run(records_of_keys(4)))
    await eventually(lambda: bench.aside == [0, 1, 2], 30)
    await eventually(lambda: bench.sizes[-20:] == [1] * 20, 30)  # the last one, alone now, is tried again and again
    assert bench.aside == [0, 1, 2]
    assert not bench.health.well
    waiting.cancel()
    bench = Bench(dict.fromkeys(range(4), ValueError()))
    bench.runner.throttle = Throttle(1)
    bench.runner.throttle.grant(age=10)
    waiting = asyncio.create_task(bench.run(records_of_keys(4)))
    await eventually(lambda: len(bench.probed) > 1, 30)
    assert bench.aside == []
    assert not bench.health.well
    bench.causes.clear()
    await waiting
    assert bench.health.well


async def test_a_record_that_is_alone_is_put_aside_after_a_probe_passed() -> None:
    bench = Bench({0: ValueError()})
    bench.probe_fails = [Outage()]
    await bench.run([a_record(0)])
    assert (bench.aside, len(bench.probed), bench.letters.unproven) == ([0], 2, set())
    assert bench.health.well


async def test_of_an_error_that_a_service_gave_the_probe_is_asked_even_when_others_passed() -> None:
    bench = Bench({1: ValueError()})
    bench.probe_fails = [RuntimeError(), Outage()]
    await bench.run(records_of_keys(3))
    assert (sorted(offsets(bench.passed)), bench.aside) == ([0, 2], [1])
    assert len(bench.probed) == 3


async def test_records_of_one_key_are_put_aside_together_when_only_the_first_can_be_tried() -> None:
    bench = Bench({0: ValueError()})
    await bench.run([a_record(0), a_record(1)])
    assert (bench.aside, bench.behind, len(bench.probed)) == ([0, 1], [1], 1)


async def test_what_can_be_read_is_never_put_aside_behind_a_later_record_that_cannot() -> None:
    """All of one key: the first fails for a moment, so the second waits; the third is unreadable."""
    bench = Bench({0: ValueError()})
    handled = bench.handle

    async def handle(batch: Batch) -> None:
        if bad := {place(r): "undecodable" for r in batch.records if r.offset == 2}:
            raise Unreadable(bad)
        await handled(batch)

    async def mended(_: int) -> None:
        bench.causes.clear()

    bench.handle, bench.runner.pause = handle, mended  # type: ignore[method-assign]
    await bench.run([a_record(n) for n in range(4)])
    assert (offsets(bench.passed), bench.aside, bench.behind) == ([0, 1], [2, 3], [3])


async def test_of_odd_answers_by_the_hundred_only_so_many_an_hour_are_put_aside_though_others_pass() -> None:
    """Those that passed may not have needed the service that answers so."""
    bench = Bench(dict.fromkeys(range(1, 10), OddAnswer()))
    bench.runner.throttle = Throttle(3)
    waiting = asyncio.create_task(bench.run(records_of_keys(10)))
    await eventually(lambda: bench.aside == [1, 2, 3] and not bench.health.well, 30)
    assert (offsets(bench.passed), bench.letters.unproven) == ([0], {1, 2, 3})
    bench.causes.clear()
    await waiting
    assert (bench.aside, len(bench.passed)) == ([1, 2, 3], 7)


async def test_one_odd_answer_among_good_ones_is_put_aside_at_once() -> None:
    bench = Bench({1: OddAnswer(), 2: ValueError()})
    await bench.run(records_of_keys(4))
    assert (bench.aside, bench.letters.unproven, len(bench.probed)) == ([1, 2], {1}, 2)


async def test_an_outage_in_the_middle_of_a_bisection_puts_no_innocent_aside() -> None:
    bench = Bench({1: ValueError()})
    handled = bench.handle
    outages = [Outage()]

    async def handle(batch: Batch) -> None:
        if offsets(batch.records) == [2] and outages:
            raise outages.pop()
        await handled(batch)

    bench.handle = handle  # type: ignore[method-assign]
    await bench.run(records_of_keys(4))
    assert (sorted(offsets(bench.passed)), bench.aside) == ([0, 2, 3], [1])


async def test_what_cannot_be_read_needs_no_proof_and_holds_those_of_its_key_back() -> None:
    bench = Bench()

    async def handle(batch: Batch) -> None:
        if bad := {place(r): "undecodable" for r in batch.records if r.value == b"bad"}:
            raise Unreadable(bad)
        bench.passed += batch.records

    bench.handle = handle  # type: ignore[method-assign]
    records = [a_record(n, key=b"a" if n in (0, 1, 3) else b"b", value=b"bad" if n == 1 else b"{}") for n in range(5)]
    await bench.run(records)
    assert (offsets(bench.passed), bench.aside, bench.behind) == ([0, 2, 4], [1, 3], [3])
    assert (bench.letters.reasons[1], bench.probed) == ("undecodable", [])


async def test_what_waits_for_something_else_is_postponed_and_nothing_waits_behind_it() -> None:
    bench = Bench()

    async def handle(batch: Batch) -> None:
        if early := {place(r): "rounds: Outage" for r in batch.records if r.value == b"answer"}:
            raise Postponed(early)
        bench.passed += batch.records

    bench.handle = handle  # type: ignore[method-assign]
    await bench.run([a_record(n, value=b"answer" if n == 1 else b"{}") for n in range(4)])
    assert (offsets(bench.passed), bench.aside, bench.held) == ([0, 2, 3], [1], [])
    assert bench.letters.states == {1: "postponed"}


async def test_a_lost_race_is_tried_again_and_never_put_aside() -> None:
    bench = Bench()
    losses = [VersionConflict() for _ in range(10)]
    handled = bench.handle

    async def handle(batch: Batch) -> None:
        if losses:
            raise losses.pop()
        await handled(batch)

    bench.handle = handle  # type: ignore[method-assign]
    await bench.run(records_of_keys(8))
    assert (offsets(bench.passed), bench.aside) == (list(range(8)), [])
    assert bench.again[0]
    assert bench.health.well


async def test_a_sender_who_cannot_be_told_stops_nothing() -> None:
    bench = Bench({1: ValueError()})

    async def hold(_: Record) -> None:
        raise ValueError

    bench.hold = hold  # type: ignore[method-assign,assignment]
    await bench.run(records_of_keys(3))
    assert (sorted(offsets(bench.passed)), bench.aside) == ([0, 2], [1])


RECORDS = st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c", b"d", None]), st.booleans()), min_size=1, max_size=24)


@settings(deadline=None)
@given(RECORDS)
def test_every_record_is_handled_once_or_put_aside_once_and_order_of_key_is_kept(
    chosen: list[tuple[bytes | None, bool]],
) -> None:
    records = [a_record(n, key=key) for n, (key, _) in enumerate(chosen)]
    records.append(a_record(len(records), key=b"good"))
    bench = Bench({n: ValueError() for n, (_, bad) in enumerate(chosen) if bad})
    asyncio.run(bench.run(records))
    assert sorted(offsets(bench.passed) + bench.aside) == list(range(len(records)))
    for key in {r.key for r in records if r.key}:
        passed = [r.offset for r in bench.passed if r.key == key]
        aside = [r.offset for r in bench.letters.records if r.key == key]
        assert passed + aside == [r.offset for r in records if r.key == key]
