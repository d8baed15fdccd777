"""The checks see faults of the platform, and nothing in what somebody else put into the same registry."""

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from simulation.scenario.checks.statistics_day import check_statistics_day
from simulation.scenario.day_plan import plan_day
from simulation.scenario.observations import Observations, StatisticsDay
from simulation.scenario.partners import PERSON_COPY, REGISTERED, Inbox
from simulation.scenario.people import people
from simulation.scenario.sharing_rules import SharingRules

DAY = plan_day(1, datetime.now(UTC), count=300, load=10)
SHARING = SharingRules(DAY)
MISSION, OTHER_MISSION = "KJRI_HKG", "KBRI_KUL"
WORKER = next(worker.person for worker in DAY.valid if worker.person.destination == "HK")
STRANGER = next(person for person in people(50, seed=77) if person.destination == "HK")
"""Registered by somebody who tries Simpul by hand."""


def a_copy(person: Any = WORKER, **personal: str) -> dict[str, Any]:
    masked = {"nik": personal.pop("nik", "*" * 12 + person.nik[-4:])}
    clear = {"full_name": person.full_name, "passport": person.passport} | personal
    return {
        "agreements": ["mission-destination/1"],
        "event": REGISTERED,
        "occurred_at": DAY.registered_at.isoformat(),
        "person": f"p_{person.passport}",
        "facts": {"status": "C1_REGISTERED", "flags": []},
        "personal": {"clear": clear, "masked": masked},
    }


def test_what_the_agreement_gives_is_no_fault() -> None:
    assert list(SHARING.faults_of(MISSION, a_copy())) == []
    assert WORKER.passport in SHARING.persons_of(MISSION)


@pytest.mark.parametrize(
    ("copy", "fault"),
    [
        (a_copy(mother_name=WORKER.mother_name), "['personal.clear.mother_name'] not agreed on"),
        (a_copy(nik=WORKER.nik), "a nik that is not masked"),
        (a_copy(full_name="Somebody Else"), "another full_name"),
        (a_copy(STRANGER, nik=STRANGER.nik), "a nik that is not masked"),
    ],
)
def test_a_copy_that_tells_more_or_something_else_is_a_fault(copy: dict[str, Any], fault: str) -> None:
    assert fault in list(SHARING.faults_of(MISSION, copy))


def test_a_worker_who_goes_elsewhere_is_a_fault_and_a_strangers_record_is_none() -> None:
    assert list(SHARING.faults_of(OTHER_MISSION, a_copy())) == ["a person whom no agreement gives"]
    assert list(SHARING.faults_of(OTHER_MISSION, a_copy(STRANGER))) == []


def test_only_todays_people_are_counted() -> None:
    inbox = Inbox()
    for number, copy in enumerate([a_copy(), a_copy(STRANGER) | {"occurred_at": "2026-03-01T08:30:00+07:00"}]):
        inbox.take({"ce_id": str(number), "ce_type": PERSON_COPY}, json.dumps(copy).encode(), at=0)
    assert inbox.registered_at(DAY.registered_at, DAY.load_registered_at) == {f"p_{WORKER.passport}"}
    assert inbox.events[REGISTERED] == 2


# -- the day of statistics

FACTS = {
    "partner.registration.submitted.v1": REGISTERED,
    "partner.identity.confirmed.v1": "registry.person.identity_confirmed.v1",
    "partner.placement.reported.v1": "registry.episode.placement_recorded.v1",
    "partner.departure.reported.v1": "registry.episode.departed.v1",
}
SENT = dict.fromkeys((person.nik for person in DAY.load), 0.0)
Copies = list[list[dict[str, Any]]]
"""Of each person, in the order in which people registered."""


def of_statistics(person: Any, event: str, at: datetime) -> dict[str, Any]:
    return {
        "agreements": ["official-statistics/1"], "event": event, "occurred_at": f"{at.date()}+07:00",
        "person": f"p_{person.passport}", "facts": {"status": "C1_REGISTERED"}, "time": "2026-05-31T17:00:00.000Z",
        "personal": {"clear": {"sex": "P"}, "year": {"birth_date": "1998"}},
    }  # fmt: skip


def everything() -> Copies:
    workers = [
        [of_statistics(worker.person, FACTS[fact.type], DAY.registered_at) for _, fact in DAY.facts_about(worker)]
        for worker in DAY.valid
    ]
    return workers + [[of_statistics(person, REGISTERED, DAY.load_registered_at)] for person in DAY.load]


def shuffled(copies: Copies) -> Iterator[dict[str, Any]]:
    random.Random(1).shuffle(copies)
    return (copy for person in copies for copy in person)


def unmet(copies: Iterator[dict[str, Any]], *, early: int = 0) -> list[str]:
    inbox = Inbox()
    for number, copy in enumerate(copies):
        head = {"ce_id": str(number), "ce_type": PERSON_COPY, "ce_time": copy.pop("time"), **copy.pop("head", {})}
        inbox.take(head, json.dumps(copy).encode(), at=0)
    observations = Observations(DAY, load=SENT, statistics_day=StatisticsDay(early, whole=True))
    return [str(one) for one in check_statistics_day(inbox, observations, SHARING) if not one.met]


def one_changed(**change: Any) -> Iterator[dict[str, Any]]:
    first, *others = shuffled(everything())
    return iter([first | change, *others])


def test_a_day_that_goes_out_shuffled_meets_every_expectation() -> None:
    assert unmet(shuffled(everything())) == []


@pytest.mark.parametrize(
    ("copies", "sentence"),
    [
        (lambda: (copy for person in everything() for copy in person), "in no order of theirs"),
        (lambda: iter(sorted(shuffled(everything()), key=lambda copy: copy["event"])), "of one person together"),
        (lambda: (copy for person in everything()[:-1] for copy in person), "every fact when its day is over"),
        (lambda: one_changed(personal={"clear": {"full_name": "Sulastri"}}), "pseudonyms alone"),
        (lambda: one_changed(agreements=["social-security/1"]), "pseudonyms alone"),
        (lambda: one_changed(asof="2026-06-01T02:00:00Z"), "no time but the day"),
        (lambda: one_changed(time="2026-06-01T02:00:00.000Z"), "no time but the day"),
        (lambda: one_changed(head={"traceparent": "00-1-2-01"}), "no trace"),
    ],
)  # fmt: skip
def test_a_day_that_tells_more_does_not(copies: Callable[[], Iterator[dict[str, Any]]], sentence: str) -> None:
    assert any(sentence in line for line in unmet(copies()))


def test_a_copy_before_the_day_is_over_is_a_fault() -> None:
    assert any("before its day is over" in line for line in unmet(shuffled(everything()), early=1))
