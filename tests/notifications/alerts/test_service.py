"""The whole service on real servers."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from chassis.commands.types import Command
from contracts import envelope
from contracts.commands import Principal
from contracts.notifications import AcknowledgeAlert, AlertDetails, RaiseAlert
from services.notifications.alerts.app import create_app
from services.notifications.alerts.settings import Settings
from tests.domain_service import Running, command, running
from tests.eventually import eventually
from tests.notifications.alerts.builders import institution, officer, raising
from tests.servers import KafkaServer

TRACE = "0af7651916cd43dd8448eb211c80319c"
ORIGIN = "55555555-5555-8555-8555-555555555555"
DETAILS = AlertDetails(narrative="Minta dijemput.", phone="+60123456789", passport="C1234567")


@pytest.fixture
async def service(
    kafka: KafkaServer, prefix: str, mongo: str, database_name: str, tmp_path: Path
) -> AsyncIterator[Running]:
    async with running("alerts", create_app, Settings, kafka, prefix, mongo, database_name, tmp_path) as service:
        yield service


async def test_a_distress_call_is_raised_and_taken(service: Running) -> None:
    call = command(raising(), institution(), DETAILS)
    (outcome,) = await service.settle(call)
    assert (outcome.result, outcome.aggregate_id, outcome.version) == ("applied", call.id, 1)
    taken, denied = await service.settle(
        command(AcknowledgeAlert(alert=call.id, ifversion=1), officer()),
        command(AcknowledgeAlert(alert=call.id), officer("KEMENKES")),
    )
    assert (taken.result, taken.version) == ("applied", 2)
    assert [problem.code for problem in denied.problems] == ["not_found"]
    assert [event["type"].split(".")[2] for event in service.events()] == ["raised", "acknowledged"]
    alert = (await service.ask(officer(), f"/alerts/{call.id}")).json()
    assert (alert["state"], alert["version"]) == ("acknowledged", 2)


async def test_a_redelivered_call_raises_one_alert_and_nothing_of_it_stands_in_the_log(service: Running) -> None:
    call = command(raising(), institution(), DETAILS)
    first = await service.settle(call)
    assert await service.settle(call) == first
    assert len(service.events()) == 1
    written = b"".join(record.value for record in service.log)
    assert not any(text.encode() in written for text in ("Minta", "60123456789", "C1234567"))


async def test_nothing_beside_a_survivors_alert_leads_to_where_a_command_came_from(service: Running) -> None:
    """Neither its events nor its outcomes; not of the same step again, nor when the outcome is published once more."""
    call = traced(raising("ALT-GBV"), institution(), DETAILS)
    (raised,) = await service.settle(call)
    recipient = officer(service.events()[0]["recipients"][0])
    taken, again = (traced(AcknowledgeAlert(alert=call.id), recipient) for _ in range(2))
    outcomes = await service.settle(taken, again)
    assert [outcome.result for outcome in (raised, *outcomes)] == ["applied"] * 3
    await service.settle(traced(raising(), institution(), DETAILS))
    await service.settle(call, taken, again)
    await eventually(lambda: len(service.records(service.names.outcomes("alerts"))) == 7, timeout=30)
    heads = [envelope.read(record.headers) for record in service.log]
    apart = [head for head in heads if head.dataclassification == "survivor"]
    assert len(apart) == 8  # two events, three outcomes, and these once more
    assert all(head.traceparent is None and head.correlationid == head.id for head in apart)
    others = [head for head in heads if head.dataclassification != "survivor"]
    assert [(TRACE in (head.traceparent or ""), head.correlationid) for head in others] == [(True, ORIGIN)] * 2


def traced(body: RaiseAlert | AcknowledgeAlert, who: Principal, details: AlertDetails | None = None) -> Command:
    """A command with a trace and a correlation, as if its writer did not know what it is about."""
    made = command(body, who, details)
    origin = replace(made.envelope, traceparent=f"00-{TRACE}-b7ad6b7169203331-01", correlationid=ORIGIN)
    return replace(made, envelope=origin)
