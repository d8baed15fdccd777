"""Who comes in a load is answered at once, and compared behind it."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from chassis.commands.policies import FollowUp
from chassis.commands.processor import LOAD
from chassis.messaging.retry import Outage
from chassis.mongo import Client
from linkage.model import model_file
from services.registry.app import MODEL
from services.registry.commands.newcomer_matching import Matcher
from services.registry.deferred_matching import LONGEST, QUIET_SECONDS, DeferredMatching
from services.registry.policies import PairPolicy
from services.registry.profile_rebuild import PAGE, ProfileRebuild
from services.registry.store import Store
from simulation.scenario import people as simulated
from tests.registry.builders import command, registration
from tests.registry.people import aminah
from tests.registry.processes import apply
from tests.registry.test_policies import ordered, people

Stores = Callable[[], Store]


class Bench:
    """A registry that takes loads. `asked` is what was asked to be compared; `quiet` seconds ago a load was there.

    `load_begins`: while the first page is compared.
    """

    def __init__(self, client: Client, store: Store) -> None:
        self.client, self.store = client, store
        self.matcher = Matcher(store.profiles, model_file.read(MODEL))
        self.asked: list[FollowUp] = []
        self.quiet, self.away, self.load_begins = QUIET_SECONDS, False, False
        rebuild = ProfileRebuild(client, PairPolicy(store, self.matcher, store.ring))
        self.deferred = DeferredMatching(rebuild, lambda: self.quiet, self.ask)

    async def ask(self, follow_ups: Sequence[FollowUp]) -> None:
        if self.away:
            raise Outage("the broker is away")
        if self.load_begins:
            self.quiet = 0.0
        self.asked += follow_ups

    async def load(self) -> list[str]:
        """A load in which one person stands twice, written differently; their ids."""
        strangers = [
            aminah(full_name=one.full_name, phone=one.phone, mother_name=one.mother_name, address=one.address)
            for one in simulated.people(LOAD, seed=5)
        ]
        twice = [aminah(), aminah(full_name="Aminah, St.", address=None)]
        commands = [command(registration(), person) for person in (*strangers, *twice)]
        applied = await apply(self.client, self.store, commands, matcher=self.matcher)
        return [one.aggregate_id for one in applied[-2:]]


@pytest.fixture
def bench(client: Client, a_store: Stores) -> Bench:
    return Bench(client, a_store())


async def test_who_is_twice_in_a_load_is_one_person_behind_it(bench: Bench) -> None:
    pair = await bench.load()
    assert await bench.store.profiles.find_of(pair) == {}
    assert len(await people(bench.store, pair)) == 2
    assert await bench.deferred.step() > LOAD
    assert {tuple(sorted(pair))} <= {one.body.persons for one in bench.asked}  # type: ignore[attr-defined]
    for one in bench.asked:
        await apply(bench.client, bench.store, [ordered(one)], matcher=bench.matcher)
    assert len(await people(bench.store, pair)) == 1
    assert await bench.deferred.step() == 0


async def test_who_comes_alone_is_recognised_among_those_of_a_load(bench: Bench) -> None:
    pair = await bench.load()
    await bench.deferred.step()
    (applied,) = await apply(
        bench.client, bench.store, [command(registration(), aminah(full_name="SITI AMINAH"))], matcher=bench.matcher
    )
    assert applied.aggregate_id in pair


async def test_while_a_load_goes_on_nobody_is_compared_unless_it_takes_too_long(bench: Bench) -> None:
    await bench.load()
    bench.quiet = QUIET_SECONDS / 2
    assert await bench.deferred.step() == 0
    at = datetime.now(UTC) - LONGEST - timedelta(seconds=1)
    await bench.store.profiles.pending.update_many({}, {"$set": {"at": at}})
    assert await bench.deferred.step() > LOAD


async def test_a_load_that_begins_waits_for_one_page_and_no_more(bench: Bench) -> None:
    for minute in range(3):
        at = datetime.now(UTC) + timedelta(minutes=minute)
        waiting = {"_id": str(minute), "at": at, "persons": [str(uuid4()) for _ in range(PAGE)]}
        await bench.store.profiles.pending.insert_one(waiting)
    bench.load_begins = True
    await bench.deferred.step()
    assert [one.id for one in await bench.store.profiles.list_pending(9)] == ["1", "2"]


async def test_what_could_not_be_asked_is_asked_again_under_the_same_ids(bench: Bench) -> None:
    await bench.load()
    bench.away = True
    with pytest.raises(Outage):
        await bench.deferred.step()
    assert len(await bench.store.profiles.list_pending(9)) == 1
    bench.away = False
    await bench.deferred.step()
    first = {one.id for one in bench.asked}
    assert first
    assert await bench.store.profiles.list_pending(9) == []


async def test_two_processes_that_compare_the_same_load_ask_the_same(bench: Bench, a_store: Stores) -> None:
    await bench.load()
    other = Bench(bench.client, a_store())
    await asyncio.gather(bench.deferred.step(), other.deferred.step())
    assert {one.id for one in bench.asked} == {one.id for one in other.asked} or not (bench.asked and other.asked)
    assert bench.asked or other.asked
