"""Merges between processes, on a real database: races, redelivery, memories that are out of date."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chassis.mongo import Client, VersionConflict, transact
from contracts.commands import Principal
from contracts.registry import Identifiers
from services.registry.api.persons import router
from services.registry.commands import steps
from services.registry.domain.person import Person, Redirect
from services.registry.store import Store
from tests.domain_service import asking
from tests.registry.builders import (
    NIK,
    NOW,
    PASSPORT,
    command,
    departure,
    identity,
    merging,
    person,
    placement,
    registration,
    unmerging,
)
from tests.registry.processes import apply

EXCHANGE = Principal(organisation="SIMPUL", roles=("exchange",))
Stores = Callable[[], Store]


@pytest.fixture
async def pair(client: Client, a_store: Stores) -> tuple[str, str]:
    """Ids of two persons, one with a NIK and a passport, who was known first, and one without any number."""
    process = a_store()
    (one,) = await apply(client, process, [command(registration())])
    (other,) = await apply(client, process, [command(registration(), person(nik=None, passport=None))])
    return one.aggregate_id, other.aggregate_id


async def found(store: Store, one: str) -> Person:
    return (await store.find_persons({one: 0}))[one]


async def test_an_absorbed_id_leads_to_the_survivor_and_back_after_an_unmerge(
    client: Client, a_store: Stores, pair: tuple[str, str]
) -> None:
    one, other = pair
    before = [await found(a_store(), each) for each in pair]
    await apply(client, a_store(), [command(merging(*pair))])
    assert [(await found(a_store(), each)).id for each in pair] == [one, one]
    await apply(client, a_store(), [command(unmerging(other))])
    after = [await found(a_store(), each) for each in pair]
    assert [(each.actions, each.state) for each in after] == [(each.actions, each.state) for each in before]
    assert [(each.version, each.revision) for each in after] == [(3, 3), (3, 3)]


async def test_a_process_that_does_not_know_of_a_merge_adds_its_fact_to_the_survivor(
    client: Client, a_store: Stores, pair: tuple[str, str]
) -> None:
    one, other = pair
    late, process = a_store(), a_store()
    await late.load_persons(pair)
    await apply(client, process, [command(merging(*pair))])
    (applied,) = await apply(client, late, [command(departure(person=other), None)])
    assert (applied.aggregate_id, applied.version) == (one, 3)
    assert (await found(process, one)).state.status == "P1_DEPARTED"


async def test_a_process_that_does_not_know_of_an_unmerge_adds_its_fact_to_whom_it_is_about(
    client: Client, a_store: Stores, pair: tuple[str, str]
) -> None:
    one, other = pair
    late, process = a_store(), a_store()
    await apply(client, late, [command(merging(*pair))])
    await apply(client, process, [command(unmerging(other))])
    await apply(client, process, [command(identity())])
    late.cache.persons.drop([one])  # it remembers the absorbed one alone
    await late.load_persons([one])
    (applied,) = await apply(client, late, [command(departure(person=other), None)])
    assert applied.aggregate_id == other
    assert [(await found(process, each)).state.status for each in pair] == ["C1_REGISTERED", "P1_DEPARTED"]


async def test_what_is_remembered_of_a_merge_that_was_turned_round_leads_nobody_in_a_circle(
    client: Client, a_store: Stores, pair: tuple[str, str]
) -> None:
    one, other = pair
    late, process = a_store(), a_store()
    await apply(client, late, [command(merging(*pair))])
    for body in (unmerging(other), merging(*pair, survivor=other)):
        await apply(client, process, [command(body)])
    late.cache.persons.drop([one])
    (applied,) = await apply(client, late, [command(departure(person=one), None)])
    assert applied.aggregate_id == other


async def test_two_processes_that_merge_the_same_pair_at_once_merge_it_once(
    client: Client, a_store: Stores, pair: tuple[str, str]
) -> None:
    first, second = pair, pair[::-1]
    applied = await asyncio.gather(*(apply(client, a_store(), [command(merging(*ids))]) for ids in (first, second)))
    assert sorted(len(each[0].events) for each in applied) == [0, 2]
    assert {each[0].aggregate_id for each in applied} == {pair[0]}
    assert len((await found(a_store(), pair[0])).merge_records) == 1


async def test_merges_in_a_circle_make_one_person(client: Client, a_store: Stores, pair: tuple[str, str]) -> None:
    third = (await apply(client, a_store(), [command(registration(), person(nik=None, passport=None))]))[0]
    one, other, last = *pair, third.aggregate_id
    circle = [merging(one, other), merging(other, last), merging(last, one)]
    applied = await asyncio.gather(*(apply(client, a_store(), [command(body)]) for body in circle))
    assert sum(len(each[0].events) for each in applied) == 4
    assert {(await found(a_store(), each)).id for each in (one, other, last)} == {one}


async def test_facts_that_race_a_merge_and_its_undoing_come_to_whom_they_are_about(
    client: Client, a_store: Stores, pair: tuple[str, str]
) -> None:
    one, other = pair
    facts = [command(departure(person=other), None), command(identity()), command(placement())]
    merge_records = [command(merging(*pair)), command(unmerging(other))]

    async def decisions() -> None:
        process = a_store()
        for record in merge_records:
            await apply(client, process, [record])

    await asyncio.gather(decisions(), *(apply(client, a_store(), [fact]) for fact in facts))
    first, second = await found(a_store(), one), await found(a_store(), other)
    assert sorted(action.kind for action in first.actions) == ["IDENTITY", "PLACEMENT", "REGISTRATION"]
    assert sorted(action.kind for action in second.actions) == ["DEPARTURE", "REGISTRATION"]


async def test_a_merge_that_lost_a_race_leaves_nothing_behind(
    client: Client, a_store: Stores, pair: tuple[str, str]
) -> None:
    late, merge = steps(process := a_store()), [command(merging(*pair))]
    work = await late.load(merge)
    late.carry_out(work, merge[0], NOW)
    await apply(client, a_store(), [command(departure(person=pair[1]), None)])
    with pytest.raises(VersionConflict):
        await transact(client, lambda session: late.save(work, session))
    assert [(await found(a_store(), each)).id for each in pair] == list(pair)
    assert await process.persons.count_documents({"into": {"$exists": True}}) == 0


async def test_identifiers_of_one_person_lead_to_it_under_whatever_id_they_came(
    client: Client, a_store: Stores, pair: tuple[str, str]
) -> None:
    (other,) = await apply(client, a_store(), [command(departure(), Identifiers(passport="Z0000009"))])
    await apply(client, a_store(), [command(merging(pair[0], other.aggregate_id))])
    holders = await a_store().find_holders({"nik": NIK, "passport": "Z0000009"})
    assert len({each for some in holders for each in some}) == 1


async def test_what_is_left_of_an_absorbed_person_tells_nothing_and_stands_in_no_list(
    client: Client, a_store: Stores, pair: tuple[str, str]
) -> None:
    await apply(client, a_store(), [command(merging(*pair))])
    store = a_store()
    document = await store.persons.find_one({"_id": pair[1]}) or {}
    assert document.keys() == {"_id", "page", "revision", "version", "recorded_at", "into"}
    assert isinstance((await store.load_persons([pair[1]]))[pair[1]], Redirect)


# -- queries


async def test_the_api_answers_for_an_absorbed_id_with_whom_it_was_found_to_be(
    client: Client, a_store: Stores, rings: dict[str, Any], pair: tuple[str, str]
) -> None:
    one, other = pair
    start = NOW + timedelta(hours=1)
    for hours, body in enumerate([merging(*pair), departure(person=other), unmerging(other)]):
        await apply(client, a_store(), [command(body, None)], now=start + timedelta(hours=hours))
    async with asking("registry", lambda verifier: [router(a_store(), verifier)], rings) as ask:
        ask.http.auth = ask.as_(EXCHANGE)

        async def told(minutes: int, who: str = other) -> Any:
            asof = start + timedelta(minutes=minutes)
            return (await ask.http.get(f"/persons/{who}", params={"asof": asof.isoformat()})).json()

        before, together, later, apart = [await told(minutes) for minutes in (-1, 1, 61, 121)]
        assert [each["person"] for each in (before, together, later, apart)] == [other, one, one, other]
        assert [each.get("requested") for each in (before, together)] == [None, other]
        assert [each["facets"]["status"] for each in (together, later, apart)] == [
            "C1_REGISTERED", "P1_DEPARTED", "P1_DEPARTED"
        ]  # fmt: skip
        assert (await told(61, one))["personal"]["nik"] == (await told(121, one))["personal"]["nik"] == NIK
        assert [(await told(minutes, one))["facets"]["status"] for minutes in (61, 121)] == [
            "P1_DEPARTED", "C1_REGISTERED"
        ]  # fmt: skip
        assert "nik" not in apart["personal"]
        history = (await ask.http.get(f"/persons/{other}/history")).json()
        assert [each["origin_person"] for each in history["actions"]] == [other, other]
        assert [(each["kind"], each["survivor"], each["absorbed"]) for each in history["merge_records"]] == [
            ("MERGE", one, other), ("UNMERGE", one, other)
        ]  # fmt: skip


async def test_persons_are_read_under_the_ids_asked_for_and_listed_once(
    client: Client, a_store: Stores, rings: dict[str, Any], pair: tuple[str, str]
) -> None:
    one, other = pair
    await apply(client, a_store(), [command(merging(*pair))])
    async with asking("registry", lambda verifier: [router(a_store(), verifier)], rings) as ask:
        ask.http.auth = ask.as_(EXCHANGE)
        wanted = {"persons": [{"id": each, "at_least": 1} for each in pair]}
        states = (await ask.http.post("/persons/read", json=wanted)).json()["persons"]
        assert {(each["person"], each.get("requested")) for each in states} == {(one, None), (one, other)}
        assert all(each["absorbed"] == [other] and each["version"] == 2 for each in states)
        state = (await ask.http.get(f"/persons/{other}")).json()
        assert (state["person"], state["requested"]) == (one, other)
        assert (await ask.http.post("/persons/resolve", json={"passport": PASSPORT})).json() == {"person": one}
        listed = (await ask.http.get("/persons", params={"home_regency": "33.07"})).json()["persons"]
        assert [each["person"] for each in listed] == [one]
