from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.population import typing_errors
from simulation.population.typing_errors import Day

NAMES = st.text("abcdeghilmnorstuyz", min_size=3, max_size=12).map(str.title)
NUMBERS = st.text("0123456789", min_size=5, max_size=16)
DAYS = st.dates().map(typing_errors.day_of)
SEEDS = st.randoms(use_true_random=False)


@given(SEEDS, NAMES)
def test_a_slip_changes_at_most_two_letters_and_never_the_first(rng: Random, name: str) -> None:
    slipped = typing_errors.keyboard(rng, name)
    assert len(slipped) == len(name)
    assert slipped[0] == name[0]
    assert sum(a != b for a, b in zip(name, slipped, strict=True)) == 1
    swapped = typing_errors.transpose(rng, name)
    assert sorted(swapped) == sorted(name)
    assert len(typing_errors.drop(rng, name)) == len(name) - 1
    assert len(typing_errors.double(rng, name)) == len(name) + 1


@pytest.mark.parametrize(
    "error",
    [typing_errors.typo, typing_errors.ocr, typing_errors.phonetic, typing_errors.keyboard, typing_errors.transpose],
)
@pytest.mark.parametrize("text", ["", "A", "-", "李", "İstanbul"])
def test_a_text_with_no_room_for_an_error_is_taken_all_the_same(error: typing_errors.Error, text: str) -> None:
    assert isinstance(error(Random(1), text), str)


@pytest.mark.parametrize(
    ("error", "right", "wrong"),
    [
        (typing_errors.ocr, "Aminah", "Arninah"),
        (typing_errors.ocr, "SITI", "S1TI"),
        (typing_errors.phonetic, "Fitri", "Pitri"),
        (typing_errors.phonetic, "Yusuf", "Yusup"),
        (typing_errors.phonetic, "Syarif", "Sarif"),
        (typing_errors.typo, "Karso", "Karos"),
    ],
)
def test_known_slips_occur_among_a_few_hundred(error: typing_errors.Error, right: str, wrong: str) -> None:
    rng = Random(7)
    assert wrong in {error(rng, right) for _ in range(300)}


@given(SEEDS, st.lists(NAMES, min_size=1, max_size=4))
def test_one_word_of_a_name_is_hit_and_the_others_stay(rng: Random, words: list[str]) -> None:
    after = typing_errors.in_one_word(rng, " ".join(words), typing_errors.drop).split(" ")
    assert sum(a != b for a, b in zip(words, after, strict=True)) == 1


@given(SEEDS, DAYS)
def test_a_wrong_date_differs_in_the_part_that_is_wrong(rng: Random, day: Day) -> None:
    assert abs(typing_errors.year_off(rng, day).year - day.year) == 1
    assert abs(typing_errors.decade_off(rng, day).year - day.year) == 10
    other = typing_errors.day_off(rng, day)
    assert other[:2] == day[:2]
    assert other.day != day.day
    assert 1 <= other.day <= 28


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (typing_errors.day_and_month_swapped, Day(1990, 12, 5)),
        (typing_errors.first_of_january, Day(1990, 1, 1)),
        (typing_errors.thirtieth_of_june, Day(1990, 6, 30)),
        (typing_errors.year_alone, Day(1990, 0, 0)),
    ],
)
def test_dates_are_written_wrong_in_known_ways(error: Callable[[Day], Day], expected: Day) -> None:
    assert error(Day(1990, 5, 12)) == expected


def test_a_day_after_the_twelfth_cannot_be_a_month() -> None:
    assert typing_errors.day_and_month_swapped(Day(1990, 5, 13)) == Day(1990, 5, 13)


@given(SEEDS, NUMBERS)
def test_numbers_exchange_and_mistake_a_digit(rng: Random, number: str) -> None:
    off = typing_errors.digit_off(rng, number, start=2)
    assert off[:2] == number[:2]
    assert sum(a != b for a, b in zip(number, off, strict=True)) == 1
    assert sorted(typing_errors.digits_transposed(rng, number)) == sorted(number)


@given(st.integers(), NAMES)
def test_the_same_chance_makes_the_same_error(seed: int, name: str) -> None:
    assert typing_errors.typo(Random(seed), name) == typing_errors.typo(Random(seed), name)
