"""Which likely pairs no rule may merge, and what of a person is compared."""

from typing import Any

import pytest

from contracts.registry import Hold, PersonDetails
from services.registry.domain.matching_traits import traits_of
from services.registry.domain.merge_holds import hold_of
from services.registry.domain.person import Person
from simulation.scenario.people import make_nik
from tests.registry.builders import BORN, NIK, OTHER_NIK, command, departure, only, registration, settle
from tests.registry.people import aminah


def registered(details: PersonDetails, occurred: str = "2026-01-10T09:00:00+07:00") -> Person:
    return only(settle(command(registration(occurred), details))[0])


@pytest.mark.parametrize(
    ("one", "other", "hold"),
    [
        ({}, {}, None),
        ({"nik": NIK}, {}, None),
        ({"nik": NIK}, {"nik": OTHER_NIK}, "nik"),
        ({"sex": "L"}, {}, "sex"),
    ],
)
def test_numbers_and_sexes_of_their_own_are_left_to_a_steward(
    one: dict[str, Any], other: dict[str, Any], hold: Hold | None
) -> None:
    first, second = registered(aminah(**one)), registered(aminah(**other))
    assert hold_of(first, second) == hold_of(second, first) == hold


def test_a_number_that_contradicts_its_holder_is_no_number_of_hers() -> None:
    wrong = make_nik("33.07", BORN.replace(year=1958), "P", 1)
    assert hold_of(registered(aminah(nik=NIK)), registered(aminah(nik=wrong))) is None


@pytest.mark.parametrize(
    ("born", "precision", "held"),
    [
        ("2008-01-10", "day", False),
        ("2007-12", "month", False),
        ("2008-01", "month", True),
        ("2007", "year", False),
        ("2008", "year", True),
    ],
)
def test_who_may_have_been_a_child_when_registered_is_left_to_a_steward(born: str, precision: str, held: bool) -> None:
    """Intake takes each of these on 10 January 2026: a coarse date may be that of somebody of age."""
    one = registered(aminah(birth_date=born, birth_date_precision=precision))
    assert hold_of(one, registered(aminah())) == ("child" if held else None)


def test_who_has_no_name_is_compared_with_nobody() -> None:
    assert traits_of(only(settle(command(departure()))[0]).state.personal, "33.07") == {}


def test_a_date_is_compared_as_far_as_it_is_known() -> None:
    personal = registered(aminah(birth_date="1990-05-01", birth_date_precision="month")).state.personal
    assert traits_of(personal, None)["birth_date"] == "1990-05"
    assert traits_of(personal | {"nik": NIK}, None)["regency"] == "33.07"
