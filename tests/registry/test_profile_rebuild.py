"""Profiles of those already stored, made anew, on a real database."""

from collections.abc import Callable
from typing import Any

import pytest

from chassis.mongo import Client
from contracts.registry import ComparePair, PersonDetails
from linkage.model import model_file
from services.registry import profile_rebuild
from services.registry.app import MODEL
from services.registry.commands.newcomer_matching import FULL, Matcher
from services.registry.policies import PairPolicy
from services.registry.profile_rebuild import Place, ProfileRebuild, place
from services.registry.store import Store
from tests.registry.builders import PASSPORT, command, merging, registration
from tests.registry.people import aminah
from tests.registry.processes import apply, origins_by_key
from tests.registry.test_policies import ordered

Stores = Callable[[], Store]
STRANGER = {"full_name": "Dewi Lestari", "birth_date": "1990-02-03", "phone": None, "mother_name": "Ngatinem"}


@pytest.fixture
def matcher(store: Store) -> Matcher:
    return Matcher(store.profiles, model_file.read(MODEL))


@pytest.fixture
def rebuild(client: Client, store: Store, matcher: Matcher) -> ProfileRebuild:
    return ProfileRebuild(client, PairPolicy(store, matcher, store.ring))


async def everybody(one: ProfileRebuild, *, compare: bool = True) -> list[profile_rebuild.RebuiltPage]:
    """All steps to the end."""
    done = [await one.step(Place(), compare=compare)]
    while (after := done[-1].after) is not None:
        done.append(await one.step(after, compare=compare))
    return done


async def register(client: Client, store: Store, *people: PersonDetails, regency: str | None = "33.07") -> list[str]:
    """As while nobody is compared: ids of those registered."""
    applied = await apply(client, store, [command(registration(home_regency=regency), one) for one in people])
    return [one.aggregate_id for one in applied]


async def kept(store: Store) -> dict[str, dict[str, Any]]:
    """What the profiles say, by origin person."""
    found = await store.profiles.collection.find({}).to_list(None)
    return {one["_id"]: {"keys": set(one["keys"]), "traits": one["traits"]} for one in found}


async def test_profiles_are_those_that_intake_makes(
    client: Client, store: Store, matcher: Matcher, rebuild: ProfileRebuild
) -> None:
    people = [aminah(passport=PASSPORT), aminah(**STRANGER)]
    later = aminah(passport=PASSPORT, full_name="Aminatun Karsowati", phone="+6283499999999")
    for batch in ([*people], [later]):
        commands = [command(registration(home_regency="33.07"), one) for one in batch]
        await apply(client, store, commands, matcher=matcher)
    made = await kept(store)
    assert len(made) == 2
    await store.profiles.collection.delete_many({})
    (done,) = await everybody(rebuild)
    assert (done.persons, done.profiles) == (2, 2)
    assert await kept(store) == made
    await everybody(rebuild)
    assert await kept(store) == made, "a second time changes nothing"


async def test_who_was_registered_while_nobody_was_compared_is_recognised_from_then_on(
    client: Client, store: Store, matcher: Matcher, rebuild: ProfileRebuild
) -> None:
    (first,) = await register(client, store, aminah())
    newcomer = aminah(full_name="Siti Aminah binti Karso", address=None)
    await everybody(rebuild)
    (applied,) = await apply(client, store, [command(registration(home_regency="33.07"), newcomer)], matcher=matcher)
    assert applied.aggregate_id == first


async def test_stored_twice_they_are_asked_about_once_and_become_one(
    client: Client, store: Store, matcher: Matcher, rebuild: ProfileRebuild, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profile_rebuild, "PAGE", 1)
    one, other = await register(client, store, aminah(), aminah(full_name="Siti Aminah binti Karso"))
    await register(client, store, aminah(**STRANGER))
    assert [step.follow_ups for step in await everybody(rebuild, compare=False)] == [[], [], [], []]
    asked = {each.id: each for step in await everybody(rebuild) for each in step.follow_ups}
    (ask,) = asked.values()
    assert isinstance(ask.body, ComparePair)
    assert set(ask.body.persons) == {one, other}
    await apply(client, store, [ordered(ask)], matcher=matcher)
    found = await store.find_persons({one: 0, other: 0})
    assert found[one].id == found[other].id
    assert not any(step.follow_ups for step in await everybody(rebuild))


async def test_every_person_has_a_turn_whatever_the_pages(
    client: Client, store: Store, matcher: Matcher, rebuild: ProfileRebuild, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profile_rebuild, "PAGE", 2)
    names = ("Dewi Lestari", "Wulan Sari", "Rahmat Hidayat", "Agus Setiawan", "Ningsih")
    regencies = ("33.07", "33.07", "33.07", "11.01", None)
    ids = []
    for name, regency in zip(names, regencies, strict=True):
        ids += await register(client, store, aminah(full_name=name, phone=None), regency=regency)
    await apply(client, store, [command(merging(ids[0], ids[1]))], matcher=matcher)
    done = await everybody(rebuild)
    assert sum(step.persons for step in done) == 4
    assert set(await kept(store)) == set(ids), "an absorbed person has a profile too"
    assert all(place(str(step.after)) == step.after for step in done[:-1])


@pytest.mark.parametrize("text", ["99.99/x", "nonsense"])
def test_no_other_text_is_a_place(text: str) -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        place(text)


async def test_a_profile_is_never_older_than_its_person(
    client: Client, a_store: Stores, store: Store, rebuild: ProfileRebuild, monkeypatch: pytest.MonkeyPatch
) -> None:
    (person,) = await register(client, store, aminah(passport=PASSPORT))
    elsewhere, real = a_store(), rebuild.store.find_stored
    read: list[list[Any]] = []

    async def outrun(*asked: Any) -> list[Any]:
        """Somebody tells a new name right after the page was read."""
        found = await real(*asked)
        if found and not read:
            read.append(found)
            married = aminah(passport=PASSPORT, full_name="Aminatun Karsowati")
            matcher = Matcher(elsewhere.profiles, rebuild.policy.matcher.model)
            await apply(client, elsewhere, [command(registration(home_regency="33.07"), married)], matcher=matcher)
        return found

    monkeypatch.setattr(Store, "find_stored", lambda _, *asked: outrun(*asked))
    await everybody(rebuild)
    assert read
    assert b"Aminatun Karsowati" in (await kept(store))[person]["traits"]


async def test_namesakes_stay_bounded(client: Client, store: Store, rebuild: ProfileRebuild) -> None:
    people = [aminah(phone=None, mother_name=None, sex="L" if n % 2 else "P") for n in range(3 * FULL)]
    await register(client, store, *people)
    for _ in range(2):
        await everybody(rebuild, compare=False)
    counts = await origins_by_key(store)
    assert max(counts.values()) == FULL


async def test_nobody_stored_is_nothing_to_do(rebuild: ProfileRebuild) -> None:
    (done,) = await everybody(rebuild)
    assert (done.persons, done.profiles, done.follow_ups, done.after) == (0, 0, [], None)
