"""How a batch gets through: outages are waited out, lost races tried again."""

import asyncio
import time
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaTimeoutError, MessageSizeTooLargeError
from prometheus_client import REGISTRY
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    DuplicateKeyError,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    ServerSelectionTimeoutError,
)

from chassis.messaging.priority import Gate
from chassis.messaging.retention import janitor
from chassis.messaging.retry import Health, LostRace, Outage, TooSlow, backoff, every, is_outage, watch
from chassis.messaging.subscription import Abandoned, Batch
from chassis.mongo import TransactionAgedOut, VersionConflict, lost_race
from tests.builders import a_record
from tests.chassis.trial import Bench, offsets, records_of_keys
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


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (OperationFailure("x", 251), TransactionAgedOut),
        (OperationFailure("x", 290, {"errorLabels": ["TransientTransactionError"]}), TransactionAgedOut),
        (OperationFailure("x", 112), VersionConflict),
        (DuplicateKeyError("x"), VersionConflict),
        (BulkWriteError({"writeErrors": [{"code": 11000}]}), VersionConflict),
        (BulkWriteError({"writeErrors": [{"code": 121}]}), type(None)),
        (OperationFailure("too large", 10334), type(None)),
        (VersionConflict(), VersionConflict),
    ],
)
def test_a_lost_race_is_known_by_the_error_of_the_database(error: Exception, lost: type[Exception]) -> None:
    assert type(lost_race(error)) is lost


async def test_a_server_that_is_away_is_not_asked_without_a_pause() -> None:
    for attempt, least in ((0, 0.07), (1, 0.14)):
        began = time.monotonic()
        await backoff(attempt)
        assert time.monotonic() - began >= least


async def test_only_the_first_try_takes_every_record_for_new() -> None:
    """Whatever came before may have been done, and its answer lost."""
    bench = Bench(dict.fromkeys(range(2), ValueError()))
    await bench.run(records_of_keys(2))
    assert bench.again[0] is False
    assert set(bench.again[1:]) == {True}


def test_a_process_that_waits_says_so_until_it_waits_for_nothing_any_more() -> None:
    health = Health()
    seen = []
    for change, reason in (("waiting", "a"), ("waiting", "b"), ("recovered", "a"), ("recovered", "b")):
        getattr(health, change)(reason)
        seen.append((health.well, REGISTRY.get_sample_value("simpul_waiting_for_servers")))
    assert seen == [(False, 1), (False, 1), (False, 1), (True, 0)]


async def test_the_gate_is_free_while_an_outage_is_waited_out() -> None:
    gate = Gate()
    bench = Bench({0: Outage()}, gate=gate)
    waiting = asyncio.create_task(bench.run([a_record(0)]))
    await eventually(lambda: len(bench.sizes) > 2)
    async with asyncio.timeout(30), gate.turn(urgent=False):
        bench.causes.clear()
    await waiting


async def test_a_batch_that_is_too_slow_is_halved_at_once_until_it_is_not() -> None:
    bench = Bench()
    handled = bench.handle

    async def handle(batch: Batch) -> None:
        bench.sizes.append(len(batch.records))
        if len(batch.records) > 2:
            raise TooSlow
        await handled(batch)

    bench.handle = handle  # type: ignore[method-assign]
    await bench.run(records_of_keys(16))
    assert offsets(bench.passed) == list(range(16))
    assert bench.sizes[:4] == [16, 8, 4, 2]


@pytest.mark.parametrize("error", [TooSlow(), TransactionAgedOut()])
async def test_a_single_record_that_is_too_slow_twice_is_an_outage_and_never_bad(error: LostRace) -> None:
    bench = Bench({0: error})
    waiting = asyncio.create_task(bench.run([a_record(0)]))
    await eventually(lambda: not bench.health.well)
    await eventually(lambda: len(bench.sizes) > 5, 30)
    assert bench.aside == []
    bench.causes.clear()
    await waiting
    assert (offsets(bench.passed), bench.aside) == ([0], [])
    assert bench.health.well


async def test_a_command_that_conflicts_for_ever_is_bad_and_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.messaging.batch_runner.MAX_CONFLICTS", 4)
    bench = Bench({1: VersionConflict()})
    await bench.run(records_of_keys(3))
    assert (sorted(offsets(bench.passed)), bench.aside) == ([0, 2], [1])


async def test_whoever_lost_its_partitions_stops_waiting() -> None:
    bench = Bench({0: Outage()})
    waiting = asyncio.create_task(bench.run([a_record(0)]))
    await eventually(lambda: not bench.health.well)
    bench.owned = False
    with pytest.raises(Abandoned):
        await waiting
    assert bench.aside == []
    assert bench.health.well  # or a spare process would never be ready again


async def test_whoever_lost_its_partitions_leaves_what_fails_to_their_new_owner() -> None:
    bench = Bench(dict.fromkeys(range(2), ValueError()))
    bench.owned = False
    with pytest.raises(Abandoned):
        await bench.run(records_of_keys(2))
    assert (bench.aside, bench.sizes.count(1)) == ([], 2)
    assert bench.health.well


async def test_waiting_ends_when_the_process_is_stopped() -> None:
    bench = Bench({0: Outage()})
    waiting: asyncio.Task[Any] = asyncio.create_task(bench.runner.run([a_record(0)]))
    await eventually(lambda: not bench.health.well)
    waiting.cancel()
    await asyncio.wait([waiting], timeout=30)
    assert waiting.cancelled()


async def test_no_error_ends_what_keeps_house() -> None:
    """Else the process would end, and after every restart again."""
    health, asked = Health(), list[str]()

    async def topics() -> list[str]:
        asked.append("janitor")
        raise KeyError

    async def reachable() -> bool:
        asked.append("watch")
        raise RuntimeError

    async def work() -> None:
        asked.append("every")
        raise ValueError

    settings: Any = None
    tasks = [
        asyncio.create_task(janitor(settings, topics, "group", hours=1)),
        asyncio.create_task(watch(reachable, health, "broker")),
        asyncio.create_task(every(0.001, work, health, "work")),
    ]
    await eventually(lambda: {"janitor", "watch", "every"} == set(asked) and health.reasons == {"broker", "work"})
    await asyncio.sleep(0)
    assert not [task for task in tasks if task.done()]
    assert (asked.count("janitor"), asked.count("watch")) == (1, 1)  # and none of them asks without a pause
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
