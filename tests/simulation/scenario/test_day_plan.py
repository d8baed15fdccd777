from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from contracts import codes
from contracts.outcomes import Refused
from services.gateway.domain import validation
from services.gateway.domain.translation import translate
from services.registry.domain.content_checks import check_content
from simulation.scenario import partner_messages
from simulation.scenario.day_plan import LOOKALIKES, DayPlan, Journey, WorkerPlan, plan_day
from simulation.scenario.expected_state import expected_states
from simulation.scenario.invalid_registrations import DEFECTS, Defect
from simulation.scenario.people import people

NOW = datetime.now(UTC)
SOMEBODY = people(1, seed=4)[0]


def test_a_day_has_two_thousand_registrations_of_which_forty_have_one_of_twelve_defects() -> None:
    day = plan_day(1, NOW)
    assert (len(day.workers), len(day.valid), len(day.load)) == (2000, 1960 + LOOKALIKES, 10_000)
    assert set(Counter(worker.defect.name for worker in day.workers if worker.defect).values()) == {3, 4}
    assert len(DEFECTS) == 12


def test_every_journey_is_taken_on_a_small_day_too() -> None:
    assert {worker.journey for worker in plan_day(1, NOW, count=300, load=10).valid} == set(Journey)


def test_another_day_brings_other_people() -> None:
    first, second = (plan_day(number, NOW, count=50, load=50) for number in (1, 2))
    for numbers in (lambda p: p.nik, lambda p: p.passport, lambda p: p.phone):
        assert not set(map(numbers, first.everybody)) & set(map(numbers, second.everybody))
    assert {person.phone for person in first.everybody} <= {person.phone for person in second.earlier}


def test_ids_of_a_day_are_all_different() -> None:
    day = plan_day(1, NOW, count=300, load=10)
    ids = [message.id for _, message in day.registrations()] + [message.id for message in day.placements({})]
    ids += [message.id for message in day.lookalike_registrations()]
    assert len(set(ids)) == len(ids)


def test_a_lookalike_shares_name_and_birth_with_a_worker_and_no_number_with_anybody() -> None:
    day = plan_day(1, NOW, count=300, load=10)
    workers = {(worker.person.full_name, worker.person.birth_date) for worker in day.workers if not worker.defect}
    numbers = Counter(n for person in day.everybody for n in (person.nik, person.passport, person.phone))
    assert len(day.lookalikes) == LOOKALIKES
    assert {(other.person.full_name, other.person.birth_date) for other in day.lookalikes} <= workers
    assert max(numbers.values()) == 1


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_an_invalid_registration_is_refused_as_its_defect_says(defect: Defect) -> None:
    """By the rules of the gateway and of the registry, without either running."""
    valid = partner_messages.registration("KP2MI", SOMEBODY, NOW - timedelta(days=30))
    with pytest.raises(Refused) as refused:
        _check(defect.apply(valid, SOMEBODY))
    first = refused.value.problems[0]
    assert (first.code, first.pointer, first.fault) == (defect.code, defect.pointer, defect.fault)


def test_a_valid_registration_is_taken() -> None:
    _check(partner_messages.registration("KP2MI", SOMEBODY, NOW - timedelta(days=30)))


@pytest.mark.parametrize("kind", ["yes_no", "scale", "number", "text"])
def test_an_answer_fits_its_kind_of_question(kind: str) -> None:
    indicator = next(indicator.code for indicator in codes.mgi_indicators().values() if indicator.kind == kind)
    answer = partner_messages.round_answer("BPS", "6f1f7c4e-6f0b-8d0a-9c1e-2f6d3b8a7e10", indicator, kind)
    draft = translate(validation.read_body("partner.answer.submitted.v1", answer.value), str, datetime.now(UTC))
    assert draft.key == f"6f1f7c4e-6f0b-8d0a-9c1e-2f6d3b8a7e10/{indicator}"


@pytest.mark.parametrize(
    ("journey", "matched", "status", "flags"),
    [
        (Journey.REGISTERED, True, "C1_REGISTERED", set()),
        (Journey.REGISTERED, None, "C1_REGISTERED", {"nik_unverified"}),
        (Journey.PLACED, False, "C4_PLACEMENT_AGREED", {"nik_rejected"}),
        (Journey.DEPARTED_TWICE, True, "P1_DEPARTED", set()),
        (Journey.DEPARTED_BEFORE_REGISTRATION, True, "P1_DEPARTED", set()),
        (Journey.DEPARTED_UNPLACED, True, "P1_DEPARTED", {"non_procedural"}),
    ],
)
def test_the_registrys_rules_tell_where_a_journey_ends(
    journey: Journey, matched: bool | None, status: str, flags: set[str]
) -> None:
    day = DayPlan(1, (WorkerPlan(SOMEBODY, journey, matched),), (), (), (), NOW)
    state = expected_states(day)[SOMEBODY.passport]
    assert state.status == status
    assert state.flags == flags


def _check(message: partner_messages.PartnerMessage) -> None:
    validation.check_size(message.value)
    envelope = validation.read_envelope(message.headers, "KP2MI", datetime.now(UTC))
    draft = translate(validation.read_body(envelope.type, message.value), str, datetime.now(UTC))
    check_content(draft.body, draft.personal)  # type: ignore[arg-type]  # a registration, as all of these are
