"""Services away, messages nobody understands, batches that come twice."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from aiokafka.partitioner import murmur2

from chassis.messaging.dead_letters import DeadLetter, DeadLetters
from chassis.messaging.subscription import Batch
from chassis.security.sealing import LocalCipher
from contracts import envelope as envelopes
from contracts.envelope import Envelope
from services.gateway.domain.receiver_ids import person_token
from simulation.scenario.people import make_nik
from tests.eventually import eventually
from tests.gateway.exchange.events import copies, numbered, publish
from tests.gateway.exchange.installation import Installation, Partner
from tests.gateway.exchange.samples import (
    ANSWER,
    DISTRESS,
    NOW,
    REGISTRATION,
    ROUND,
    departed,
    envelope,
    headers,
    raised,
    record,
    with_,
)

ALERT_COPY, COPY = "exchange.alert.copied.v1", "exchange.person.copied.v1"


async def test_an_alert_goes_out_without_what_is_not_found_in_time_and_is_completed(running: Installation) -> None:
    alert = "22222222-2222-8222-8222-000000000001"
    event = raised(alert=alert, person=None)
    async with running.away("alerts"):
        await publish(running, "alerts", event, envelope(event, id="44444444-4444-8444-8444-000000000001"), alert)
        (first,) = await eventually(lambda: copies(running["KBRI_KUL"], ALERT_COPY, "alert", alert), timeout=30)
        assert "completes" not in first
    found = await eventually(lambda: copies(running["KBRI_KUL"], ALERT_COPY, "alert", alert)[1:], timeout=30)
    assert found[0]["completes"]
    await eventually(lambda: _completed(running), timeout=30)


async def _completed(running: Installation) -> bool:
    return await running.urgent.database["pending_enrichments"].find_one({}) is None


async def test_a_completion_that_names_somebody_is_on_record(running: Installation) -> None:
    alert, person = "22222222-2222-8222-8222-000000000006", "33333333-3333-8333-8333-000000000006"
    event = raised(alert=alert, person=person)
    async with running.away("alerts"):
        await publish(running, "alerts", event, envelope(event, id="44444444-4444-8444-8444-000000000006"), alert)
        await eventually(lambda: copies(running["KBRI_KUL"], ALERT_COPY, "alert", alert), timeout=30)
    await eventually(lambda: copies(running["KBRI_KUL"], ALERT_COPY, "alert", alert)[1:], timeout=30)
    sent = {head.id for head in _heads(running["KBRI_KUL"], alert)}
    documents = await running.exchange.database["disclosures"].find({}).to_list(None)
    disclosed = {copy[0] for document in documents for group in document["disclosed"] for copy in group["copies"]}
    assert len(sent) == 2
    assert sent <= disclosed


def _heads(partner: Partner, alert: str) -> list[Envelope]:
    return [envelopes.read(record.headers) for record in partner.inbox if alert.encode() in record.value]


@contextmanager
def a_lost_key(running: Installation) -> Iterator[None]:
    """The gateway can seal nothing for the alerts service meanwhile: each alert fails, and nothing else does."""
    rings = [exchange.ring for exchange in (running.exchange, running.urgent)]
    whole = [(ring.path, ring.public) for ring in rings]
    for ring in rings:
        ring.path, ring.public = None, {name: key for name, key in ring.public.items() if name != "sealing-alerts"}
    try:
        yield
    finally:
        for ring, (path, public) in zip(rings, whole, strict=True):
            ring.path, ring.public = path, public


def told_of(partner: Partner, record: str, result: str) -> dict[str, Any] | None:
    return next((one for one in partner.receipts(record) if one["result"] == result), None)


@pytest.mark.parametrize("urgent", [False, True])
async def test_whose_record_is_put_aside_is_told_so_and_then_what_became_of_it(
    running: Installation, urgent: bool
) -> None:
    kemlu, name = running["KEMLU"], f"sos-held-{urgent}"
    with a_lost_key(running):
        await kemlu.send("partner.alert.reported.v1", DISTRESS, id=name, urgent=urgent)
        held = await eventually(lambda: told_of(kemlu, name, "held"), timeout=30)
    assert [one["code"] for one in held["problems"]] == ["platform_held"]
    assert (await running.of(urgent).consumers.replay.replay())["replayed"] == 1
    applied = await eventually(lambda: told_of(kemlu, name, "applied"), timeout=30)
    assert applied["receipt"] != held["receipt"]


@pytest.mark.parametrize("urgent", [False, True])
async def test_whose_record_is_given_up_is_told_so(running: Installation, urgent: bool) -> None:
    kemlu, name = running["KEMLU"], f"sos-ended-{urgent}"
    with a_lost_key(running):
        await kemlu.send("partner.alert.reported.v1", DISTRESS, id=name, urgent=urgent)
        await eventually(lambda: told_of(kemlu, name, "held"), timeout=30)
        (letter,) = await running.of(urgent).consumers.dead_letters.list_letters()
        await running.of(urgent).consumers.replay.give_up(letter.id)
        refused = await eventually(lambda: told_of(kemlu, name, "refused"), timeout=30)
    assert [one["code"] for one in refused["problems"]] == ["platform_gave_up"]
    assert await running.of(urgent).consumers.dead_letters.list_letters() == []


async def test_an_event_nobody_understands_is_put_aside_and_its_key_waits(
    running: Installation,
) -> None:
    person = "33333333-3333-8333-8333-000000000002"
    later = departed(person=person)
    unknown = Envelope(
        id="44444444-4444-8444-8444-000000000002", source="/simpul/registry", type="registry.person.merged.v1", time=NOW
    )
    await publish(running, "registry", b"{}", unknown, person)
    await publish(running, "registry", later, envelope(later, id="44444444-4444-8444-8444-000000000003"), person)
    await eventually(lambda: _put_aside(running, person), timeout=30)
    mine = person_token(running.exchange.ring, "KP2MI", person)
    assert copies(running["KP2MI"], COPY, "person", mine) == []
    (first, second) = await _put_aside(running, person)
    assert (await running.exchange.consumers.replay.replay())["keys_left"] >= 1
    await running.exchange.consumers.replay.give_up(first.id)
    await running.exchange.consumers.replay.replay()
    await eventually(lambda: copies(running["KP2MI"], COPY, "person", mine), timeout=30)
    assert second.reason == "behind a dead letter"
    assert await running.exchange.consumers.dead_letters.list_letters() == []


async def test_what_another_process_put_aside_or_replayed_is_noticed(running: Installation) -> None:
    person, group = "33333333-3333-8333-8333-000000000004", running.names.group("gateway-exchange")
    other = DeadLetters(running.exchange.database, LocalCipher(running.exchange.ring, "parking"), [group])
    topic = running.names.events("registry")
    theirs = record(b"{}", topic=topic, offset=0)
    theirs.key, theirs.partition = person.encode(), (murmur2(person.encode()) & 0x7FFFFFFF) % 12
    await other.put(group, theirs, "strange", key=theirs.key)
    running.exchange.consumers.dead_letters.forget()
    await publish(running, "registry", *numbered(person, 4), person)
    for one in await eventually(lambda: _put_aside(running, person), timeout=30):
        await other.remove(one)
    await publish(running, "registry", *numbered(person, 5), person)
    mine = person_token(running.exchange.ring, "KP2MI", person)
    await eventually(lambda: copies(running["KP2MI"], COPY, "person", mine), timeout=30)


async def test_what_cannot_be_replayed_for_whatever_reason_stays_put_aside(running: Installation) -> None:
    topic, group = running.names.intake("BPS"), running.names.group("gateway-exchange")
    asked = with_(ANSWER, "round", "11111111-1111-8111-8111-000000000005")
    given = headers("partner.answer.submitted.v1", id="ans-aside", source="/BPS/test")
    odd = record(asked, given, topic=topic, offset=1_000_000)
    await running.exchange.consumers.dead_letters.put(group, odd, "strange", key=None)
    async with running.away("indicators"):
        assert await running.exchange.consumers.replay.replay() == {"replayed": 0, "keys_left": 1}
    assert await running.exchange.consumers.replay.replay() == {"replayed": 1, "keys_left": 0}
    (told,) = await eventually(lambda: running["BPS"].receipts("ans-aside"), timeout=30)
    assert told["problems"][0]["code"] == "not_found"


async def _put_aside(running: Installation, person: str) -> list[DeadLetter]:
    letters = await running.exchange.consumers.dead_letters.list_letters()
    found = [one for one in letters if one.line and one.line.endswith(person.encode().hex())]
    return found if len(found) == 2 else []


async def test_the_same_batch_twice_makes_the_same_receipt_and_the_same_copies(running: Installation) -> None:
    topic = running.names.intake("BPS")
    twice = [record(ANSWER, topic=topic, offset=5)] * 2
    intake = running.exchange.consumers.subscriptions[0].handler
    before = len(running["BPS"].inbox)
    await asyncio.gather(intake.handle(Batch(twice[:1])), intake.handle(Batch(twice[1:])))

    def answers() -> list[ConsumerRecord]:
        """Copies of earlier events may still come in between."""
        return [one for one in running["BPS"].inbox[before:] if b'"receipts"' in one.value]

    await eventually(lambda: len(answers()) >= 2, timeout=30)
    first, second = answers()
    assert (first.key, first.value) == (second.key, second.value)


async def test_an_answer_to_a_round_that_is_none_of_ours_never_leaves_the_gateway(running: Installation) -> None:
    await running["KEMLU"].send("partner.answer.submitted.v1", with_(ANSWER, "round", ROUND), id="ans-1")
    (told,) = await eventually(lambda: running["KEMLU"].receipts("ans-1"), timeout=30)
    assert [(one["code"], one["pointer"]) for one in told["problems"]] == [("not_found", "/round")]


async def test_an_answer_whose_round_cannot_be_asked_for_keeps_nothing_else_waiting_and_is_answered_in_the_end(
    running: Installation,
) -> None:
    kp2mi = running["KP2MI"]
    body = with_(REGISTRATION, "person.nik", make_nik("33.07", date(1998, 12, 5), "P", 900))
    async with running.away("indicators"):
        answer = with_(ANSWER, "round", "11111111-1111-8111-8111-000000000003")
        await kp2mi.send("partner.answer.submitted.v1", answer, id="ans-away")
        await kp2mi.send("partner.registration.submitted.v1", body, id="reg-away")
        (told,) = await eventually(lambda: kp2mi.receipts("reg-away"), timeout=60)
        assert told["result"] == "applied"
        (waiting,) = await running.exchange.consumers.dead_letters.list_letters(state="postponed")
        assert waiting.where[0] == running.names.intake("KP2MI")
        assert kp2mi.receipts("ans-away") == []
    (told,) = await eventually(lambda: kp2mi.receipts("ans-away"), timeout=60)
    assert (told["result"], told["problems"][0]["code"]) == ("refused", "not_found")
    assert await running.exchange.consumers.dead_letters.list_letters() == []


async def test_a_receiver_whose_topic_may_not_be_written_holds_nobody_else_back(running: Installation) -> None:
    """What was held back follows, in order, once the right is back."""
    person, topic = "33333333-3333-8333-8333-000000000007", running.names.delivery("KBRI_KUL")
    mine, theirs = (person_token(running.exchange.ring, code, person) for code in ("KP2MI", "KBRI_KUL"))
    with running.unwritable(topic):
        await publish(running, "registry", *numbered(person, 6), person)
        await eventually(lambda: copies(running["KP2MI"], COPY, "person", mine), timeout=60)
        await publish(running, "registry", *numbered(person, 7), person)
        await eventually(lambda: copies(running["KP2MI"], COPY, "person", mine)[1:], timeout=60)
        assert copies(running["KBRI_KUL"], COPY, "person", theirs) == []
        assert not running.exchange.receivers.takes("KBRI_KUL")
    received = await eventually(lambda: copies(running["KBRI_KUL"], COPY, "person", theirs)[1:], timeout=60)
    assert len(received) == 1
    await eventually(lambda: running.exchange.receivers.takes("KBRI_KUL"), timeout=30)


async def test_a_service_that_answers_nonsense_puts_no_event_aside(running: Installation) -> None:
    """Its answers are odd for every event, so the fault is not the events'."""
    person = "33333333-3333-8333-8333-000000000008"
    theirs = person_token(running.exchange.ring, "KBRI_KUL", person)
    async with running.confused("registry"):
        await publish(running, "registry", *numbered(person, 8), person)
        await eventually(lambda: not running.exchange.ready()["servers"], timeout=30)
        assert await running.exchange.consumers.dead_letters.list_letters() == []
    await eventually(lambda: copies(running["KBRI_KUL"], COPY, "person", theirs), timeout=60)
    assert await running.exchange.consumers.dead_letters.list_letters() == []


@pytest.mark.parametrize("status", [401, 403])
async def test_a_service_that_does_not_let_us_in_is_an_outage(running: Installation, status: int) -> None:
    person = f"33333333-3333-8333-8333-000000000{status}"
    theirs = person_token(running.exchange.ring, "KBRI_KUL", person)
    async with running.confused("registry", status):
        await publish(running, "registry", *numbered(person, status), person)
        await eventually(lambda: not running.exchange.ready()["servers"], timeout=30)
    await eventually(lambda: copies(running["KBRI_KUL"], COPY, "person", theirs), timeout=60)
    assert await running.exchange.consumers.dead_letters.list_letters() == []
