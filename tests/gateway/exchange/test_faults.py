"""Services away, messages nobody understands, batches that come twice."""

import asyncio
from typing import Any

from aiokafka import AIOKafkaProducer

from chassis.keys import token
from contracts.envelope import Envelope
from tests.eventually import eventually
from tests.gateway.exchange.installation import Installation, Partner
from tests.gateway.exchange.samples import ANSWER, NOW, ROUND, departed, envelope, raised, record, with_

ALERT_COPY, COPY = "exchange.alert.copied.v1", "exchange.person.copied.v1"


async def publish(running: Installation, service: str, event: Any, head: Envelope, key: str) -> None:
    """An event as the service itself would tell it."""
    value = event if isinstance(event, bytes) else event.model_dump_json(exclude_none=True).encode()
    async with AIOKafkaProducer(**running.admin.client) as sender:
        await sender.send_and_wait(running.names.events(service), value, key=key.encode(), headers=head.headers())


def copies(partner: Partner, kind: str, name: str, value: str) -> list[dict[str, Any]]:
    return [one for one in partner.copies(kind) if one.get(name) == value]


async def test_an_alert_goes_out_without_what_is_not_found_in_time_and_is_completed(running: Installation) -> None:
    alert = "22222222-2222-8222-8222-000000000001"
    event = raised(alert=alert, person=None)
    async with running.away("notifications"):
        await publish(
            running, "notifications", event, envelope(event, id="44444444-4444-8444-8444-000000000001"), alert
        )
        (first,) = await eventually(lambda: copies(running["KBRI_KUL"], ALERT_COPY, "alert", alert), timeout=30)
        assert "completes" not in first
    found = await eventually(lambda: copies(running["KBRI_KUL"], ALERT_COPY, "alert", alert)[1:], timeout=30)
    assert found[0]["completes"]
    assert await running.exchange.store.list_owed() == []


async def test_an_event_nobody_understands_is_parked_and_what_follows_of_its_key_waits(running: Installation) -> None:
    person = "33333333-3333-8333-8333-000000000002"
    later = departed(person=person)
    unknown = Envelope(
        id="44444444-4444-8444-8444-000000000002", source="/simpul/registry", type="registry.person.merged.v1", time=NOW
    )
    await publish(running, "registry", b"{}", unknown, person)
    await publish(running, "registry", later, envelope(later, id="44444444-4444-8444-8444-000000000003"), person)
    await eventually(lambda: _parked(running, person), timeout=30)
    mine = token(running.exchange.ring, "KP2MI", person)
    assert copies(running["KP2MI"], COPY, "person", mine) == []
    (first, second) = await _parked(running, person)
    assert (await running.exchange.replay())["keys_still_parked"] >= 1
    await running.exchange.give_up(first["_id"])
    await running.exchange.replay()
    await eventually(lambda: copies(running["KP2MI"], COPY, "person", mine), timeout=30)
    assert second["reason"] == "behind a parked message"
    assert await running.exchange.parking.list() == []


async def _parked(running: Installation, person: str) -> list[dict[str, Any]]:
    found = [one for one in await running.exchange.parking.list() if one["key"] == person.encode().hex()]
    return found if len(found) == 2 else []


async def test_the_same_batch_twice_makes_the_same_receipt_and_the_same_copies(running: Installation) -> None:
    topic = running.names.intake("BPS")
    twice = [record(ANSWER, topic=topic, offset=5)] * 2
    intake = running.exchange.doors[0].room
    before = len(running["BPS"].inbox)
    await asyncio.gather(intake.take(twice[:1], lambda _: True), intake.take(twice[1:], lambda _: True))
    await eventually(lambda: len(running["BPS"].inbox) >= before + 2, timeout=30)
    first, second = running["BPS"].inbox[before:]
    assert (first.key, first.value) == (second.key, second.value)


async def test_an_answer_to_a_round_that_is_none_of_ours_never_leaves_the_gateway(running: Installation) -> None:
    await running["KEMLU"].send("partner.answer.submitted.v1", with_(ANSWER, "round", ROUND), id="ans-1")
    (told,) = await eventually(lambda: running["KEMLU"].receipts("ans-1"), timeout=30)
    assert [(one["code"], one["pointer"]) for one in told["problems"]] == [("not_found", "/round")]
