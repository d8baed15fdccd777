"""Five institutions register one person in the same second, and nothing they wrote is the same."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from chassis.commands.policies import FollowUp, ReceivedEvent
from chassis.commands.types import Applied, Command
from chassis.mongo import Client, transact
from chassis.security.keys import KeyRing
from contracts.envelope import Envelope
from contracts.registry import ComparePair
from linkage.model import model_file
from services.registry.app import MODEL
from services.registry.commands import Draft, steps
from services.registry.commands.newcomer_matching import Matcher
from services.registry.domain.authority import RULE
from services.registry.domain.person import root_of
from services.registry.policies import COMPARE, PairPolicy
from services.registry.store import Store
from tests.registry.builders import NIK, command, departure, registration, unmerging
from tests.registry.people import aminah
from tests.registry.processes import apply

Stores = Callable[[], Store]

WRITINGS = (
    {"full_name": "SITI AMINAH"},
    {"full_name": "Siti Aminah binti Karso", "phone": None},
    {"full_name": "Aminah, St.", "address": None},
    {"full_name": "SITI AMINAH", "birth_date": "1998-05-12"},
    {"full_name": "Siti Aminah", "mother_name": None},
)


async def at_once(client: Client, stores: Sequence[Store], batches: Sequence[Command]) -> list[Applied[Draft]]:
    """Each command in a process of its own: all look before anybody commits."""
    settling = [steps(store, Matcher(store.profiles, model_file.read(MODEL))) for store in stores]
    works = await asyncio.gather(*(step.load([one]) for step, one in zip(settling, batches, strict=True)))
    now = datetime.now(UTC)
    applied = [step.carry_out(work, one, now) for step, work, one in zip(settling, works, batches, strict=True)]
    for step, work in zip(settling, works, strict=True):
        await transact(client, lambda session, step=step, work=work: step.save(work, session))  # type: ignore[misc]
        step.committed(work)
    return applied


def heard(applied: Sequence[Applied[Draft]]) -> list[ReceivedEvent]:
    """The events as they return."""
    return [
        ReceivedEvent(
            Envelope(f"e{n}", "/simpul/registry", one.event.type, one.occurred, recordedtime=one.recorded),  # type: ignore[attr-defined]
            one.event.model_dump_json().encode(),
        )
        for n, one in enumerate(itertools.chain.from_iterable(each.events for each in applied))
    ]


def ordered(asked: FollowUp) -> Command:
    """What the rule asks, as it comes back on the command topic."""
    envelope = Envelope(asked.id, "/simpul/registry", asked.body.type, asked.at)  # type: ignore[attr-defined]
    return Command(asked.id, envelope.type, "digest", b"", RULE, asked.body, None, envelope)


def policy(store: Store, ring: KeyRing) -> PairPolicy:
    return PairPolicy(store, Matcher(store.profiles, model_file.read(MODEL)), ring)


async def people(store: Store, ids: Sequence[str]) -> set[str]:
    """Who these are by now."""
    stored = await store.load_persons(ids)
    return {root.id for one in ids if (root := root_of(stored, one))}


async def test_five_who_saw_nothing_of_each_other_are_one_person_in_the_end(client: Client, a_store: Stores) -> None:
    stores = [a_store() for _ in WRITINGS]
    applied = await at_once(client, stores, [command(registration(), aminah(**changes)) for changes in WRITINGS])
    ids = [one.aggregate_id for one in applied]
    assert len(await people(a_store(), ids)) == 5
    asked = [await policy(store, store.ring).follow(heard([one])) for store, one in zip(stores, applied, strict=True)]
    commands = list(itertools.chain.from_iterable(asked))
    assert len({one.id for one in commands}) < len(commands), "both sides of a pair ask by one id"
    reader = a_store()
    for one in {one.id: one for one in commands}.values():
        await apply(client, reader, [ordered(one)], matcher=Matcher(reader.profiles, model_file.read(MODEL)))
    assert len(await people(a_store(), ids)) == 1
    again = await policy(reader, reader.ring).follow(heard(applied))
    assert again == []


async def test_the_rule_asks_by_an_id_of_the_pair_and_of_both_versions_that_it_compared(
    client: Client, a_store: Stores
) -> None:
    stores = [a_store(), a_store()]
    applied = await at_once(client, stores, [command(registration(), aminah()) for _ in stores])
    store = a_store()
    rule, ids = policy(store, store.ring), sorted(str(one.aggregate_id) for one in applied)
    (asked,) = await rule.ask_about(ids)
    assert isinstance(asked.body, ComparePair)
    assert (asked.body.persons, asked.body.versions) == (tuple(ids), (1, 1))
    assert asked.id == store.ring.id("identifiers", COMPARE, *ids, "1", "1")
    await apply(client, store, [command(departure(person=ids[1]), None)])
    (again,) = await rule.ask_about(reversed(ids))
    assert isinstance(again.body, ComparePair)
    assert (again.body.persons, again.body.versions) == (tuple(ids), (1, 2))
    assert again.id == store.ring.id("identifiers", COMPARE, *ids, "1", "2")


async def test_what_a_steward_took_apart_the_rule_leaves_apart(client: Client, a_store: Stores) -> None:
    stores = [a_store(), a_store()]
    applied = await at_once(client, stores, [command(registration(), aminah()) for _ in stores])
    store = a_store()
    rule = policy(store, store.ring)
    (asked,) = await rule.follow(heard(applied))
    (merged,) = await apply(client, store, [ordered(asked)], matcher=rule.matcher)
    (absorbed,) = {one.aggregate_id for one in applied} - {merged.aggregate_id}
    await apply(client, store, [command(unmerging(absorbed))], matcher=rule.matcher)
    assert await rule.follow(heard(applied)) == []
    (left,) = await apply(client, store, [ordered(asked)], matcher=rule.matcher)
    assert left.events == ()


async def test_while_one_process_alone_settles_nobody_is_compared_again(client: Client, a_store: Stores) -> None:
    store = a_store()
    rule = policy(store, store.ring)
    applied = await apply(client, store, [command(registration(), aminah(nik=NIK))], matcher=rule.matcher)
    assert await rule._worth_a_look(heard(applied)) == set()


@pytest.mark.parametrize("changes", [{"full_name": "Dewi Lestari", "phone": None, "mother_name": "Ngatinem"}])
async def test_strangers_are_not_asked_about(client: Client, a_store: Stores, changes: dict[str, str]) -> None:
    stores = [a_store(), a_store()]
    batches = [command(registration(), aminah()), command(registration(), aminah(**changes))]
    applied = await at_once(client, stores, batches)
    assert await policy(stores[0], stores[0].ring).follow(heard(applied)) == []
