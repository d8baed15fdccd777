"""Facts that name a person by different identifiers, on a real database: what is loaded for them, and races."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import permutations

from chassis.commands.types import Command
from chassis.mongo import Client
from contracts.registry import Identifiers, PlacementDetails
from services.registry.domain.person import Person, person_id
from services.registry.store import Store
from simulation.scenario.people import make_nik
from tests.registry.builders import BORN, STEWARD, command, departure, person, placement, registration, unmerging
from tests.registry.processes import apply

Stores = Callable[[], Store]


def journey(serial: int) -> list[Command]:
    """Of one woman: known by her NIK, then by both, then by her passport."""
    nik, passport = make_nik("33.07", BORN, "P", serial), f"Z{serial:07d}"
    return [
        command(registration(), person(nik=nik, passport=None)),
        command(placement(), PlacementDetails(nik=nik, passport=passport)),
        command(departure(), Identifiers(passport=passport)),
    ]


async def people(store: Store, ids: Sequence[str]) -> list[Person]:
    found = await store.find_persons(dict.fromkeys(ids, 0))
    return list({one.id: one for one in found.values()}.values())


async def test_six_orders_end_in_one_departed_person_each_fact_in_a_process_of_its_own(
    client: Client, a_store: Stores
) -> None:
    for serial, order in enumerate(permutations(range(3)), 1):
        facts = journey(serial)
        ids = [(await apply(client, a_store(), [facts[n]]))[0].aggregate_id for n in order]
        (one,) = await people(a_store(), ids)
        assert one.state.status == "P1_DEPARTED"
        assert sum(action.kind != "SHARED" for action in one.actions) == 3


async def test_three_institutions_at_once_report_one_person(client: Client, a_store: Stores) -> None:
    applied = await asyncio.gather(*(apply(client, a_store(), [fact]) for fact in journey(11)))
    (one,) = await people(a_store(), [each[0].aggregate_id for each in applied])
    assert one.state.status == "P1_DEPARTED"


async def test_a_registration_finds_the_passports_that_it_does_not_bring(client: Client, a_store: Stores) -> None:
    nik = make_nik("33.07", BORN, "P", 21)
    stated = [
        command(placement(), PlacementDetails(nik=nik, passport="Z0000021")),
        command(registration(), person(nik=None, passport="Z0000021")),
        command(registration(), person(nik=nik, passport=None)),
    ]
    for one in stated:
        await apply(client, a_store(), [one])
    ids = [person_id(one.id) for one in stated[:2]]
    assert len(await people(a_store(), ids)) == 2, "the second registration parts them"
    reviews = await a_store().reviews.find_of(ids)
    assert [(review.hold, review.decision) for review in reviews.values()] == [("identifier", None)]


async def test_what_a_steward_took_apart_stays_apart_in_every_process(client: Client, a_store: Stores) -> None:
    ids = [(await apply(client, a_store(), [fact]))[0].aggregate_id for fact in journey(31)]
    (one,) = await people(a_store(), ids)
    (absorbed,) = one.origin_persons - {one.id}
    await apply(client, a_store(), [command(unmerging(absorbed), by=STEWARD)])
    await apply(client, a_store(), [command(departure(), Identifiers(passport="Z0000031"))])
    assert len(await people(a_store(), [one.id, absorbed])) == 2
