"""Consumers, groups and stops of a domain service on a real broker."""

import asyncio
import json
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
        await place.final(1501)
    outcomes = await place.read(place.names.outcomes(SERVICE))
    told_at = {json.loads(outcome.value)["aggregate_id"]: outcome.timestamp for outcome in outcomes}
    assert sum(told_at[one] < told_at[urgent] for one in load) < 1000


async def _some(place: Place) -> bool:
    return len(await place.counters()) > 0


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
    return [len(p.consumers.consumers[0].assignment.partitions) for p in processes] == [1, 1]  # type: ignore[attr-defined]


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


async def test_what_may_not_be_acknowledged_yet_is_handled_and_acknowledged_later(place: Place) -> None:
    topic, group = place.names.commands(SERVICE), place.names.group(SERVICE)
    async with counting(place) as running:
        consumer = running.process.consumers.consumers[0]
        consumer.settled = lambda: False
        for number in (1, 2):
            await place.send(*(place.add(one, 1) for one in ids(10)))
            await place.final(10 * number)
        assert (await lag(place.settings, [topic], group))[topic].records == 20
        consumer.settled = lambda: True
        await eventually(lambda: _no_lag(place), 30)


async def test_acknowledging_what_another_process_owns_by_now_is_no_error(place: Place) -> None:
    topic = place.names.commands(SERVICE)
    async with counting(place) as running:
        consumer = running.process.consumers.consumers[0]
        consumer.assignment.on_partitions_revoked([])
        await consumer.acknowledge([a_record(0, topic=topic)])
        assert not consumer.owns(a_record(0, topic=topic))
        assert not running.process.ready()["consuming commands"]
        consumer.assignment.on_partitions_assigned([TopicPartition(topic, 0), TopicPartition(topic, 1)])
        await running.process.consumers.broker.stop()
        await consumer.acknowledge([a_record(0, topic=topic)])


async def test_a_batch_whose_partitions_left_and_came_back_is_read_again_before_it_counts_and_counts_once(
    place: Place,
) -> None:
    topic, group = place.names.commands(SERVICE), place.names.group(SERVICE)
    counters, held = ids(10), asyncio.Event()
    place.bugs.hold = held
    async with counting(place):
        await place.send(*(place.add(one, 1) for one in counters))
        await eventually(lambda: place.bugs.loads == 1, 30)
        async with AIOKafkaConsumer(
            topic, **place.kafka.client, group_id=group, enable_auto_commit=False,
            partition_assignment_strategy=(RangePartitionAssignor,),
        ) as other:  # fmt: skip
            await eventually(other.assignment, 30)
        await eventually(lambda: _partitions_by_member(place) == [2], 30)
        place.bugs.hold = asyncio.Event()
        held.set()
        await eventually(lambda: place.bugs.loads == 2, 30)
        assert (await lag(place.settings, [topic], group))[topic].records == 10
        place.bugs.hold.set()
        await eventually(lambda: _no_lag(place), 30)
    assert {c.added for c in (await place.counters()).values()} == {(1,)}


def _partitions_by_member(place: Place) -> list[int]:
    """How many partitions each member of the service's group has now."""
    group, admin = place.names.group(SERVICE), place.kafka.admin()
    members = admin.describe_consumer_groups([group])[group].result(10).members
    return [len(member.assignment.topic_partitions) for member in members]


async def test_a_consumer_whose_coordination_died_is_not_ready_and_comes_back(place: Place) -> None:
    """As aiokafka's does when a connection breaks in the wrong moment: nothing would be read ever again."""
    (counter,) = ids(1)
    async with counting(place) as running:
        await place.send(place.add(counter, 1))
        await place.final(1)
        consumer = running.process.consumers.consumers[0]
        client = consumer.subscriber.consumer
        client._coordinator._coordination_task.cancel()
        await eventually(lambda: consumer.subscriber.consumer is not client and not consumer.is_dead, 60)
        await place.send(place.add(counter, 2))
        await place.final(2)
        await eventually(lambda: all(running.process.ready().values()), 30)
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
    """Old records that nobody acknowledged stay, also when young ones follow; acknowledged ones stay while young."""
    topic, group = place.names.commands(SERVICE), place.names.group(SERVICE)
    first, second = TopicPartition(topic, 0), TopicPartition(topic, 1)
    await _write(place, first, old=4, young=1)
    await _write(place, second, old=2, young=2)
    assert await delete_behind(place.settings, [topic], group, hours=24) == {}
    await _commit(place, {first: 3, second: 4})
    assert await delete_behind(place.settings, [topic], group, hours=72) == {}
    assert await delete_behind(place.settings, [topic], group, hours=24) == {first: 3, second: 2}
    assert await delete_behind(place.settings, [topic], group, hours=24) == {}
    assert sorted((r.partition, r.offset) for r in await place.read(topic)) == [(0, 3), (0, 4), (1, 2), (1, 3)]
    assert (await lag(place.settings, [topic], group))[topic].records == 2


async def test_a_topic_of_old_records_alone_is_deleted_up_to_what_is_acknowledged(place: Place) -> None:
    topic, group = place.names.commands(SERVICE), place.names.group(SERVICE)
    where = TopicPartition(topic, 0)
    await _write(place, where, old=3, young=0)
    await _commit(place, {where: 2})
    assert await delete_behind(place.settings, [topic], group, hours=24) == {where: 2}


async def _write(place: Place, where: TopicPartition, *, old: int, young: int) -> None:
    """Records of two days ago, then some of now."""
    async with AIOKafkaProducer(**place.kafka.client) as producer:
        for age in (*[48] * old, *[0] * young):
            at = int((time.time() - age * 3600) * 1000)
            await producer.send_and_wait(where.topic, b"{}", partition=where.partition, timestamp_ms=at)


async def _commit(place: Place, offsets: dict[TopicPartition, int]) -> None:
    group = place.names.group(SERVICE)
    async with AIOKafkaConsumer(**place.kafka.client, group_id=group, enable_auto_commit=False) as consumer:
        consumer.assign(list(offsets))
        await consumer.commit(offsets)


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
    await eventually(lambda: REGISTRY.get_sample_value("simpul_lag", {"topic": topic}) == 3)
    assert not measuring.done()
    measuring.cancel()
    await asyncio.gather(measuring, return_exceptions=True)
    assert two_days <= reported() < two_days + 60
    assert REGISTRY.get_sample_value("simpul_lag", {"topic": topic}) == 3
    async with counting(place):
        await eventually(lambda: _no_lag(place), 30)


async def _no_lag(place: Place) -> bool:
    topic = place.names.commands(SERVICE)
    return (await lag(place.settings, [topic], place.names.group(SERVICE)))[topic] == (0, 0)
