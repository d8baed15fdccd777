"""The whole service on real servers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.notifications import AcknowledgeAlert, AlertDetails
from services.notifications.app import create_app
from services.notifications.settings import Settings
from tests.domain_service import Running, command, running
from tests.notifications.builders import institution, officer, report
from tests.servers import KafkaServer

DETAILS = AlertDetails(narrative="Minta dijemput.", phone="+60123456789", passport="C1234567")


@pytest.fixture
async def service(
    kafka: KafkaServer, prefix: str, mongo: str, database_name: str, tmp_path: Path
) -> AsyncIterator[Running]:
    async with running("notifications", create_app, Settings, kafka, prefix, mongo, database_name, tmp_path) as found:
        yield found


async def test_a_distress_call_is_raised_told_and_taken(service: Running) -> None:
    call = command(report(), institution(), DETAILS)
    (outcome,) = await service.settle(call)
    assert (outcome.result, outcome.aggregate_id, outcome.version) == ("applied", call.id, 1)
    taken, denied = await service.settle(
        command(AcknowledgeAlert(alert=call.id, ifversion=1), officer()),
        command(AcknowledgeAlert(alert=call.id), officer("KEMENKES")),
    )
    assert (taken.result, taken.version) == ("applied", 2)
    assert [problem.code for problem in denied.problems] == ["not_found"]
    assert [event["type"].split(".")[2] for event in service.events()] == ["raised", "acknowledged"]
    found = (await service.ask(officer(), f"/alerts/{call.id}")).json()
    assert (found["state"], found["version"]) == ("acknowledged", 2)


async def test_a_redelivered_call_raises_one_alert_and_nothing_of_it_stands_in_the_log(service: Running) -> None:
    call = command(report(), institution(), DETAILS)
    first = await service.settle(call)
    assert await service.settle(call) == first
    assert len(service.events()) == 1
    written = b"".join(record.value for record in service.log)
    assert not any(said.encode() in written for said in ("Minta", "60123456789", "C1234567"))
