"""Servers that go away and come back, while the counter service works."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import astuple
from pathlib import Path

import httpx
from fastapi import FastAPI

from chassis.messaging.kafka import GRACE
from deploy.local import ports
from deploy.local.database import Database
from deploy.local.kafka import Kafka
from tests.chassis.counting import Place, a_place, counting, ids
from tests.eventually import eventually
from tests.servers import KafkaServer, running


async def is_ready(app: FastAPI) -> bool:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://counter") as http:
        return (await http.get("/readyz")).status_code == 200


async def unready(app: FastAPI) -> bool:
    return not await is_ready(app)


@asynccontextmanager
async def own_database(kafka: KafkaServer, prefix: str, folder: Path) -> AsyncIterator[tuple[Place, Database]]:
    database = Database("db", folder, ports.free(1)[0], cache="128M")
    async with running([database]):
        yield a_place(kafka, prefix, database.url, "counter", folder), database


async def test_while_the_database_is_away_nothing_is_put_aside_and_all_is_applied_afterwards(
    kafka: KafkaServer, prefix: str, tmp_path: Path
) -> None:
    counters = ids(10)
    async with own_database(kafka, prefix, tmp_path) as (place, database), counting(place) as service:
        await place.send(*(place.add(one, 1) for one in counters))
        await place.final(10)
        database.kill()
        await place.send(*(place.add(one, 2) for one in counters))
        await eventually(lambda: unready(service.app), 30)
        await database.start()
        await place.final(20)
        await eventually(lambda: is_ready(service.app), 30)
        assert await place.documents("dead_letters") == []
        stored = await place.counters()
        assert {stored[one].added for one in counters} == {(1, 2)}
        assert {one: list(dict.fromkeys(s)) for one, s in (await place.events()).items()} == {
            one: [1, 2] for one in counters
        }


async def test_a_service_that_starts_before_its_database_waits_for_it(
    kafka: KafkaServer, prefix: str, tmp_path: Path
) -> None:
    from chassis.service import domain_service
    from tests.chassis.counter import TYPES, steps

    (counter,) = ids(1)
    async with own_database(kafka, prefix, tmp_path) as (place, database):
        await place.send(place.add(counter, 1))
        database.kill()
        app = domain_service(
            place.settings, "counter", TYPES, lambda data, ring: steps(data, place.bugs), lambda *_: ()
        )
        async with app.router.lifespan_context(app):
            await eventually(lambda: unready(app), 30)
            await database.start()
            await eventually(lambda: is_ready(app), 60)
            await place.final(1)


async def test_a_killed_broker_loses_and_doubles_nothing_in_state_and_keeps_the_order(
    mongo: str, database_name: str, tmp_path: Path, mortal_broker: Kafka
) -> None:
    own = KafkaServer(*astuple(mortal_broker.login))
    place = a_place(own, "killed.", mongo, database_name, tmp_path)
    counters = ids(10)
    async with counting(place) as service:
        await place.send(*(place.add(one, n) for n in (1, 2) for one in counters))
        await eventually(lambda: _some(place), 30)
        mortal_broker.kill()
        await eventually(lambda: unready(service.app), 30)
        await mortal_broker.start()
        await eventually(lambda: is_ready(service.app), 60)
        await place.send(*(place.add(one, 3) for one in counters))
        await place.final(30)
    stored = await place.counters()
    assert {stored[one].added for one in counters} == {(1, 2, 3)}
    assert {one: list(dict.fromkeys(s)) for one, s in (await place.events()).items()} == {
        one: [1, 2, 3] for one in counters
    }
    assert await place.documents("dead_letters") == []


async def _some(place: Place) -> bool:
    return len(await place.counters()) > 0


async def test_a_service_stops_in_time_with_a_batch_in_hand_while_its_broker_is_away(
    mongo: str, database_name: str, tmp_path: Path, mortal_broker: Kafka
) -> None:
    place = a_place(KafkaServer(*astuple(mortal_broker.login)), "stopped.", mongo, database_name, tmp_path)
    messages = [place.add(one, 1) for one in ids(400)]
    async with counting(place) as service:
        await place.send(*messages)
        await eventually(lambda: _some(place), 30)
        mortal_broker.kill()
        await eventually(lambda: unready(service.app), 30)
        began = time.monotonic()
    assert time.monotonic() - began < GRACE + 20
    await mortal_broker.start()
    async with counting(place):
        await place.final(400)
    assert {c.added for c in (await place.counters()).values()} == {(1,)}
