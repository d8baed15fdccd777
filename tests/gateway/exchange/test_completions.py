"""The second copy of an alert: noted before the first goes out, on record and fresh before it does."""

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.messaging.retry import Outage
from contracts import envelope as envelopes
from contracts import notifications
from services.gateway.exchange import alert_copies, copy_sender
from tests.gateway.exchange.samples import ALERT, NOW, PERSON, raised
from tests.gateway.exchange.surroundings import RECEIVER, Around, Died, alerts, told

STEPS = 6
"""Note, disclose, send; disclose, send, done."""


def received(around: Around) -> list[dict[str, Any]]:
    """Bodies as the receiver keeps them: of each copy the first that came."""
    kept: dict[str, dict[str, Any]] = {}
    for message in around.sent:
        kept.setdefault(envelopes.read(message.headers).id, json.loads(message.value))
    return list(kept.values())


async def first_life(around: Around) -> bool:
    """The alert goes out while nobody answers, and is completed when they do. False if it dies before it is done."""
    try:
        around.silent = True
        await alerts(around).deliver([told(raised())], lambda _: True)
    except Died:
        return False
    finally:
        around.silent = False
    try:
        await alerts(around).complete()
    except Died:
        return True
    return True


@pytest.mark.parametrize("death", range(STEPS + 1))
async def test_an_alert_is_completed_at_whatever_step_its_process_dies(death: int) -> None:
    around = Around()
    around.dies_before = death
    acknowledged = await first_life(around)
    around.dies_before = None
    if not acknowledged:
        await alerts(around).deliver([told(raised())], lambda _: True)
    await alerts(around).complete()
    assert around.pending == {}
    assert {envelopes.read(message.headers).id for message in around.sent} <= set(around.disclosed)
    personal = [body for body in received(around) if "personal" in body]
    assert {body["report"]["narrative"] for body in personal} == {"Terkunci"}
    if death > 2:
        assert ["completes" in body for body in received(around)] == [False, True]


async def test_a_completion_is_put_on_record_before_it_goes_out() -> None:
    around = Around()
    assert await first_life(around)
    assert around.done == ["note", f"disclose {RECEIVER}", "send", f"disclose {RECEIVER}", "send", "done"]
    assert around.disclosed == [envelopes.read(message.headers).id for message in around.sent]


async def test_a_completion_that_was_fetched_over_five_seconds_ago_is_fetched_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    around = Around()
    around.silent = True
    await alerts(around).deliver([told(raised())], lambda _: True)
    around.silent, around.slow = False, True
    for module in (alert_copies, copy_sender):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: around.seconds))
    await alerts(around).complete()
    assert not [body for body in received(around) if "completes" in body]
    await alerts(around).complete()
    (completion,) = (body for body in received(around) if "completes" in body)
    assert (completion["personal"]["clear"]["full_name"], around.reads) == ("read 2", 2)
    assert around.seconds == 6


async def test_a_completion_that_fails_for_whatever_reason_keeps_no_other_waiting() -> None:
    around = Around()
    around.silent = True
    first, second = told(raised()), told(raised(), id="44444444-4444-8444-8444-000000000009")
    await alerts(around).deliver([first, second], lambda _: True)
    around.silent = False
    odd = replace(around.pending[first.envelope.id], value=b"\xff")
    around.pending[first.envelope.id] = odd
    await alerts(around).complete()
    assert list(around.pending) == [first.envelope.id]
    assert sum("completes" in body for body in received(around)) == 1


@pytest.mark.parametrize("trouble", ["away", "hanging"])
@pytest.mark.parametrize("known", [PERSON, None])
async def test_an_alert_that_cannot_be_recorded_goes_at_once_and_tells_of_nobody(
    trouble: str, known: str | None
) -> None:
    around = Around()
    setattr(around, trouble, True)
    going = alerts(around)
    await going.deliver([told(raised(person=known))], lambda _: True)
    (first,) = received(around)
    assert (first["alert"], first["country"]) == (ALERT, "MY")
    assert first.keys().isdisjoint({"person", "personal", "report", "asof"})
    assert (around.disclosed, around.pending, going.settled()) == ([], {}, False)


async def test_its_second_copy_follows_when_the_database_is_back_and_only_then_is_it_acknowledged() -> None:
    around = Around()
    around.away = True
    going = alerts(around)
    await going.deliver([told(raised())], lambda _: True)
    with pytest.raises(Outage):
        await going.complete()
    assert not going.settled()
    around.away = False
    await going.complete()
    first, second = received(around)
    assert (second["report"], second["personal"]) == (
        {"narrative": "Terkunci"},
        {"clear": {"full_name": "read 2"}},
    )
    assert around.disclosed == [envelopes.read(around.sent[1].headers).id]
    assert going.settled()
    assert "completes" not in first


async def test_after_a_crash_before_the_note_the_whole_copy_has_an_id_of_its_own() -> None:
    """The event is taken again: a receiver that passes over ids it knows must not pass over the personal part."""
    around = Around()
    around.away = True
    await alerts(around).deliver([told(raised())], lambda _: True)
    around.away = False
    await alerts(around).deliver([told(raised())], lambda _: True)
    first, again = received(around)
    assert "personal" in again
    assert "personal" not in first
    ids = [envelopes.read(message.headers).id for message in around.sent]
    assert len(set(ids)) == 2


async def test_alerts_go_on_while_the_second_copies_of_others_cannot_be_noted() -> None:
    around = Around()
    around.away = True
    going = alerts(around)
    for number in range(3):
        await going.deliver([told(raised(), id=f"44444444-4444-8444-8444-00000000000{number}")], lambda _: True)
    assert len(received(around)) == 3
    around.away = False
    await going.complete()
    assert len(received(around)) == 6


async def test_what_becomes_of_an_alert_is_told_without_the_person_while_it_cannot_be_recorded() -> None:
    given = raised().model_dump(exclude={"type", "acknowledge_by"})
    around = Around()
    around.away = True
    going = alerts(around)
    await going.deliver([told(notifications.AlertAcknowledged(**given, by="KEMLU", at=NOW))], lambda _: True)
    around.away = False
    await going.complete()
    first, second = received(around)
    assert (first["state"], first.get("person")) == ("acknowledged", None)
    assert (second["completes"], bool(second["person"])) == (envelopes.read(around.sent[0].headers).id, True)


async def test_a_report_about_nobody_known_is_put_on_record_before_it_goes_out() -> None:
    around = Around()
    await alerts(around).deliver([told(raised(person=None))], lambda _: True)
    (copy,) = received(around)
    assert copy["report"] == {"narrative": "Terkunci"}
    assert around.done == [f"disclose {RECEIVER}", "send"]


async def test_what_was_held_back_waits_until_it_can_be_recorded() -> None:
    around = Around()
    around.away = True
    with pytest.raises(Outage):
        await alerts(around).redeliver([told(raised())], RECEIVER, "main")
    assert around.sent == []
