import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaTimeoutError, MessageSizeTooLargeError
from hypothesis import given, settings
from hypothesis import strategies as st
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    DuplicateKeyError,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    ServerSelectionTimeoutError,
)

from chassis.messaging.consumer import Record
from chassis.messaging.retry import BatchRunner, Health, Outage, is_outage
from tests.builders import a_record
from tests.eventually import eventually

LABELLED = OperationFailure("x", 251, {"errorLabels": ["TransientTransactionError"]})


@pytest.mark.parametrize(
    "error",
    [
        Outage(), TimeoutError(), ConnectionRefusedError(), OSError(28, "no space"), KafkaConnectionError(),
        KafkaTimeoutError(), AutoReconnect(), NetworkTimeout(), NotPrimaryError(), ServerSelectionTimeoutError(),
        OperationFailure("no space", 14031), LABELLED,
    ],
)  # fmt: skip
def test_a_server_that_is_away_is_an_outage(error: Exception) -> None:
    assert is_outage(error)


@pytest.mark.parametrize(
    "error",
    [
        MessageSizeTooLargeError(), ValueError(), KeyError(), DuplicateKeyError("x"), BulkWriteError({}),
        OperationFailure("too large", 10334),
    ],
)  # fmt: skip
def test_what_a_record_causes_is_no_outage(error: Exception) -> None:
    assert not is_outage(error)


class Bench:
    """A consumer on trial: what its records cause, what passed, what was parked and why."""

    def __init__(self, causes: dict[int, Exception | None] | None = None) -> None:
        self.causes, self.health = causes or {}, Health()
        self.passed: list[Record] = []
        self.parked: list[Record] = []
        self.behind: list[Record] = []
        self.probe_fails: list[Exception] = []
        self.probes = 0
        self.perseverance = BatchRunner(self.process, self.park, self.probe, self.health, "lane")

    async def process(self, records: Sequence[Record]) -> None:
        await asyncio.sleep(0)
        for record in records:
            if cause := self.causes.get(record.offset):
                raise cause
        self.passed += records

    async def park(self, record: Record, error: BaseException | None) -> None:
        self.parked.append(record)
        if error is None:
            self.behind.append(record)

    async def probe(self) -> None:
        self.probes += 1
        if self.probe_fails:
            raise self.probe_fails.pop()

    async def run(self, records: Sequence[Record]) -> None:
        await asyncio.wait_for(self.perseverance.run(records), 10)


def offsets(records: Sequence[Record]) -> list[int]:
    return [record.offset for record in records]


async def test_an_outage_is_waited_out_unready_and_nothing_is_parked() -> None:
    bench = Bench({1: Outage()})
    waiting = asyncio.create_task(bench.run([a_record(0), a_record(1)]))
    await eventually(lambda: not bench.health.well)
    assert bench.passed == []
    bench.causes.clear()
    await waiting
    assert bench.health.well
    assert (offsets(bench.passed), bench.parked) == ([0, 1], [])


async def test_one_bad_record_is_parked_and_the_others_pass_in_order() -> None:
    bench = Bench({3: ValueError()})
    await bench.run([a_record(n, key=bytes([n])) for n in range(8)])
    assert offsets(bench.passed) == [0, 1, 2, 4, 5, 6, 7]
    assert (offsets(bench.parked), bench.behind) == ([3], [])
    assert bench.health.well


async def test_later_records_of_its_key_are_parked_behind_a_bad_one() -> None:
    bench = Bench({2: ValueError()})
    await bench.run([a_record(n, key=b"even" if n % 2 == 0 else b"odd") for n in range(8)])
    assert offsets(bench.passed) == [0, 1, 3, 5, 7]
    assert (offsets(bench.parked), offsets(bench.behind)) == ([2, 4, 6], [4, 6])


@pytest.mark.parametrize("key", [None, b"key"])
async def test_when_no_record_passes_the_fault_is_ours_and_nothing_is_parked(key: bytes | None) -> None:
    bench = Bench(dict.fromkeys(range(4), ValueError()))
    records = [a_record(n, key=key and key + bytes([n])) for n in range(4)]
    waiting = asyncio.create_task(bench.run(records))
    await eventually(lambda: not bench.health.well)
    assert (bench.parked, bench.probes) == ([], 0)
    bench.causes.clear()
    await waiting
    assert (sorted(offsets(bench.passed)), bench.parked) == ([0, 1, 2, 3], [])
    assert bench.health.well


async def test_a_record_that_is_alone_is_parked_after_a_probe_passed() -> None:
    bench = Bench({0: ValueError()})
    bench.probe_fails = [Outage()]
    await bench.run([a_record(0)])
    assert (offsets(bench.parked), bench.probes) == ([0], 2)
    assert bench.health.well


async def test_records_of_one_key_are_parked_together_when_only_the_first_can_be_tried() -> None:
    bench = Bench({0: ValueError()})
    await bench.run([a_record(0), a_record(1)])
    assert (offsets(bench.parked), offsets(bench.behind), bench.probes) == ([0, 1], [1], 1)


async def test_a_probe_that_fails_otherwise_leaves_nothing_behind() -> None:
    bench = Bench({0: ValueError()})
    bench.probe_fails = [RuntimeError()]
    await bench.run([a_record(0)])
    assert (offsets(bench.parked), bench.probes) == ([0], 2)


async def test_an_outage_in_the_middle_of_a_bisection_parks_no_innocent() -> None:
    causes: dict[int, Exception | None] = {1: ValueError()}
    bench = Bench(causes)

    async def process(records: Sequence[Record]) -> None:
        if len(records) == 1 and records[0].offset == 2 and 2 not in causes:
            causes[2] = None
            raise Outage
        await bench.process(records)

    bench.perseverance.process = process
    await bench.run([a_record(n, key=bytes([n])) for n in range(4)])
    assert (sorted(offsets(bench.passed)), offsets(bench.parked)) == ([0, 2, 3], [1])


async def test_waiting_ends_when_the_process_is_stopped() -> None:
    bench = Bench({0: Outage()})
    waiting: asyncio.Task[Any] = asyncio.create_task(bench.perseverance.run([a_record(0)]))
    await eventually(lambda: not bench.health.well)
    waiting.cancel()
    await asyncio.wait([waiting], timeout=1)
    assert waiting.cancelled()


RECORDS = st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c", b"d", None]), st.booleans()), min_size=1, max_size=24)


@settings(deadline=None)
@given(RECORDS)
def test_every_record_is_processed_once_or_parked_once_and_order_of_key_is_kept(
    chosen: list[tuple[bytes | None, bool]],
) -> None:
    records = [a_record(n, key=key) for n, (key, _) in enumerate(chosen)]
    records.append(a_record(len(records), key=b"good"))
    bench = Bench({n: ValueError() for n, (_, bad) in enumerate(chosen) if bad})
    asyncio.run(bench.run(records))
    assert sorted(offsets(bench.passed) + offsets(bench.parked)) == list(range(len(records)))
    for key in {r.key for r in records if r.key}:
        passed = [r.offset for r in bench.passed if r.key == key]
        parked = [r.offset for r in bench.parked if r.key == key]
        assert passed + parked == [r.offset for r in records if r.key == key]
