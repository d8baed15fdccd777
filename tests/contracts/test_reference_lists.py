"""The lists that partners look codes up in hold what the code takes."""

import csv
import re
from pathlib import Path
from typing import get_args

import pycountry
import pytest

from contracts.codes import destinations
from contracts.registry import Scheme
from simulation.scenario.people import people

FOLDER = Path(__file__).parents[2] / "contracts" / "reference"
WORKERS = people(2000, seed=1)


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((FOLDER / name).read_text(encoding="utf-8").splitlines()))


def test_countries_are_those_of_iso_3166() -> None:
    assert {row["code"]: row["alpha_3"] for row in rows("countries.csv")} == {
        country.alpha_2: country.alpha_3 for country in pycountry.countries
    }
    assert {row["code"] for row in rows("countries.csv")} - {"ID"} == destinations()


def test_schemes_are_those_of_the_contract() -> None:
    assert [row["code"] for row in rows("schemes.csv")] == list(get_args(Scheme))


def test_every_occupation_of_the_scenario_is_listed_under_its_major_group() -> None:
    listed = {row["code"] for row in rows("occupations.csv")}
    assert {worker.occupation for worker in WORKERS} <= listed
    assert {code[0] for code in listed} == set("0123456789") <= listed


def test_every_sector_of_the_scenario_falls_into_one_section() -> None:
    for sector in {worker.sector for worker in WORKERS}:
        sections = [row for row in rows("sectors.csv") if row["first_division"] <= sector[:2] <= row["last_division"]]
        assert len(sections) == 1, sector


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.csv")), ids=lambda path: path.name)
def test_every_list_is_described_with_as_many_rows_as_it_has(file: Path) -> None:
    described = re.search(rf"^\| {re.escape(file.name)} \| (\d+) \|", (FOLDER / "README.md").read_text(), re.MULTILINE)
    assert described
    assert int(described[1]) == len(rows(file.name))
