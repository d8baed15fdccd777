"""The sums of a chaos run see what is lost, doubled, reordered or left over."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from deploy.local import ports
from deploy.local.kafka import KafkaLogin
from deploy.local.stack import Stack
from simulation.scenario import partner_messages
from simulation.scenario.partners import PERSON_COPY, RECEIPTS
from tests.system.chaos.receiving import amplification
from tests.system.chaos.sums import DEPARTED, PLACED, REGISTERED, Sums
from tests.system.chaos.traffic import TOLD, Call, Traffic
from tests.system.load import BORDER, CONNECTED, MISSION, RECEIVERS, SENDER, workers

ALERT = "exchange.alert.copied.v1"


class World:
    """One person who is registered, placed, departed and calls; everybody got what they should. `sums` judges it."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self.stack = Stack(folder, ports=ports.anywhere(), prefix=prefix)
        self.stack.partners = dict.fromkeys(CONNECTED, KafkaLogin("127.0.0.1:1"))
        self.traffic = Traffic(self.stack, seed=1, seconds=1)
        self.sums = Sums(self.stack, self.traffic)
        (person,) = workers(1, seed=1)
        now = datetime.now(UTC)
        for code, record in (
            (SENDER, partner_messages.registration(SENDER, person, now)),
            (SENDER, partner_messages.placement(SENDER, person, now)),
            (BORDER, partner_messages.departure(BORDER, person, now, counter="9")),
        ):
            self.traffic.sent[code].expected[record.id] = "applied"
            self.receipt(code, record.id)
        self.traffic.registered, self.traffic.departed = [person], [person]
        for code in RECEIVERS:
            for number, event in enumerate((REGISTERED, PLACED, DEPARTED)):
                self.copy(code, event, f"2026-03-01T00:00:0{number}Z")
        self.traffic.sent[SENDER].expected["darurat-1"] = "applied"
        self.traffic.calls.append(Call("darurat-1", person, now.timestamp()))
        self.receipt(SENDER, "darurat-1", subject="alert-1")
        for code in TOLD:
            self.alert(code)

    async def stop(self) -> None:
        self.sums.close()
        await self.traffic.stop()

    def take(self, code: str, ce_type: str, ce_id: str, body: dict[str, Any], recorded: str = "") -> None:
        headers = {"ce_type": ce_type, "ce_id": ce_id, "ce_recordedtime": recorded}
        self.traffic.inboxes[code].take(headers, json.dumps(body).encode(), 0)

    def receipt(self, code: str, record: str, result: str = "applied", **more: Any) -> None:
        body = {"receipt": f"{record} {result}", "record": record, "result": result} | more
        self.take(code, RECEIPTS, "receipts", {"receipts": [body]})

    def copy(self, code: str, event: str, recorded: str, ce_id: str = "", person: str = "p_1") -> None:
        body = {"person": person, "event": event, "occurred_at": "2026-03-01"}
        self.take(code, PERSON_COPY, ce_id or f"{code} {event}", body, recorded)

    def alert(self, code: str, ce_id: str = "", **more: Any) -> None:
        body = {"alert": "alert-1", "event": "alerts.alert.raised.v1", "state": "raised", "report": {}} | more
        self.take(code, ALERT, ce_id or f"{code} alert", body)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path, "")
    yield made
    await made.stop()


async def test_a_run_in_which_everything_arrived_is_well(world: World) -> None:
    assert await world.sums.unsettled() == []
    assert world.sums.seen() == []


def lose_a_receipt(world: World) -> None:
    world.traffic.sent[SENDER].expected["x/daftar"] = "applied"


def lose_a_copy(world: World) -> None:
    world.traffic.inboxes[MISSION].events[PLACED] -= 1


def lose_an_alert(world: World) -> None:
    world.traffic.inboxes[MISSION].alerts.clear()


def lose_an_acknowledgement(world: World) -> None:
    world.traffic.officers.taken.append("alert-1")


@pytest.mark.parametrize(
    ("lose", "said"),
    [
        (lose_a_receipt, "1 of 4 records of KP2MI have no final receipt: {'daftar': 1}"),
        (lose_a_copy, f"KJRI_HKG has 0 of 1 copies of {PLACED}"),
        (lose_an_alert, "KJRI_HKG has 0 of 1 copies of alerts raised"),
        (lose_an_acknowledgement, "KJRI_HKG has 0 of 1 copies of alerts acknowledged"),
    ],
)
async def test_what_is_lost_is_named(world: World, lose: Callable[[World], None], said: str) -> None:
    lose(world)
    assert said in await world.sums.unsettled()


def refuse_one(world: World) -> None:
    world.receipt(SENDER, "y/daftar", "refused", problems=[{"code": "not_owner"}])
    world.traffic.sent[SENDER].expected["y/daftar"] = "applied"


def answer_twice(world: World) -> None:
    world.receipt(SENDER, "darurat-1", "refused")


def answer_what_was_never_sent(world: World) -> None:
    world.receipt(BORDER, "z")


def copy_twice_under_two_ids(world: World) -> None:
    world.copy(MISSION, DEPARTED, "2026-03-01T00:00:03Z", ce_id="another")


def copy_out_of_order(world: World) -> None:
    inbox = world.traffic.inboxes[MISSION]
    inbox.recorded[f"{MISSION} {REGISTERED}"] = "2026-03-02T00:00:00Z"


def make_two_of_one_person(world: World) -> None:
    world.copy(MISSION, REGISTERED, "2026-03-01T00:00:00Z", ce_id="another", person="p_2")


def raise_twice(world: World) -> None:
    world.alert(MISSION, ce_id="another")


def tell_of_a_strange_alert(world: World) -> None:
    world.alert(MISSION, ce_id="another", alert="alert-2")


def answer_a_person_wrongly(world: World) -> None:
    world.traffic.officers.wrong["register: 409 id_reused"] += 1


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (refuse_one, "applied expected, said [('refused', 'not_owner')]"),
        (answer_twice, "applied expected, said [('applied', ''), ('refused', '')]"),
        (answer_what_was_never_sent, "KEMENIMIPAS has receipts for 1 records that it never sent"),
        (copy_twice_under_two_ids, "['registered', 'placement_recorded', 'departed', 'departed'], expected 0"),
        (copy_out_of_order, "copies about 1 people came in another order than they were recorded in"),
        (make_two_of_one_person, "KJRI_HKG: 1 people with ['registered'], expected 0"),
        (raise_twice, "KJRI_HKG was told of one alert as ['raised', 'raised']"),
        (tell_of_a_strange_alert, "KJRI_HKG was told of 1 alerts that nobody raised"),
        (answer_a_person_wrongly, "1 answers to people: register: 409 id_reused"),
    ],
)
async def test_what_is_doubled_reordered_or_refused_is_named(
    world: World, spoil: Callable[[World], None], said: str
) -> None:
    spoil(world)
    assert [line for line in world.sums.seen() if said in line]


async def test_amplification_counts_each_message_as_often_as_it_came(world: World) -> None:
    assert amplification(world.traffic.inboxes) == {"copies": 1, "receipts": 1}
    for code in RECEIVERS:
        world.copy(code, REGISTERED, "2026-03-01T00:00:00Z")
    assert amplification(world.traffic.inboxes) == {"copies": 15 / 12, "receipts": 1}
    assert world.sums.seen() == []


async def test_what_is_left_over_inside_is_named(
    tmp_path: Path, mongo: str, database_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONGO_URL", mongo)
    world = World(tmp_path, f"{database_name}.")
    client: AsyncIOMotorClient = AsyncIOMotorClient(mongo)
    registry, gateway = (client[f"{database_name}_{service}"] for service in ("registry", "gateway"))
    copies = [[copy] for inbox in world.traffic.inboxes.values() for copy in inbox.copies]
    copies.remove([f"{MISSION} {PLACED}"])
    try:
        await gateway["disclosures"].insert_one({"disclosed": [{"copies": copies}]})
        await registry["outbox"].insert_many([{"state": 0}, {"state": 1}])
        await registry["dead_letters"].insert_one({"topic": "t", "state": "held", "reason": "bad"})
        await gateway["held_back"].insert_one({})
        assert await world.sums.left_over() == [
            "registry: 1 documents of the outbox are not published",
            "registry: 1 dead letters of t, held: bad",
            "gateway: 1 documents are left in held_back",
            "1 of 3 copies that KJRI_HKG got are in no record of disclosures",
        ]
    finally:
        for database in (registry, gateway):
            await client.drop_database(database)
        client.close()
        await world.stop()
