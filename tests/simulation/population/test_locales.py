"""The lists of other countries are what docs/populations.md says of them, and nobody's."""

import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from simulation.population import locales
from simulation.population.locales.doc_tables import tables
from simulation.population.locales.error_rates import KINDS, Rate, spoil

PAGE = (Path(__file__).parents[3] / "docs" / "populations.md").read_text()
COUNT = 2_000


def column(code: str, name: str) -> list[str]:
    table = next(one for one in locales.make(code, COUNT, 3) if name in one.header)
    place = table.header.index(name)
    return [row[place] for row in table.rows if row[place]]


def test_the_page_says_what_the_rates_are() -> None:
    assert "\n".join(tables()) in PAGE


@pytest.mark.parametrize("code", locales.CODES)
def test_the_same_seed_makes_the_same_list_and_another_seed_another(code: str) -> None:
    assert locales.make(code, 300, 1) == locales.make(code, 300, 1)
    assert locales.make(code, 300, 1) != locales.make(code, 300, 2)


@pytest.mark.parametrize("code", locales.CODES)
def test_there_are_enough_records_each_with_a_cell_per_column_and_an_id_of_its_own(code: str) -> None:
    made = locales.make(code, COUNT, 3)
    assert COUNT <= sum(len(table.rows) for table in made) < COUNT + 40
    for table in made:
        assert {len(row) for row in table.rows} == {len(table.header)}
        if table.header[0] not in locales.locale(code).headers[0]:
            assert len({row[0] for row in table.rows}) == len(table.rows)


@pytest.mark.parametrize("code", locales.CODES)
def test_persons_have_as_many_records_as_the_weights_say(code: str) -> None:
    records = Counter(Counter(row[-1] for table in locales.make(code, COUNT, 3) for row in table.rows).values())
    weights = locales.locale(code).records
    for number, weight in enumerate(weights, 1):
        assert records[number] / records.total() == pytest.approx(weight / sum(weights), abs=0.05)


@pytest.mark.parametrize("code", locales.CODES)
def test_no_column_is_empty_and_no_rate_names_an_unknown_error(code: str) -> None:
    for table in locales.make(code, COUNT, 3):
        assert all(any(cells) for cells in zip(*table.rows, strict=True))
    assert {rate.kind for rate in locales.locale(code).rates} <= {*KINDS, "swapped"}


def test_every_kind_of_error_is_used_somewhere() -> None:
    used = {rate.kind for code in locales.CODES for rate in locales.locale(code).rates}
    assert used == {*KINDS, "swapped"}


def test_a_rate_is_a_share_of_the_records() -> None:
    rng, rates = Random(1), (Rate("name", "missing", 0.3), Rate("dob", "year off", 0.5))
    rows = [spoil(rng, {"name": "Ann", "dob": "1990-05-12"}, rates, 0.5) for _ in range(4_000)]
    assert sum(not row["name"] for row in rows) / 4_000 == pytest.approx(0.15, abs=0.02)
    assert sum(row["dob"] in ("1989-05-12", "1991-05-12") for row in rows) / 4_000 == pytest.approx(0.25, abs=0.02)


def test_another_country_is_not_known() -> None:
    with pytest.raises(ValueError, match="there is no locale xx"):
        locales.make("xx", 10, 1)


def test_two_files_have_headers_of_their_own_and_persons_in_both() -> None:
    town_hall, association = locales.make("fr_FR", COUNT, 3)
    assert set(town_hall.header) & set(association.header) == {"id", locales.TRUTH}
    assert {row[-1] for row in town_hall.rows} & {row[-1] for row in association.rows}


@pytest.mark.parametrize(
    ("code", "name", "nobodys"),
    [
        ("en_US", "phone", r"\d{3} 555 01\d\d"),
        ("es_MX", "curp", r".+[HM]ZZ[A-Z]{3}\d\d"),
        ("ar", "passport_no", r"Z\d{8}"),
        ("ar", "phone", r"(\+20 |0020|0)16\d{8}"),
        ("zh", "mobile", r"(\+86 )?12\d{9}"),
        ("zh", "id_number", r"99\d{15}[\dXx]"),
        ("small", "email", r"[^@]+@example\.(com|org|net)"),
        ("opaque", "V7", r"[^@]+@example\.(com|org|net)"),
        ("fr_FR", "Courriel", r"[^@]+@example\.(com|org|net)"),
        ("fr_FR", "tel", r"(019900|026191|035301|046571|053649|063998)\d{4}"),
    ],
)
def test_numbers_and_addresses_are_in_ranges_of_nobody(code: str, name: str, nobodys: str) -> None:
    assert [value for value in column(code, name) if not re.fullmatch(nobodys, value)] == []


def test_no_brazilian_number_has_the_check_digits_of_a_real_one() -> None:
    for value in column("pt_BR", "NU_CPF"):
        digits = [int(digit) for digit in value if digit.isdigit()]
        assert sum(digit * (10 - n) for n, digit in enumerate(digits[:9])) * 10 % 11 % 10 != digits[9]
