"""Queries about rounds and answers, as the gateway asks them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from chassis.mongo import Client, ensure_indexes, transact
from services.indicators.api import router
from services.indicators.domain.answer import Answer, submit
from services.indicators.store import INDEXES, Store
from tests.builders import told
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
    assert [(found["round"], found["year"]) for found in listed] == [(ROUND, 2026)]
    found = (await ask(institution("BPS"), f"/rounds/{ROUND}")).json()
    assert len(found["questions"]) == 98
    assert datetime.fromisoformat(found["due_at"]) == DUE
    missing = await ask(institution("BPS"), f"/rounds/{ROUND.replace('0', '1')}")
    assert missing.json()["code"] == "not_found"


async def test_completeness_is_a_work_list_by_institution_and_dimension(ask: Asking) -> None:
    found = (await ask(coordinator(), f"/rounds/{ROUND}/completeness")).json()
    codes = [one["organisation"] for one in found["institutions"]]
    assert codes == sorted(codes)
    kemenkes = found["institutions"][codes.index("KEMENKES")]
    assert (kemenkes["assigned"], kemenkes["answered"], kemenkes["late"], kemenkes["missing"]) == (1, 1, 0, [])
    assert kemenkes["complete"]
    assert [one["answered"] for one in found["dimensions"]] == [1, 0, 0, 0, 0, 0]
    assert sum(one["assigned"] for one in found["dimensions"]) == 98


@pytest.mark.parametrize("who", [institution(), person(), coordinator()])
async def test_an_answer_is_for_its_institution_and_the_coordinator(ask: Asking, who: object) -> None:
    found = (await ask(who, f"/rounds/{ROUND}/answers/{SCALE}")).json()  # type: ignore[arg-type]
    assert (found["value"], found["version"]) == (0.5, 2)
    assert found["evidence"][0]["instrument"] == "UU"
    assert [version["value"] for version in found["versions"]] == [1.0, 0.5]


async def test_to_others_an_answer_looks_like_one_that_is_not_there(ask: Asking) -> None:
    denied = await ask(person("KP2MI"), f"/rounds/{ROUND}/answers/{SCALE}")
    absent = await ask(coordinator(), f"/rounds/{ROUND}/answers/MGI-1.02")
    assert denied.status_code == absent.status_code == 404
    assert told(denied) == told(absent)


async def test_what_was_known_can_be_asked_of_any_instant_but_the_last_seconds(ask: Asking) -> None:
    path = f"/rounds/{ROUND}/answers/{SCALE}"
    then = (await ask(coordinator(), path, asof=(NOW + timedelta(days=3)).isoformat())).json()
    assert (then["value"], then["version"]) == (1.0, 1)
    assert (await ask(coordinator(), path, asof=NOW.isoformat())).status_code == 404
    assert (await ask(coordinator(), path, asof=datetime.now(UTC).isoformat())).json()["code"] == "invalid_value"
