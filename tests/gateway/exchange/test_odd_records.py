"""The oddest records that a partner can write are refused one by one and stop nothing."""

import pytest
from aiokafka import AIOKafkaProducer
from confluent_kafka.admin import ResourceType

from services.gateway import broker
from tests.batches import CODECS, a_bomb, append
from tests.eventually import eventually
from tests.gateway.exchange.installation import Installation
from tests.gateway.exchange.samples import (
    ANSWER,
    headers,
)


async def test_an_urgent_topic_takes_alerts_alone(running: Installation) -> None:
    async with running.away("indicators"):
        await running["KEMLU"].send("partner.answer.submitted.v1", ANSWER, id="ans-urgent", urgent=True)
        (told,) = await eventually(lambda: running["KEMLU"].receipts("ans-urgent"), timeout=30)
    assert [(one["code"], one["pointer"]) for one in told["problems"]] == [("unknown_type", "/headers/ce_type")]


async def test_a_batch_that_inflates_to_far_more_is_refused_and_the_next_record_goes_on(running: Installation) -> None:
    bps = running["BPS"]
    await append(bps.login.client, bps.names.intake("BPS", urgent=False), a_bomb(CODECS["zstd"]))
    await bps.send("partner.person.erased.v1", {}, id="after the bomb")
    await eventually(lambda: bps.receipts("after the bomb"), timeout=30)

    told = [one for body in bps.copies("exchange.receipts.reported.v1") for one in body["receipts"]]
    assert [one["problems"][0]["code"] for one in told if "record" not in one] == ["too_large", "too_large"]


@pytest.mark.parametrize("name", ["ce_id", "ce_source", "ce_type", "ce_time", "ce_subject", "content-type"])
async def test_a_header_without_a_value_is_refused_and_stops_nothing(running: Installation, name: str) -> None:
    bps = running["BPS"]
    whole = [*headers("partner.answer.submitted.v1", source="/BPS/test", id=f"null-{name}"), ("ce_subject", b"x")]
    given = [(header, None if header == name else value) for header, value in whole]
    before = len(bps.told_of_nothing())
    await bps.append(b"{}", given)
    await bps.send("partner.person.erased.v1", {}, id=f"after a null {name}")
    await eventually(lambda: bps.receipts(f"after a null {name}"), timeout=30)
    refused = bps.told_of_nothing()[before:] if name == "ce_id" else bps.receipts(f"null-{name}")
    assert [(one["problems"][0]["code"], one["problems"][0]["pointer"]) for one in refused] == [
        ("bad_header", f"/headers/{name}")
    ]


async def test_the_oddest_records_are_refused_one_by_one_and_stop_nothing(running: Installation) -> None:
    """Null and empty keys, values and headers; a thousand headers; a trace without a value."""
    bps = running["BPS"]
    good = headers("partner.answer.submitted.v1", id="odd-good", source="/BPS/test")
    before = len(bps.told_of_nothing())
    for key in (None, b"", b"\xff" * 300):
        await bps.append(None if key else b"", [], key=key)
        await bps.append(b"", [("", None)], key=key)
        await bps.append(b"\xff\x00", [(f"header {n}", b"x") for n in range(1000)], key=key)
    await bps.append(b"{}", [*good, ("traceparent", None)])
    await bps.send("partner.person.erased.v1", {}, id="after the odd ones")
    await eventually(lambda: bps.receipts("after the odd ones"), timeout=30)
    assert {one["result"] for one in bps.told_of_nothing()[before:]} == {"refused"}
    assert len(bps.told_of_nothing()[before:]) == 9
    assert [one["problems"][0]["code"] for one in bps.receipts("odd-good")] == ["bad_header"]
    assert await running.exchange.consumers.dead_letters.list_letters() == []


async def test_a_record_of_an_organisation_that_is_no_longer_listed_is_put_aside(running: Installation) -> None:
    topic = f"{running.names.prefix}from.dissolved.v1"
    running.admin.make_topics(topic)
    exchange = f"{running.names.prefix}gateway-exchange"
    if broker.has_users(running.admin.confluent):  # given when it was connected
        broker.add_rights(running.admin.admin(), broker.rights(exchange, ResourceType.TOPIC, topic, "READ DELETE"))
    async with AIOKafkaProducer(**running.admin.client) as producer:
        await producer.send_and_wait(topic, b"{}", headers=headers("partner.answer.submitted.v1"))
    letters = running.exchange.consumers.dead_letters
    (letter,) = await eventually(letters.list_letters, timeout=60)
    assert (letter.where, letter.reason) == ((topic, 0, 0), "its topic is of no organisation")
    assert await running.exchange.consumers.replay.replay() == {"replayed": 0, "keys_left": 1}
    assert await running.exchange.consumers.replay.give_up(letter.id)
    assert await letters.list_letters() == []
