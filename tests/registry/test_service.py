"""The whole service on real servers."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.commands import Principal
from contracts.registry import Identifiers, PlacementDetails
from contracts.topics import Names
from services.registry.app import create_app
from services.registry.domain import size_bounds
from services.registry.domain.duplicates import review_id
from services.registry.settings import Settings
from tests.domain_service import Running, running
from tests.registry.builders import (
    NIK,
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
from tests.servers import KafkaServer

GATEWAY = Principal(organisation="SIMPUL", roles=("exchange",))


@pytest.fixture
async def service(
    kafka: KafkaServer, prefix: str, mongo: str, database_name: str, tmp_path: Path
) -> AsyncIterator[Running]:
    kafka.make_topics(Names(prefix).bulk("registry"), partitions=2)
    async with running("registry", create_app, Settings, kafka, prefix, mongo, database_name, tmp_path) as found:
        yield found


async def test_facts_of_four_institutions_out_of_order_become_one_journey(service: Running) -> None:
    facts = [command(departure()), command(registration()), command(identity()), command(placement())]
    outcomes = await service.settle(*facts)
    (subject,) = {outcome.aggregate_id for outcome in outcomes}
    wanted = {"persons": [{"id": subject, "at_least": outcomes[-1].version}]}
    (state,) = (await service.ask(GATEWAY, "/persons/read", wanted)).json()["persons"]
    assert (state["facets"]["status"], state["flags"], state["identity_matched"]) == ("P1_DEPARTED", [], True)
    assert (await service.ask(GATEWAY, "/persons/resolve", {"passport": PASSPORT})).json() == {"person": subject}
    sequences = [int(dict(one.headers)["ce_sequence"]) for one in service.records(service.names.events("registry"))]
    assert sequences == list(range(1, state["version"] + 1))
    assert [event["type"] for event in service.events()][-1] == "registry.person.restated.v1"


async def test_a_redelivered_registration_makes_one_person_whom_no_message_names(service: Running) -> None:
    sent = command(registration())
    first = await service.settle(sent)
    assert await service.settle(sent) == first
    assert len(service.events()) == 1
    log = b"".join(record.value + record.key for record in service.log)
    assert not any(secret.encode() in log for secret in (NIK, PASSPORT, "Sulastri"))


async def test_a_bad_record_is_refused_and_its_neighbours_are_not(service: Running) -> None:
    child = command(registration(), person(nik=None, passport="Z0000002", birth_date="2015-01-01"))
    stranger = command(identity(), Identifiers(nik=NIK), by="BPS")
    good, refused, foreign = await service.settle(command(registration()), child, stranger)
    assert good.result == "applied"
    assert [(one.code, one.pointer) for one in refused.problems] == [("under_age", "/person/birth_date")]
    assert [(one.code, one.fault) for one in foreign.problems] == [("not_owner", "policy")]
    assert len(service.events()) == 1


async def test_a_fact_too_many_is_held_alone_and_its_neighbours_pass(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(size_bounds, "MAX_FACTS", 2)
    await service.settle(command(registration()), command(placement()))
    stranger = person(nik=None, passport="Z0000002", full_name="Ningsih")
    too_many, before, after = (
        replace(command(departure()), key=b"a"),
        replace(command(registration(), stranger), key=b"b"),
        replace(command(placement(), PlacementDetails(passport="Z0000002")), key=b"c"),
    )
    outcomes = await service.settle(before, too_many, after)
    assert [outcome.result for outcome in outcomes] == ["applied", "held", "applied"]
    assert [(one.code, one.fault) for one in outcomes[1].problems] == [("platform_held", "platform")]
    told = Counter(event["type"] for event in service.events())
    assert (told["registry.person.registered.v1"], told["registry.episode.placement_recorded.v1"]) == (2, 2)
    assert told["registry.episode.departed.v1"] == 0


async def test_a_merge_told_twice_is_one_and_both_persons_hear_of_it(service: Running) -> None:
    known = await service.settle(
        command(registration()), command(registration(), person(nik=None, passport=None, full_name="Lastri"))
    )
    one, other = (str(outcome.aggregate_id) for outcome in known)
    merge = command(merging(one, other))
    first = await service.settle(merge)
    assert await service.settle(merge) == first
    assert (first[0].result, first[0].aggregate_id, first[0].version) == ("applied", one, 2)
    fact, undone, again = await service.settle(
        command(departure(person=other), None), command(unmerging(other)), command(unmerging(other))
    )
    assert (fact.aggregate_id, undone.aggregate_id) == (one, other)
    assert [problem.code for problem in again.problems] == ["not_merged"]
    told = [
        (record.key.decode(), event["type"].split(".")[2], event.get("role"))
        for record, event in zip(service.records(service.names.events("registry")), service.events(), strict=True)
    ]
    assert sorted(told[2:]) == sorted(
        [
            (one, "merged", "survivor"),
            (other, "merged", "absorbed"),
            (one, "departed", None),
            (one, "unmerged", "survivor"),
            (other, "unmerged", "absorbed"),
            (review_id(one, other), "decided", None),
        ]
    )
    log = b"".join(record.value + record.key for record in service.log)
    assert not any(secret.encode() in log for secret in (NIK, PASSPORT, "Sulastri", "Lastri"))
