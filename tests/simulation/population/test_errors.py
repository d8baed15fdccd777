from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.population import errors
from simulation.population.errors import Day

NAMES = st.text("abcdeghilmnorstuyz", min_size=3, max_size=12).map(str.title)
NUMBERS = st.text("0123456789", min_size=5, max_size=16)
DAYS = st.dates().map(errors.day_of)
SEEDS = st.randoms(use_true_random=False)


@given(SEEDS, NAMES)
def test_a_slip_changes_at_most_two_letters_and_never_the_first(rng: Random, name: str) -> None:
    slipped = errors.keyboard(rng, name)
    assert len(slipped) == len(name)
    assert slipped[0] == name[0]
    assert sum(a != b for a, b in zip(name, slipped, strict=True)) == 1
    swapped = errors.transpose(rng, name)
    assert sorted(swapped) == sorted(name)
    assert len(errors.drop(rng, name)) == len(name) - 1
    assert len(errors.double(rng, name)) == len(name) + 1


@pytest.mark.parametrize("error", [errors.typo, errors.ocr, errors.phonetic, errors.keyboard, errors.transpose])
@pytest.mark.parametrize("text", ["", "A", "-", "李", "İstanbul"])
def test_a_text_with_no_room_for_an_error_is_taken_all_the_same(error: errors.Error, text: str) -> None:
    assert isinstance(error(Random(1), text), str)


@pytest.mark.parametrize(
    ("error", "right", "wrong"),
    [
        (errors.ocr, "Aminah", "Arninah"),
        (errors.ocr, "SITI", "S1TI"),
        (errors.phonetic, "Fitri", "Pitri"),
        (errors.phonetic, "Yusuf", "Yusup"),
        (errors.phonetic, "Syarif", "Sarif"),
        (errors.typo, "Karso", "Karos"),
    ],
)
def test_known_slips_occur_among_a_few_hundred(error: errors.Error, right: str, wrong: str) -> None:
    rng = Random(7)
    assert wrong in {error(rng, right) for _ in range(300)}


@given(SEEDS, st.lists(NAMES, min_size=1, max_size=4))
def test_one_word_of_a_name_is_hit_and_the_others_stay(rng: Random, words: list[str]) -> None:
    after = errors.in_one_word(rng, " ".join(words), errors.drop).split(" ")
    assert sum(a != b for a, b in zip(words, after, strict=True)) == 1


@given(SEEDS, DAYS)
def test_a_wrong_date_differs_in_the_part_that_is_wrong(rng: Random, day: Day) -> None:
    assert abs(errors.year_off(rng, day).year - day.year) == 1
    assert abs(errors.decade_off(rng, day).year - day.year) == 10
    other = errors.day_off(rng, day)
    assert other[:2] == day[:2]
    assert other.day != day.day
    assert 1 <= other.day <= 28


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.day_and_month_swapped, Day(1990, 12, 5)),
        (errors.first_of_january, Day(1990, 1, 1)),
        (errors.thirtieth_of_june, Day(1990, 6, 30)),
        (errors.year_alone, Day(1990, 0, 0)),
    ],
)
def test_dates_are_written_wrong_in_known_ways(error: Callable[[Day], Day], expected: Day) -> None:
    assert error(Day(1990, 5, 12)) == expected


def test_a_day_after_the_twelfth_cannot_be_a_month() -> None:
    assert errors.day_and_month_swapped(Day(1990, 5, 13)) == Day(1990, 5, 13)


@given(SEEDS, NUMBERS)
def test_numbers_lose_exchange_and_mistake_a_digit(rng: Random, number: str) -> None:
    off = errors.digit_off(rng, number, start=2)
    assert off[:2] == number[:2]
    assert sum(a != b for a, b in zip(number, off, strict=True)) == 1
    assert sorted(errors.digits_transposed(rng, number)) == sorted(number)
    assert len(errors.digit_dropped(rng, number)) == len(number) - 1


@given(st.integers(), NAMES)
def test_the_same_chance_makes_the_same_error(seed: int, name: str) -> None:
    assert errors.typo(Random(seed), name) == errors.typo(Random(seed), name)
