"""Lanes, groups and stops of a domain service on a real broker."""

import asyncio
import time

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from prometheus_client import REGISTRY

from chassis.messaging.publisher import Publisher
from chassis.messaging.retention import delete_behind, janitor, lag
from services.gateway.outcome_watch import OutcomeWatch
from tests.builders import a_record
from tests.chassis.counting import SERVICE, Place, counting, ids
from tests.eventually import eventually


async def test_the_interactive_lane_overtakes_a_bulk_load(place: Place) -> None:
    load, (urgent,) = ids(1500), ids(1)
    async with counting(place, bulk=True, batch=100):
        await place.send(*(place.add(one, 1, bulk=True) for one in load))
        await eventually(lambda: _some(place), 30)
        await place.send(place.add(urgent, 1))
        await eventually(lambda: _has(place, urgent), 30)
        assert len(await place.counters()) < 1000
        await place.final(1501)


async def _some(place: Place) -> bool:
    return len(await place.counters()) > 0


async def _has(place: Place, counter: str) -> bool:
    return counter in await place.counters()


async def test_two_processes_share_the_partitions_and_each_command_counts_once(place: Place) -> None:
    counters = ids(30)
    async with counting(place, instance="counter-0") as first:
        await place.send(*(place.add(one, 1) for one in counters))
        async with counting(place, instance="counter-1") as second:
            await eventually(lambda: _shared(first.process, second.process), 30)
            await place.send(*(place.add(one, 2) for one in counters))
            await place.final(60)
        await place.send(*(place.add(one, 3) for one in counters))
        await place.final(90)
    stored = await place.counters()
    assert {stored[one].added for one in counters} == {(1, 2, 3)}


def _shared(*processes: object) -> bool:
    return [len(p.lanes[0].consuming.partitions) for p in processes] == [1, 1]  # type: ignore[attr-defined]


async def test_a_graceful_stop_finishes_the_batch_in_hand_and_acknowledges_it(place: Place) -> None:
    counters = ids(400)
    async with counting(place, batch=400):
        await place.send(*(place.add(one, 1) for one in counters))
        await eventually(lambda: _some(place), 30)
    behind = await lag(place.settings, [place.names.commands(SERVICE)], place.names.group(SERVICE))
    settled = len(await place.counters())
    assert behind[place.names.commands(SERVICE)].records == 400 - settled
    async with counting(place):
        await place.final(400)
    assert {c.added for c in (await place.counters()).values()} == {(1,)}


async def test_acknowledging_what_another_process_owns_by_now_is_no_error(place: Place) -> None:
    topic = place.names.commands(SERVICE)
    async with counting(place) as running:
        lane = running.process.lanes[0]
        lane.consuming.on_partitions_revoked([])
        await lane.acknowledge([a_record(0, topic=topic)])
        assert not lane.owns(a_record(0, topic=topic))
        assert not running.process.ready()["consuming commands"]
        lane.consuming.on_partitions_assigned([TopicPartition(topic, 0), TopicPartition(topic, 1)])
        await running.process.broker.stop()
        await lane.acknowledge([a_record(0, topic=topic)])


async def test_partitions_that_go_to_another_member_and_come_back_count_once(place: Place) -> None:
    (counter,) = ids(1)
    topic = place.names.commands(SERVICE)
    async with counting(place) as running:
        await place.send(place.add(counter, 1))
        await place.final(1)
        async with AIOKafkaConsumer(
            topic, **place.kafka.client, group_id=place.names.group(SERVICE), enable_auto_commit=False,
            partition_assignment_strategy=(RangePartitionAssignor,),
        ):  # fmt: skip
            await eventually(lambda: len(running.process.lanes[0].consuming.partitions) < 2, 30)
        await place.send(place.add(counter, 2))
        await place.final(2)
    assert (await place.counters())[counter].added == (1, 2)


async def test_whoever_waits_for_an_outcome_gets_the_final_one_of_its_own_body(place: Place) -> None:
    (counter,), (command,) = ids(1), ids(1)
    watch = OutcomeWatch(place.settings, [place.names.outcomes(SERVICE)])
    reading = asyncio.create_task(watch.run())
    async with counting(place):
        await place.send(place.add(counter, 9))
        await place.final(1)
        await eventually(lambda: watch.positioned, 30)
        mine, also_mine, other = (watch.expect(command, f"digest of {n}") for n in (1, 1, 2))
        gone = watch.expect(command, "digest of 1")
        gone.cancel()
        await place.send(place.add(counter, 1, command_id=command))
        done, _ = await asyncio.wait([mine, also_mine], timeout=30)
        assert {(task.result().result, task.result().version) for task in done} == {("applied", 2)}
        assert not other.done()
        await place.send(place.add(counter, 2, command_id=command))
        assert (await asyncio.wait_for(other, 30)).problems[0].code == "id_reused"
        assert watch.expected == {}
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


async def test_an_unreadable_outcome_does_not_stop_the_watch(place: Place) -> None:
    (command,) = ids(1)
    topic = place.names.outcomes(SERVICE)
    watch = OutcomeWatch(place.settings, [topic])
    reading = asyncio.create_task(watch.run())
    await eventually(lambda: watch.positioned, 30)
    waiting = watch.expect(command, "digest of 1")
    broken = place.add(command, 1)._replace(topic=topic, key=command.encode(), value=b"\xff")
    publisher = Publisher(place.settings)
    await publisher.send_all([broken])
    await publisher.stop()
    async with counting(place):
        await place.send(place.add(ids(1)[0], 1, command_id=command))
        assert (await asyncio.wait_for(waiting, 30)).result == "applied"
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


async def test_only_what_is_acknowledged_and_old_is_deleted(place: Place) -> None:
    topic, group = place.names.commands(SERVICE), place.names.group(SERVICE)
    (counter,) = ids(1)
    await place.send(*(place.add(counter, n) for n in range(10)))
    assert (await lag(place.settings, [topic], group))[topic].records == 10
    assert await delete_behind(place.settings, [topic], group, hours=0) == {}
    async with counting(place):
        await place.final(10)
        await eventually(lambda: _no_lag(place), 30)
    await place.send(place.add(counter, 10))
    assert await delete_behind(place.settings, [topic], group, hours=1) == {}
    assert len(await place.read(topic)) == 11
    assert sum((await delete_behind(place.settings, [topic], group, hours=-1)).values()) == 10
    assert len(await place.read(topic)) == 1
    assert await delete_behind(place.settings, [topic], group, hours=-1) == {}
    assert (await lag(place.settings, [topic], group))[topic].records == 1


async def test_how_old_the_first_record_is_that_waits_is_measured_from_the_start(place: Place) -> None:
    topic, group, two_days = place.names.commands(SERVICE), place.names.group(SERVICE), 2 * 86_400
    async with AIOKafkaProducer(**place.kafka.client) as producer:
        for partition, age in ((0, 60), (1, two_days), (1, 0)):
            await producer.send_and_wait(
                topic, b"{}", partition=partition, timestamp_ms=int((time.time() - age) * 1000)
            )

    async def topics() -> list[str]:
        return [topic]

    def reported() -> float:
        return REGISTRY.get_sample_value("simpul_lag_seconds", {"topic": topic}) or 0.0

    measuring = asyncio.create_task(janitor(place.settings, topics, group, hours=72))
    await eventually(reported, 30)
    measuring.cancel()
    await asyncio.gather(measuring, return_exceptions=True)
    assert two_days <= reported() < two_days + 60
    assert REGISTRY.get_sample_value("simpul_lag", {"topic": topic}) == 3
    async with counting(place):
        await eventually(lambda: _no_lag(place), 30)


async def _no_lag(place: Place) -> bool:
    topic = place.names.commands(SERVICE)
    return (await lag(place.settings, [topic], place.names.group(SERVICE)))[topic] == (0, 0)
