"""Recognition at intake, on a real database: one person however she is written, and back again."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from chassis.commands.types import Applied
from chassis.mongo import Client
from contracts.registry import DuplicateOpened, PersonDetails, PersonRegistered
from linkage.model import Model, model_file
from services.registry.commands import Draft
from services.registry.commands.newcomer_matching import FULL, Matcher
from services.registry.domain.person import Person
from services.registry.store import Store
from simulation.scenario.people import make_nik
from tests.registry.builders import BORN, command, registration, unmerging
from tests.registry.people import aminah
from tests.registry.processes import apply, origins_by_key

Register = Callable[..., Any]


@pytest.fixture(scope="module")
def model() -> Model:
    return model_file.read(model_file.REGISTRY)


@pytest.fixture
def matcher(store: Store, model: Model) -> Matcher:
    return Matcher(store.profiles, model)


@pytest.fixture
def settle(client: Client, store: Store, matcher: Matcher) -> Register:
    """Registers people in one batch."""

    async def settled(*people: PersonDetails) -> list[Applied[Draft]]:
        commands = [command(registration(home_regency="33.07"), one) for one in people]
        return await apply(client, store, commands, matcher=matcher)

    return settled


MISSION = {"full_name": "Siti Aminah binti Karso", "address": None}


async def test_the_mission_and_the_company_mean_one_woman(settle: Register, store: Store) -> None:
    (first,) = await settle(aminah())
    (second,) = await settle(aminah(**MISSION))
    assert second.aggregate_id == first.aggregate_id
    (event,) = [emitted.event for emitted in second.events]
    assert isinstance(event, PersonRegistered)
    assert (event.person, event.first) == (first.aggregate_id, False)
    person = (await store.find_persons({first.aggregate_id: 0}))[first.aggregate_id]
    (record,) = person.merge_records
    assert (record.kind, record.because, record.survivor) == ("MERGE", "rule", person.id)
    assert record.facts["model"] == "registry-1"
    assert len(person.origin_persons) == 2


async def test_in_one_batch_too(settle: Register) -> None:
    first, second = await settle(aminah(), aminah(**MISSION))
    assert second.aggregate_id == first.aggregate_id


async def test_what_was_recognised_wrongly_is_taken_back_exactly(
    settle: Register, client: Client, store: Store, matcher: Matcher
) -> None:
    (first,) = await settle(aminah())
    await settle(aminah(**MISSION))
    together = (await store.find_persons({first.aggregate_id: 0}))[first.aggregate_id]
    (origin,) = together.origin_persons - {together.id}
    await apply(client, store, [command(unmerging(origin))], matcher=matcher)
    found = await store.load_persons([together.id, origin])
    one, other = found[together.id], found[origin]
    assert isinstance(one, Person)
    assert isinstance(other, Person)
    assert [action.origin_person for action in one.actions] == [together.id]
    assert other.state.personal["full_name"] == MISSION["full_name"]
    assert other.version == 1


async def test_somebody_else_is_somebody_new(settle: Register) -> None:
    first, second = await settle(aminah(), aminah(full_name="Dewi Lestari", birth_date="1990-02-03", phone=None))
    assert second.aggregate_id != first.aggregate_id
    assert [type(emitted.event) for emitted in second.events] == [PersonRegistered]


async def test_two_numbers_of_their_own_are_left_to_a_steward(settle: Register, store: Store) -> None:
    nik, other = make_nik("33.07", BORN, "P", 1), make_nik("36.71", BORN, "P", 44)
    (first,) = await settle(aminah(nik=nik))
    (second,) = await settle(aminah(nik=other))
    assert second.aggregate_id != first.aggregate_id
    registered, opened = (emitted.event for emitted in second.events)
    assert isinstance(registered, PersonRegistered)
    assert isinstance(opened, DuplicateOpened)
    (review,) = (await store.reviews.find([opened.duplicate])).values()
    assert (review.hold, review.decision, set(review.persons)) == (
        "nik",
        None,
        {first.aggregate_id, second.aggregate_id},
    )
    document = str(await store.reviews.collection.find_one({"_id": review.id}))
    assert not any(secret in document for secret in ("MINAH", nik, other, "Sukarti", BORN.isoformat()))


@pytest.mark.parametrize("born", [date(2008, 6, 1)])
async def test_children_are_never_joined_by_rule(
    settle: Register, client: Client, store: Store, matcher: Matcher, born: date
) -> None:
    details = aminah(birth_date=f"{born.year}", birth_date_precision="year")
    (first,) = await settle(details)
    (second,) = await settle(details)
    assert second.aggregate_id != first.aggregate_id
    opened = second.events[-1].event
    assert isinstance(opened, DuplicateOpened)
    assert (await store.reviews.find([opened.duplicate]))[opened.duplicate].hold == "child"


async def test_no_name_and_no_date_stand_in_an_index(settle: Register, store: Store) -> None:
    await settle(aminah())
    (profile,) = await store.profiles.collection.find({}, {"keys": 1}).to_list(None)
    assert len(profile["keys"]) >= 3
    assert all(len(key) == 18 and set(key) <= set("0123456789abcdef") for key in profile["keys"])


async def test_a_thousand_namesakes_stay_bounded(settle: Register, store: Store) -> None:
    people = [aminah(phone=None, mother_name=None, sex="L" if n % 2 else "P") for n in range(3 * FULL)]
    for _ in range(2):
        await settle(*people)
    counts = await origins_by_key(store)
    assert max(counts.values()) <= FULL


async def test_a_later_registration_is_found_by_both_names(settle: Register) -> None:
    nik = make_nik("33.07", BORN, "P", 1)
    (first,) = await settle(aminah(nik=nik))
    await settle(aminah(nik=nik, full_name="Aminatun Karsowati", phone="+6283499999999", mother_name="Wagiyem"))
    (third,) = await settle(aminah(full_name="Aminatun Karsowati", phone="+6283499999999", mother_name="Wagiyem"))
    assert third.aggregate_id == first.aggregate_id
