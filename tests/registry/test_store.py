import asyncio
from collections.abc import Callable

import pytest

from chassis.mongo import Client, VersionConflict, transact
from contracts.registry import Identifiers
from services.registry.commands import steps
from services.registry.domain.identifiers import IdentifierEntry
from services.registry.store import Filter, Store
from services.registry.store.cache import Recent
from simulation.scenario.people import SimulatedPerson, people
from tests.registry.builders import (
    NIK,
    NOW,
    OTHER_NIK,
    PASSPORT,
    command,
    departure,
    identity,
    person,
    placement,
    registration,
)
from tests.registry.processes import apply

Stores = Callable[[], Store]


def details(one: SimulatedPerson) -> object:
    return person(
        full_name=one.full_name, nik=one.nik, passport=one.passport, birth_date=str(one.birth_date), sex=one.sex
    )


async def test_a_person_is_read_as_it_was_saved(client: Client, a_store: Stores) -> None:
    writer, reader = a_store(), a_store()
    applied = await apply(
        client, writer, [command(registration()), command(placement("2026-02")), command(departure())]
    )
    subject = applied[0].aggregate_id
    read = (await reader.find_persons({subject: 0}))[subject]
    assert read == (await writer.find_persons({subject: 0}))[subject]
    assert (read.revision, read.version) == (1, 3)


async def test_later_batches_build_on_what_was_saved(client: Client, a_store: Stores) -> None:
    facts = [registration(), identity(), placement(), departure()]
    applied = [(await apply(client, a_store(), [command(body)]))[0] for body in facts]
    found = (await a_store().find_persons({applied[0].aggregate_id: 0}))[applied[0].aggregate_id]
    assert [one.version for one in applied] == [1, 2, 3, 4]
    assert (found.revision, found.state.status, found.state.flags) == (4, "P1_DEPARTED", ())


async def test_one_person_reported_at_once_by_five_processes_is_one_person(client: Client, a_store: Stores) -> None:
    facts = [
        command(registration()),
        command(identity()),
        command(placement()),
        command(departure()),
        command(registration("2026-01-09"), by="33.07-DISNAKER"),
    ]
    applied = await asyncio.gather(*(apply(client, a_store(), [one]) for one in facts))
    (subject,) = {one[0].aggregate_id for one in applied}
    found = (await a_store().find_persons({subject: 0}))[subject]
    assert sorted(action.kind for action in found.actions) == sorted(
        ["REGISTRATION", "REGISTRATION", "IDENTITY", "PLACEMENT", "DEPARTURE"]
    )
    assert found.version == sum(len(one[0].events) for one in applied)
    assert (found.state.status, found.state.flags) == ("P1_DEPARTED", ())


async def test_of_two_processes_that_change_one_person_the_second_loses(client: Client, a_store: Stores) -> None:
    first, second = a_store(), a_store()
    await apply(client, first, [command(registration())])
    late = steps(second)
    fact = [command(placement())]
    work = await late.load(fact)
    late.carry_out(work, fact[0], NOW)
    await apply(client, first, [command(identity())])
    with pytest.raises(VersionConflict):
        await transact(client, lambda session: late.save(work, session))


async def test_what_a_process_remembers_wrongly_costs_one_more_attempt(client: Client, a_store: Stores) -> None:
    first, second = a_store(), a_store()
    await apply(client, first, [command(registration())])
    subject = (await apply(client, second, [command(identity())]))[0].aggregate_id
    applied = await apply(client, first, [command(placement())])
    assert applied[0].version == 3
    assert (await first.find_persons({subject: 0}))[subject].state.identity_matched


async def test_no_identifier_stands_in_a_claim(client: Client, store: Store) -> None:
    await apply(client, store, [command(registration())])
    entries = [str(document) async for document in store.entries.find()]
    assert len(entries) == 2
    assert not [text for text in entries if NIK in text or PASSPORT in text]


async def test_what_another_process_changed_is_told_as_it_is_now(client: Client, a_store: Stores) -> None:
    writer, reader = a_store(), a_store()
    subject = (await apply(client, writer, [command(registration())]))[0].aggregate_id
    await reader.find_persons({subject: 0})
    await apply(client, writer, [command(identity())])
    assert (await reader.find_persons({subject: 0}))[subject].version == 2


def test_what_was_not_used_for_longest_is_forgotten_first() -> None:
    recent: Recent[IdentifierEntry] = Recent(2)
    recent.keep([IdentifierEntry("a"), IdentifierEntry("b")])
    recent.find("a")
    recent.keep([IdentifierEntry("c")])
    assert [name for name in "abc" if recent.find(name)] == ["a", "c"]


def test_an_older_state_read_late_does_not_replace_a_newer_one() -> None:
    recent: Recent[IdentifierEntry] = Recent(2)
    recent.keep([IdentifierEntry("a", 2)])
    recent.keep([IdentifierEntry("a", 1)])
    assert recent.find("a") == IdentifierEntry("a", 2)


async def test_a_person_newer_than_what_is_remembered_is_read_again(client: Client, a_store: Stores) -> None:
    writer, reader = a_store(), a_store()
    subject = (await apply(client, writer, [command(registration())]))[0].aggregate_id
    await reader.find_persons({subject: 1})
    await apply(client, writer, [command(identity())])
    assert (await reader.find_persons({subject: 1}))[subject].version == 1
    assert (await reader.find_persons({subject: 2}))[subject].version == 2


async def test_carriers_of_identifiers_are_found_strongest_first(client: Client, store: Store) -> None:
    other = person(nik=OTHER_NIK, passport="Z0000002")
    first, second = await apply(client, store, [command(registration()), command(registration(), other)])
    holders = await store.find_holders({"nik": NIK, "passport": "Z0000002"})
    assert holders == [(first.aggregate_id,), (second.aggregate_id,)]
    assert await store.find_holders({"passport": "Z9999999"}) == [(), ()]


async def test_a_list_pages_through_everybody_once(client: Client, store: Store) -> None:
    registered = [command(registration(home_regency="33.07"), details(one)) for one in people(60, seed=3)]
    registered += [command(registration(home_regency="52.01"), details(one)) for one in people(70, seed=3)[60:]]
    applied = await apply(client, store, registered)
    asked, seen, after = Filter(home_regency="33.07", status="C1_REGISTERED"), [], None
    while page := await store.list_persons(asked, after, 25):
        seen += [one["_id"] for one in page]
        after = seen[-1]
    assert seen == sorted(one.aggregate_id for one in applied[:60])
    assert await store.list_persons(Filter("33.07", status="P1_DEPARTED"), None, 25) == []


async def test_a_load_of_new_people_is_saved_whole(client: Client, a_store: Stores) -> None:
    crowd = people(200, seed=7)
    await apply(client, a_store(), [command(registration(), details(one)) for one in crowd])
    left = [command(departure(), Identifiers(passport=one.passport)) for one in crowd]
    applied = await apply(client, a_store(), left)
    assert {one.version for one in applied} == {2}
