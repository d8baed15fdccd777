"""How much one person's document and one identifier's entry hold, and what happens beyond."""

from dataclasses import replace

import pytest

from chassis.commands.types import Command
from services.registry.commands import LoadedBatch
from services.registry.domain.identifiers import IdentifierEntry
from services.registry.domain.person import Person
from services.registry.domain.size_bounds import MAX_BYTES, MAX_FACTS, MAX_HOLDERS, TooManyFacts
from tests.registry.builders import (
    NIK,
    NOW,
    carry_out,
    command,
    command_id,
    departure,
    flags,
    hashed,
    known,
    merging,
    only,
    person,
    placement,
    registration,
    settle,
    workspace,
)


def with_facts(count: int, *, text: str = "") -> tuple[LoadedBatch, Person]:
    """A registry with one person of so many facts, each with a text of its own."""
    work, _ = settle(command(registration(), number=1))
    (first,) = only(work).actions
    actions = tuple(
        replace(first, command_id=command_id(100_000 + n), personal={**first.personal, "address": text})
        for n in range(count)
    )
    work.persons.put(replace(only(work), actions=actions))
    return work, only(work)


def test_a_person_of_as_many_facts_as_fit_takes_no_further_one_and_stays_as_it_was() -> None:
    work, full = with_facts(MAX_FACTS)
    with pytest.raises(TooManyFacts):
        carry_out(work, command(departure()), NOW)
    assert only(work) == full


def test_the_last_fact_that_fits_is_taken() -> None:
    work, _ = with_facts(MAX_FACTS - 1)
    carry_out(work, command(departure()), NOW)
    assert len(only(work).actions) == MAX_FACTS


def test_large_facts_are_bounded_by_their_bytes() -> None:
    size = MAX_BYTES // 100
    work, full = with_facts(100, text="é" * (size // 2))
    with pytest.raises(TooManyFacts):
        carry_out(work, command(departure()), NOW)
    assert only(work) == full
    work, _ = with_facts(90, text="é" * (size // 2))
    assert carry_out(work, command(departure()), NOW).events


def shared_by(count: int, *coming: Command) -> LoadedBatch:
    """A registry where so many persons carry the usual NIK, who share nothing else."""
    template = only(settle(command(registration(), person(passport=None)))[0])
    origins = tuple(command_id(500_000 + n) for n in range(count))
    work = workspace(coming)
    for origin in origins:
        action = replace(template.actions[0], origin_person=origin, command_id=origin)
        work.persons.put(replace(template, id=origin, actions=(action,)))
    work.entries.put(IdentifierEntry(hashed("nik", NIK), 1, origins))
    return work


def test_an_identifier_of_as_many_as_may_be_still_links() -> None:
    placed = command(placement())
    work = shared_by(MAX_HOLDERS, placed)
    assert carry_out(work, placed, NOW).aggregate_id == work.entries[hashed("nik", NIK)].persons[0]


def test_an_identifier_of_more_links_nobody_flags_whoever_brings_it_and_grows_no_further() -> None:
    stranger = command(registration(), person(passport=None, sex="L", birth_date="1980-01-01"))
    placed = command(placement())
    work = shared_by(MAX_HOLDERS, stranger, placed)
    first = carry_out(work, stranger, NOW).aggregate_id
    entry = work.entries[hashed("nik", NIK)]
    assert (len(entry.persons), entry.links) == (MAX_HOLDERS + 1, False)
    second = carry_out(work, placed, NOW).aggregate_id
    assert second not in entry.persons
    assert "identifier_shared" in flags(known(work, first))
    assert flags(known(work, second)) == ["provisional", "nik_unverified", "identifier_shared"]
    assert work.entries[hashed("nik", NIK)] == entry


def test_no_merge_makes_those_one_who_share_an_identifier_with_too_many() -> None:
    placed, registered = command(placement()), command(registration(), person(passport=None))
    work = shared_by(MAX_HOLDERS + 1, placed, registered)
    ids = [carry_out(work, one, NOW).aggregate_id for one in (placed, registered)]
    together = carry_out(work, command(merging(*ids)), NOW).aggregate_id
    assert "identifier_shared" in flags(known(work, together))
