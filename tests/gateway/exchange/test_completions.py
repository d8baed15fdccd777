"""The second copy of an alert: noted before the first goes out, on record and fresh before it does."""

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from contracts import envelope as envelopes
from services.gateway.exchange import alert_copies
from tests.gateway.exchange.samples import raised
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
    monkeypatch.setattr(alert_copies, "time", SimpleNamespace(monotonic=lambda: around.seconds))
    await alerts(around).complete()
    assert not [body for body in received(around) if "completes" in body]
    await alerts(around).complete()
    (completion,) = (body for body in received(around) if "completes" in body)
    assert (completion["personal"]["full_name"], around.reads) == ("read 2", 2)
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
