"""The populations are what docs/populations.md says of them."""

import re
from collections import Counter, defaultdict
from datetime import date, datetime
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from contracts.nik import check
from simulation.population.generate import HEADER, Population, Row, population, two_lists
from simulation.population.rates import KINDS, LEVELS, Level, tables

PAGE = (Path(__file__).parents[3] / "docs" / "populations.md").read_text()
COUNT = 20_000


@cache
def made(level: Level) -> Population:
    return population(COUNT, level, seed=11)


def cell(row: Row, column: str) -> str:
    return row[HEADER.index(column)]


def told(row: Row) -> dict[str, str]:
    """What a row says whatever its way of writing: of the phone its number, of the rest no capitals."""
    said = {column: cell(row, column).upper() for column in ("nik", "paspor", "nama_ibu", "desa", "email")}
    digits = re.sub(r"\D", "", cell(row, "no_hp"))
    return {**said, "no_hp": re.sub("^(62|0)", "", digits), "tanggal_lahir": cell(row, "tanggal_lahir")}


def by_person(people: Population) -> dict[str, list[int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for place, person in enumerate(people.truth):
        places[person].append(place)
    return places


def differing(people: Population) -> list[int]:
    """In how many fields each record but the first of its person has another value than is true."""
    wrong = people.wrong
    return [
        len({kind.field for kind in wrong[place] if kind.name != "birth_missing"})
        for places in by_person(people).values()
        for place in sorted(places, key=lambda place: len(wrong[place]))[1:]
    ]


def test_the_page_says_what_the_rates_are() -> None:
    assert "\n".join(tables()) in PAGE


def test_the_same_seed_makes_the_same_people_and_another_seed_others() -> None:
    assert population(300, "high", 5) == population(300, "high", 5)
    assert population(300, "high", 5).rows != population(300, "high", 6).rows


@pytest.mark.parametrize("level", LEVELS)
def test_there_are_as_many_records_as_were_asked_for_and_ids_of_their_own(level: Level) -> None:
    people = made(level)
    assert len(people.rows) == len(people.truth) == len(people.wrong) == COUNT
    assert len({row[0] for row in people.rows}) == COUNT
    assert {len(row) for row in people.rows} == {len(HEADER)}


@pytest.mark.parametrize(("level", "share"), [("none", 0.0), ("low", 0.16), ("medium", 0.30), ("high", 0.55)])
def test_so_many_duplicates_differ_in_two_fields_or_more(level: Level, share: float) -> None:
    counts = differing(made(level))
    assert sum(count >= 2 for count in counts) / len(counts) == pytest.approx(share, abs=0.025)


@pytest.mark.parametrize(("level", "share"), [("none", 0.0), ("low", 0.05), ("medium", 0.10), ("high", 0.25)])
def test_so_many_records_have_neither_nik_nor_passport(level: Level, share: float) -> None:
    without = sum(not cell(row, "nik") and not cell(row, "paspor") for row in made(level).rows)
    assert without / COUNT == pytest.approx(share, abs=0.015)


def test_two_persons_in_five_have_more_than_one_record() -> None:
    numbers = Counter(len(places) for places in by_person(made("medium")).values())
    assert set(numbers) == {1, 2, 3, 4}
    assert 1 - numbers[1] / numbers.total() == pytest.approx(0.40, abs=0.02)


def test_every_kind_of_error_occurs_at_medium() -> None:
    assert {kind.name for errors in made("medium").wrong for kind in errors} == {kind.name for kind in KINDS}


def test_without_errors_the_records_of_a_person_say_the_same() -> None:
    people = made("none")
    assert not any(people.wrong)
    for places in by_person(people).values():
        assert len({tuple(_full_years(told(people.rows[place])).items()) for place in places}) == 1


def _full_years(said: dict[str, str]) -> dict[str, str]:
    """With two digits of the year, which is a way of writing."""
    return {**said, "tanggal_lahir": said["tanggal_lahir"][:6] + said["tanggal_lahir"][-2:]}


def test_what_is_not_named_wrong_is_right() -> None:
    people = made("medium")
    fields = {"nik": "nik", "paspor": "passport", "no_hp": "phone", "nama_ibu": "mother"}
    for places in by_person(people).values():
        for column, field in fields.items():
            right = {
                told(people.rows[place])[column]
                for place in places
                if field not in {kind.field for kind in people.wrong[place]}
            }
            assert len(right - {""}) <= 1


def test_nearly_all_records_of_a_person_have_two_things_or_more_in_common() -> None:
    people = made("medium")
    alike = Counter(
        sum(bool(value) and value == other[column] for column, value in one.items())
        for places in by_person(people).values()
        for one, other in combinations([_full_years(told(people.rows[place])) for place in places], 2)
    )
    assert sum(number for same, number in alike.items() if same >= 2) / alike.total() > 0.95


def test_about_one_name_in_six_is_a_single_word() -> None:
    assert sum(" " not in cell(row, "nama_lengkap") for row in made("none").rows) / COUNT == pytest.approx(
        0.17, abs=0.03
    )


def test_common_names_are_common() -> None:
    people = made("medium")
    persons: dict[str, set[str]] = defaultdict(set)
    for row, person in zip(people.rows, people.truth, strict=True):
        persons[cell(row, "nama_lengkap").upper()].add(person)
    assert len(persons["SITI AMINAH"]) > COUNT / 500
    assert sum(len(namesakes) == 1 for namesakes in persons.values()) > COUNT / 5


def test_namesakes_of_nearly_one_age_live_in_one_village() -> None:
    people = made("none")
    known: dict[tuple[str, ...], dict[str, date]] = defaultdict(dict)
    for row, person in zip(people.rows, people.truth, strict=True):
        place = tuple(cell(row, column).upper() for column in ("nama_lengkap", "desa", "kecamatan"))
        known[place][person] = _birth(row)
    near = [
        abs(one - other).days
        for births in known.values()
        for one, other in combinations(births.values(), 2)
        if abs(one - other).days <= 2 * 366
    ]
    assert len(near) > 30


def test_twins_have_one_birth_date_one_mother_and_neighbouring_numbers() -> None:
    people = made("none")
    families: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for row in people.rows:
        families[(cell(row, "no_kk"), cell(row, "nama_ibu").upper(), _birth(row).isoformat())].add(cell(row, "nik"))
    pairs = [sorted(numbers) for numbers in families.values() if len(numbers) == 2]
    assert len(pairs) > 20
    assert sum(int(other) - int(one) == 1 for one, other in pairs) > len(pairs) / 2


def test_households_share_card_address_and_often_the_phone() -> None:
    people = made("none")
    households: dict[str, dict[str, Row]] = defaultdict(dict)
    for row, person in zip(people.rows, people.truth, strict=True):
        households[cell(row, "no_kk")].setdefault(person, row)
    several = [list(members.values()) for members in households.values() if len(members) > 1]
    assert len(several) > len(households) / 3
    assert all(len({cell(row, "desa").upper() for row in members}) == 1 for members in several)
    shared = sum(len({told(row)["no_hp"] for row in members}) < len(members) for members in several)
    assert shared > len(several) / 5


@pytest.mark.parametrize("level", ["none", "high"])
def test_nothing_can_be_a_real_persons(level: Level) -> None:
    for row in made(level).rows:
        assert re.fullmatch(r"(\d{4}99\d{10})?", cell(row, "nik"))
        assert re.fullmatch(r"(\d{4}99\d{10})?", cell(row, "no_kk"))
        assert re.fullmatch(r"(Z\d{7})?", cell(row, "paspor"))
        assert re.fullmatch(r"(83[4-7]\d{7,8})?", told(row)["no_hp"])
        assert re.fullmatch(r"([^@]+@example\.(com|org|net))?", cell(row, "email"))


def test_every_nik_is_sound_and_agrees_with_its_holder() -> None:
    for row in made("none").rows[:3000]:
        found = check(
            cell(row, "nik"), birth_date=_birth(row), sex="P" if cell(row, "jenis_kelamin")[0] == "P" else "L"
        )
        assert found.flaws == ()
        assert set(found.warnings) <= {"nik_region_legacy"}


@pytest.mark.parametrize("clean", [True, False])
def test_half_of_the_persons_of_two_lists_are_in_both(clean: bool) -> None:
    home, abroad = two_lists(4000, seed=2, clean=clean)
    assert len(home.rows) == len(abroad.rows) == 4000
    one, other = set(home.truth), set(abroad.truth)
    assert len(one & other) / len(one | other) == pytest.approx(0.5, abs=0.03)
    twice = 8000 - len(one) - len(other)
    assert twice == 0 if clean else 100 < twice < 400
    assert {cell(row, "sumber") for row in home.rows}.isdisjoint(cell(row, "sumber") for row in abroad.rows)


def _birth(row: Row) -> date:
    written = cell(row, "tanggal_lahir")
    day, month, year = written.split("-")
    if len(year) == 2:
        nik_year = cell(row, "nik")[10:12]
        assert nik_year == year
        year = f"20{year}" if int(year) <= 26 else f"19{year}"
    return datetime(int(year), int(month), int(day)).date()  # noqa: DTZ001
