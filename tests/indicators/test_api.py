"""Queries about rounds and answers, as the gateway asks them."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from chassis.mongo import Client, ensure_indexes, transact
from contracts.commands import Principal
from services.indicators.api import router
from services.indicators.domain.answer import Answer, submit
from services.indicators.store import INDEXES, Store
from tests.domain_service import Asking, asking
from tests.indicators.builders import DUE, NOW, ROUND, SCALE, a_round, answer, coordinator, details, institution, person


def answered_twice() -> Answer:
    first, _ = submit(a_round(), None, "c1", institution(), answer(), details(), NOW + timedelta(days=2))
    changed = answer(value=0.5, ifversion=1)
    return submit(a_round(), first, "c2", person(), changed, details(), NOW + timedelta(days=4))[0]


@pytest.fixture
async def ask(mongo: str, database_name: str) -> AsyncIterator[Asking]:
    """Asks a service that holds a round with one answer."""
    client: Client = AsyncIOMotorClient(mongo, tz_aware=True, w="majority")
    await ensure_indexes(client[database_name], INDEXES)
    store = Store(client[database_name])
    await transact(client, lambda session: store.save([a_round()], [answered_twice()], session))
    async with asking("indicators", lambda verifier: [router(store, verifier)]) as asked:
        yield asked
    client.close()


async def test_rounds_are_there_for_every_institution(ask: Asking) -> None:
    listed = (await ask(institution("BPS"), "/rounds")).json()["rounds"]
    assert [(summary["round"], summary["year"]) for summary in listed] == [(ROUND, 2026)]
    detail = (await ask(institution("BPS"), f"/rounds/{ROUND}")).json()
    assert len(detail["questions"]) == 98
    assert datetime.fromisoformat(detail["due_at"]) == DUE
    missing = await ask(institution("BPS"), f"/rounds/{ROUND.replace('0', '1')}")
    assert missing.json()["code"] == "not_found"


async def test_completeness_is_a_work_list_by_institution_and_dimension(ask: Asking) -> None:
    progress = (await ask(coordinator(), f"/rounds/{ROUND}/completeness")).json()
    codes = [institution["organisation"] for institution in progress["institutions"]]
    assert codes == sorted(codes)
    kemenkes = progress["institutions"][codes.index("KEMENKES")]
    assert (kemenkes["assigned"], kemenkes["answered"], kemenkes["late"], kemenkes["missing"]) == (1, 1, 0, [])
    assert kemenkes["complete"]
    assert [dimension["answered"] for dimension in progress["dimensions"]] == [1, 0, 0, 0, 0, 0]
    assert sum(dimension["assigned"] for dimension in progress["dimensions"]) == 98


@pytest.mark.parametrize("who", [institution(), person(), coordinator()])
async def test_an_answer_is_for_its_institution_and_the_coordinator(ask: Asking, who: Principal) -> None:
    row = (await ask(who, f"/rounds/{ROUND}/answers/{SCALE}")).json()
    assert (row["status"], row["organisation"]) == ("answered", "KEMENKES")
    assert (row["answer"]["value"], row["answer"]["version"]) == (0.5, 2)
    assert row["answer"]["evidence"][0]["instrument"] == "UU"
    assert [version["value"] for version in row["answer"]["versions"]] == [1.0, 0.5]


async def test_others_are_told_that_it_is_not_for_them_whether_there_is_one_or_not(ask: Asking) -> None:
    for indicator in SCALE, "MGI-1.02":
        row = (await ask(person("KP2MI"), f"/rounds/{ROUND}/answers/{indicator}")).json()
        assert (row["status"], row["answer"]) == ("not_permitted", None)
    absent = (await ask(coordinator(), f"/rounds/{ROUND}/answers/MGI-1.02")).json()
    assert (absent["status"], absent["answer"]) == ("not_answered", None)
    unknown = await ask(coordinator(), f"/rounds/{ROUND}/answers/MGI-9.99")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


async def test_all_answers_of_a_round_are_read_at_once(ask: Asking) -> None:
    for who, statuses in (
        (coordinator(), {"answered": 1, "not_answered": 97}),
        (institution(), {"answered": 1, "not_permitted": 97}),
        (institution("KEMENDIKDASMEN"), {"not_answered": 1, "not_permitted": 97}),
    ):
        listed = (await ask(who, f"/rounds/{ROUND}/answers")).json()
        assert listed["round"] == ROUND
        assert Counter(row["status"] for row in listed["answers"]) == statuses
        for row in listed["answers"]:
            assert row == (await ask(who, f"/rounds/{ROUND}/answers/{row['indicator']}")).json()
    missing = await ask(coordinator(), f"/rounds/{ROUND.replace('0', '1')}/answers")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", [f"/rounds/{ROUND}/answers/{SCALE}", f"/rounds/{ROUND}/answers"])
async def test_what_was_known_can_be_asked_of_any_instant_but_the_last_seconds(ask: Asking, path: str) -> None:
    async def known(at: datetime) -> Any:
        body = (await ask(coordinator(), path, asof=at.isoformat())).json()
        return next(row for row in body.get("answers", [body]) if row["indicator"] == SCALE)

    then = await known(NOW + timedelta(days=3))
    assert (then["answer"]["value"], then["answer"]["version"]) == (1.0, 1)
    assert (await known(NOW))["status"] == "not_answered"
    now = await ask(coordinator(), path, asof=datetime.now(UTC).isoformat())
    assert (now.json()["code"], now.json()["pointer"]) == ("invalid_value", "/query/asof")
