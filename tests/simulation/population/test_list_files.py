import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from simpul.cli import simpul
from simulation.population.generate import HEADER
from simulation.population.list_files import write

COLUMNS = ["id", "person", *HEADER[1:]]
ROWS = [("1", 'Siti "Iti", S.Pd', ""), ("2", "Jalan\nMerdeka", "é")]


def make(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(simpul, ["make-people", *arguments, "--out", str(folder / "people.csv")])


def test_a_list_comes_back_as_it_was_written(tmp_path: Path) -> None:
    header = ("id", "name", "note")
    write(tmp_path / "a.csv", "csv", header, ROWS)
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        assert [tuple(row) for row in csv.reader(file)] == [header, *ROWS]
    write(tmp_path / "a.jsonl", "jsonl", header, ROWS)
    lines = (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        {name: value for name, value in zip(header, row, strict=True) if value} for row in ROWS
    ]
    write(tmp_path / "a.parquet", "parquet", header, ROWS)
    assert parquet.read_table(tmp_path / "a.parquet").to_pylist() == [
        dict(zip(header, row, strict=True)) for row in ROWS
    ]


def test_the_command_writes_the_same_bytes_for_the_same_seed(tmp_path: Path) -> None:
    for folder in ("one", "other"):
        result = make(tmp_path / folder, "200", "--seed", "4", "--errors", "high")
        assert result.exit_code == 0, result.output
    one, other = ((tmp_path / folder / "people.csv").read_bytes() for folder in ("one", "other"))
    assert one == other
    with (tmp_path / "one" / "people.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows[0] == COLUMNS
    assert len(rows) == 201


def test_two_lists_are_two_files(tmp_path: Path) -> None:
    result = make(tmp_path, "50", "--lists", "2", "--clean")
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["people-a.csv", "people-b.csv"]


def test_lists_of_other_countries_have_columns_of_their_own(tmp_path: Path) -> None:
    result = make(tmp_path, "50", "--locale", "en_AU")
    assert result.exit_code == 0, result.output
    header = (tmp_path / "people.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert "person" in header
    assert "nik" not in header


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("0",), "not in the range"),
        (("ten",), "not a valid integer"),
        (("10", "--errors", "awful"), "'none', 'low', 'medium', 'high'"),
        (("10", "--clean"), "--lists 2"),
        (("10", "--locale", "en_AU", "--errors", "low"), "rates of their own"),
        (("10", "--locale", "xx"), "en_AU"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    result = make(tmp_path, *arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_is_a_trouble_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "people.csv").mkdir()
    (tmp_path / "file").write_text("")
    result = make(tmp_path / "file", "10")
    assert "cannot be written" in str(result.exception)
