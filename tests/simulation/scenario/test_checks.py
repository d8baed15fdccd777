"""The checks see faults of the platform, and nothing in what somebody else put into the same registry."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from simulation.scenario.day_plan import plan_day
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
