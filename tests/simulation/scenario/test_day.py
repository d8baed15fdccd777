from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from contracts import codes
from contracts.outcomes import Refused
from services.gateway.domain import validation
from services.gateway.domain.translation import translate
from services.registry.domain.guards import check_content
from simulation.scenario import records
from simulation.scenario.broken import WAYS, Way
from simulation.scenario.day import Course, plan
from simulation.scenario.people import people

NOW = datetime.now(UTC)
SOMEBODY = people(1, seed=4)[0]


def test_a_day_has_two_thousand_registrations_of_which_forty_are_broken_in_twelve_ways() -> None:
    day = plan(1, NOW)
    assert (len(day.lives), len(day.sound), len(day.load)) == (2000, 1960, 10_000)
    assert set(Counter(life.way.name for life in day.lives if life.way).values()) == {3, 4}
    assert len(WAYS) == 12


def test_every_course_is_taken_on_a_small_day_too() -> None:
    assert {life.course for life in plan(1, NOW, count=300, load=10).sound} == set(Course)


def test_another_day_brings_other_people() -> None:
    first, second = (plan(number, NOW, count=50, load=50) for number in (1, 2))
    assert not {p.nik for p in first.everybody} & {p.nik for p in second.everybody}
    assert second.earlier == tuple(first.everybody)


def test_ids_of_a_day_are_all_different() -> None:
    day = plan(1, NOW, count=300, load=10)
    ids = [record.id for _, record in day.registrations()] + [record.id for record in day.placements({})]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_a_broken_record_is_refused_as_its_way_says(way: Way) -> None:
    """By the rules of the gateway and of the registry, without either running."""
    sound = records.registration("KP2MI", SOMEBODY, NOW - timedelta(days=30))
    with pytest.raises(Refused) as refused:
        _take(way.spoil(sound, SOMEBODY))
    first = refused.value.problems[0]
    assert (first.code, first.pointer, first.fault) == (way.code, way.pointer, way.fault)


def test_a_sound_record_is_taken() -> None:
    _take(records.registration("KP2MI", SOMEBODY, NOW - timedelta(days=30)))


@pytest.mark.parametrize("kind", ["yes_no", "scale", "number", "text"])
def test_an_answer_fits_its_kind_of_question(kind: str) -> None:
    indicator = next(one.code for one in codes.mgi_indicators().values() if one.kind == kind)
    answer = records.answer("BPS", "6f1f7c4e-6f0b-8d0a-9c1e-2f6d3b8a7e10", indicator, kind)
    work = translate(validation.read_body("partner.answer.submitted.v1", answer.value), str, datetime.now(UTC))
    assert work.key == f"6f1f7c4e-6f0b-8d0a-9c1e-2f6d3b8a7e10/{indicator}"


def _take(record: records.Record) -> None:
    validation.check_size(record.value)
    envelope = validation.read_envelope(record.headers, "KP2MI", datetime.now(UTC))
    work = translate(validation.read_body(envelope.type, record.value), str, datetime.now(UTC))
    check_content(work.body, work.personal)  # type: ignore[arg-type]  # a registration, as all of these are
