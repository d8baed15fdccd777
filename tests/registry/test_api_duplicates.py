"""What the registry answers stewards of their duplicate reviews."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from chassis.mongo import Client
from contracts.commands import Principal
from contracts.registry import DecideDuplicate, Decision, PersonDetails
from linkage.model import Model, model_file
from services.registry.api import routers
from services.registry.app import MODEL
from services.registry.commands.newcomer_matching import Matcher
from services.registry.store import Store
from simulation.population.constructed_numbers import make_nik
from tests.domain_service import Asking, asking
from tests.registry.builders import BORN, NOW, STEWARD, command, merging, registration, unmerging
from tests.registry.people import aminah
from tests.registry.processes import apply

Register = Callable[..., Any]
OTHERWISE = {
    "full_name": "Dewi Wulandari Lestariningtyas",
    "phone": "+6283499999999",
    "mother_name": "Sumartiningsih",
    "address": "Jl. Kenanga No. 3, RT 01/RW 01",
}


@pytest.fixture(scope="module")
def model() -> Model:
    return model_file.read(MODEL)


@pytest.fixture
def register(client: Client, store: Store, model: Model) -> Register:
    """Registers somebody with the next NIK; returns whom, and the review that was opened."""
    serial = 0

    async def registered(**changes: Any) -> tuple[str, str | None]:
        nonlocal serial
        serial += 40  # twins have neighbouring numbers
        details: PersonDetails = aminah(nik=make_nik("33.07", BORN, "P", serial), **changes)
        matcher = Matcher(store.profiles, model)
        (applied,) = await apply(client, store, [command(registration(home_regency="33.07"), details)], matcher=matcher)
        opened = [emitted.key for emitted in applied.events if emitted.event.type == "registry.duplicate.opened.v1"]  # type: ignore[attr-defined]
        return applied.aggregate_id, opened[0] if opened else None

    return registered


@pytest.fixture
async def ask(store: Store, rings: dict[str, Any], model: Model) -> AsyncIterator[Asking]:
    async with _asking(store, rings, model) as found:
        yield found


@asynccontextmanager
async def _asking(store: Store, rings: dict[str, Any], model: Model | None) -> AsyncIterator[Asking]:
    async with asking("registry", lambda verifier: routers(store, model, verifier), rings) as found:
        yield found


async def decide(client: Client, store: Store, review: str | None, decision: Decision) -> None:
    assert review
    body = DecideDuplicate(duplicate=review, decision=decision, reason="other")
    await apply(client, store, [command(body, None, by=STEWARD)])


async def test_whoever_is_no_steward_is_turned_away(ask: Asking) -> None:
    strangers = (
        Principal(organisation="KP2MI", user="officer-1"),
        Principal(organisation="BPS", user="steward-1", roles=STEWARD.roles),
        Principal(organisation="KP2MI", roles=STEWARD.roles),
        Principal(organisation="SIMPUL", roles=("exchange",)),
    )
    for who in strangers:
        answer = await ask(who, "/duplicates")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    assert (await ask.http.get("/duplicates")).status_code == 401


async def test_the_evidence_is_of_those_two_records_that_are_most_alike(
    ask: Asking, client: Client, store: Store, register: Register
) -> None:
    first, _ = await register()
    other, _ = await register(**OTHERWISE)
    await apply(client, store, [command(merging(first, other))])
    _, review = await register(**(OTHERWISE | {"full_name": OTHERWISE["full_name"].upper()}))
    found = (await ask(STEWARD, f"/duplicates/{review}")).json()
    (names,) = [line["values"] for line in found["evidence"] if line["field"] == "name"]
    assert set(names) == {OTHERWISE["full_name"], OTHERWISE["full_name"].upper()}
    assert round(found["evidence"][-1]["total"], 2) == round(found["weight"], 2)


async def test_two_who_are_one_by_now_are_compared_as_they_were_told_of(
    ask: Asking, client: Client, store: Store, register: Register
) -> None:
    await register()
    _, review = await register(full_name="Siti Aminah")
    open_still = (await ask(STEWARD, f"/duplicates/{review}")).json()
    await decide(client, store, review, "same")
    merged = (await ask(STEWARD, f"/duplicates/{review}")).json()
    assert len({side["person"] for side in merged["sides"]}) == 1
    assert merged["evidence"] == open_still["evidence"]


async def test_without_a_model_a_duplicate_review_is_shown_without_evidence(
    store: Store, rings: dict[str, Any], register: Register
) -> None:
    await register()
    _, review = await register()
    async with _asking(store, rings, None) as ask:
        found = (await ask(STEWARD, f"/duplicates/{review}")).json()
    assert (found["evidence"], len(found["sides"])) == ([], 2)


async def test_open_reviews_are_counted_by_age_and_each_once(
    ask: Asking, client: Client, store: Store, register: Register
) -> None:
    await register()
    opened = [(await register())[1] for _ in range(2)]
    await decide(client, store, opened[0], "different")
    workload = (await ask(STEWARD, "/duplicates/workload")).json()
    waiting = (await ask(STEWARD, "/duplicates")).json()["duplicates"]
    assert sum(band["duplicates"] for band in workload["open"]) == len(waiting) > 0
    assert next(band["duplicates"] for band in workload["open"] if band["older_than_days"] == 90) == len(waiting)
    assert len({day["day"] for day in workload["days"]}) == 14


async def test_a_parting_that_no_model_judged_says_nothing_of_the_model(
    ask: Asking, client: Client, store: Store, register: Register
) -> None:
    one, _ = await register()
    other, _ = await register(**OTHERWISE)
    (merged,) = await apply(client, store, [command(merging(one, other))])
    absorbed = other if merged.aggregate_id == one else one
    await apply(client, store, [command(unmerging(absorbed))])
    (made,) = (await ask(STEWARD, "/duplicates", status="decided")).json()["duplicates"]
    assert made["model"] == ""
    agreement = (await ask(STEWARD, "/duplicates/agreement", month=f"{NOW:%Y-%m}")).json()
    assert [band["decided"] for band in agreement["bands"]] == [0, 0, 0]


async def test_a_month_that_is_none_is_refused(ask: Asking) -> None:
    for month in ("2026-13", "2026-3", "march"):
        answer = await ask(STEWARD, "/duplicates/agreement", month=month)
        assert (answer.status_code, answer.json()["pointer"]) == (422, "/query/month")
