"""The whole service on real servers."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.indicators.app import create_app
from services.indicators.settings import Settings
from tests.domain_service import Running, command, running
from tests.indicators.builders import SCALE, answer, coordinator, details, institution, opening, person
from tests.servers import KafkaServer


@pytest.fixture
async def service(
    kafka: KafkaServer, prefix: str, mongo: str, database_name: str, tmp_path: Path
) -> AsyncIterator[Running]:
    async with running("indicators", create_app, Settings, kafka, prefix, mongo, database_name, tmp_path) as service:
        yield service


async def test_a_round_is_opened_answered_by_event_and_by_a_person_and_counted(service: Running) -> None:
    opening_now = command(opening(due_at=datetime.now(UTC) + timedelta(days=30)), coordinator())
    (opened,) = await service.settle(opening_now)
    assert opened.result == "applied"
    round_id = opened.aggregate_id
    assert round_id
    reported, corrected, stale, foreign = [
        *await service.settle(command(answer(round=round_id), institution(), details())),
        *await service.settle(command(answer(round=round_id, value=0.5, ifversion=1), person(), details())),
        *await service.settle(
            command(answer(round=round_id, value=0.0, ifversion=1), person(), details()),
            command(answer("MGI-1.02", round=round_id), institution(), details()),
        ),
    ]
    assert (reported.version, corrected.version) == (1, 2)
    assert [stale.problems[0].code, foreign.problems[0].code] == ["version_conflict", "not_assigned"]
    question = (await service.ask(person(), f"/rounds/{round_id}/answers/{SCALE}")).json()
    assert (question["answer"]["value"], question["answer"]["version"]) == (0.5, 2)
    progress = (await service.ask(coordinator(), f"/rounds/{round_id}/completeness")).json()
    assert sum(institution["answered"] for institution in progress["institutions"]) == 1


async def test_what_institutions_write_never_stands_in_the_log(service: Running) -> None:
    opening_now = command(opening(due_at=datetime.now(UTC) + timedelta(days=30)), coordinator())
    (opened,) = await service.settle(opening_now)
    await service.settle(command(answer(round=opened.aggregate_id), institution(), details()))
    written = b"".join(record.value for record in service.log)
    assert b'"evidence":1' in written
    assert b"semua daerah" not in written
    assert b"Pelindungan" not in written


async def test_a_round_that_is_opened_by_many_at_once_is_opened_once(service: Running) -> None:
    """Each by a command of its own, in whichever partition that falls."""
    due = datetime.now(UTC) + timedelta(days=30)
    outcomes = await service.settle(*(command(opening(due_at=due), coordinator()) for _ in range(8)))
    (opened,) = [outcome for outcome in outcomes if outcome.result == "applied"]
    assert [problem.code for outcome in outcomes for problem in outcome.problems] == ["round_exists"] * 7
    (listed,) = (await service.ask(coordinator(), "/rounds")).json()["rounds"]
    assert listed["round"] == opened.aggregate_id
