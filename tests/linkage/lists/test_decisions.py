"""What a person answers in review.xlsx is read back, and what makes no sense in it is said by row."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from linkage.lists.decisions import Decisions, count_answers, read_decisions
from linkage.lists.load import LoadedLists, load_lists
from linkage.lists.own_columns import OwnColumns
from linkage.lists.read_list import read_list
from linkage.lists.report.texts import LANGUAGES, Language, Texts
from linkage.lists.review_file import write_review
from linkage.lists.table import Unusable
from linkage.result import Decision, Linkage
from tests.linkage.lists.builders import a_linkage, explanations

PEOPLE = [("k1", "Siti Aminah", "12-05-1990"), ("k2", "AMINAH", "12-05-1990"), ("k3", "=Joko", "30-01-1985"),
          ("k4", "Joko Susilo", "30-01-1985")]  # fmt: skip
HEADER = ("id", "nama", "tgl lahir")
PAIRS: list[tuple[int, int, float, Decision]] = [(0, 1, 1.0, "review"), (2, 3, 0.5, "review"), (0, 2, -4.0, "no")]


@pytest.fixture
def people(tmp_path: Path) -> Path:
    return written(tmp_path / "people.csv", HEADER, PEOPLE)


def written(file: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    with file.open("w", newline="") as lines:
        csv.writer(lines).writerows([header, *rows])
    return file


def reviewed(
    loaded: LoadedLists, folder: Path, linkage: Linkage | None = None, language: Language = "en"
) -> tuple[Path, list[list[str]]]:
    """review.xlsx, and its cells."""
    linkage = linkage or a_linkage(ids=[row[0] for row in PEOPLE], pairs=PAIRS, names=[row[1] for row in PEOPLE])
    file = folder / "review.xlsx"
    write_review(linkage, file, OwnColumns(loaded.tables, loaded.mappings), explanations, Texts(language))
    table = read_list(file)
    return file, [list(table.headers), *map(list, zip(*table.columns, strict=True))]


def answered(cells: list[list[str]], answers: dict[int, str], file: Path) -> Path:
    """The file as a person saves it, with answers in these rows of the sheet."""
    for row, answer in answers.items():
        cells[row][1] = answer
    return written(file, cells[0], cells[1:])


def pairs_of(decisions: Decisions) -> dict[tuple[int, int], bool]:
    pairs = decisions.pairs
    return {
        (left, right): same
        for left, right, same in zip(pairs.left.tolist(), pairs.right.tolist(), pairs.same.tolist(), strict=True)
    }


def test_pairs_to_decide_stand_record_under_record_with_the_columns_of_the_list(people: Path, tmp_path: Path) -> None:
    _, cells = reviewed(load_lists([people]), tmp_path)
    assert cells[0] == ["Pair", "Same person?", "Id", "nama", "tgl lahir", "Probability", "Why"]
    assert [row[:5] for row in cells[1:]] == [
        ["1", "", "k1", "Siti Aminah", "12-05-1990"],
        ["1", "", "k2", "AMINAH", "12-05-1990"],
        ["2", "", "k3", "=Joko", "30-01-1985"],
        ["2", "", "k4", "Joko Susilo", "30-01-1985"],
    ]
    assert cells[1][6] == "Name: same."


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("yes", "no"), [("yes", "no"), ("ya", "tidak"), ("Y", "N"), ("SAMA", "beda")])
def test_answers_come_back_in_whichever_language(
    language: Language, yes: str, no: str, people: Path, tmp_path: Path
) -> None:
    loaded = load_lists([people])
    _, cells = reviewed(loaded, tmp_path, language=language)
    file = answered(cells, {1: yes, 4: no}, tmp_path / "answers.csv")
    assert pairs_of(read_decisions(file, loaded)) == {(0, 1): True, (2, 3): False}
    assert count_answers(file) == 2


def test_pairs_without_an_answer_stay_undecided(people: Path, tmp_path: Path) -> None:
    loaded = load_lists([people])
    file, _ = reviewed(loaded, tmp_path)
    assert pairs_of(read_decisions(file, loaded)) == {}
    assert count_answers(file) == 0


def test_a_review_file_without_pairs_decides_nothing(people: Path, tmp_path: Path) -> None:
    loaded = load_lists([people])
    file = tmp_path / "review.xlsx"
    write_review(a_linkage(pairs=[]), file, OwnColumns(loaded.tables, loaded.mappings), explanations, Texts("en"))
    assert pairs_of(read_decisions(file, loaded)) == {}
    assert count_answers(file) == 0


def test_what_was_decided_is_written_again_with_its_answer(people: Path, tmp_path: Path) -> None:
    loaded = load_lists([people])
    linkage = a_linkage(
        ids=["k1", "k2", "k3", "k4"], pairs=[(0, 1, 1.0, "link"), (2, 3, 0.5, "no")], decided={0: True, 1: False}
    )
    file, _ = reviewed(loaded, tmp_path, linkage)
    assert pairs_of(read_decisions(file, loaded)) == {(0, 1): True, (2, 3): False}


def test_a_table_of_two_ids_and_an_answer_will_do(people: Path, tmp_path: Path) -> None:
    loaded = load_lists([people])
    file = written(tmp_path / "d.csv", ("id_a", "id_b", "same_person"), [("k2", "k1", "yes"), ("k1", "k3", "")])
    assert pairs_of(read_decisions(file, loaded)) == {(0, 1): True}


def test_of_two_lists_each_row_says_of_which_it_is(tmp_path: Path) -> None:
    first = written(tmp_path / "a.csv", HEADER, PEOPLE[:2])
    second = written(tmp_path / "b.csv", HEADER, [("k1", "Joko", "30-01-1985")])
    loaded = load_lists([first, second])
    linkage = a_linkage(ids=["k1", "k2", "k1"], pairs=[(1, 2, 1.0, "review")], second=2)
    _, cells = reviewed(loaded, tmp_path, linkage)
    assert [row[2:4] for row in cells[1:]] == [["A", "k2"], ["B", "k1"]]
    file = answered(cells, {2: "yes"}, tmp_path / "answers.csv")
    assert pairs_of(read_decisions(file, loaded)) == {(1, 2): True}
    table = written(tmp_path / "d.csv", ("id_a", "id_b", "same_person"), [("k1", "k1", "no")])
    assert pairs_of(read_decisions(table, loaded)) == {(0, 2): False}


def test_records_that_are_gone_are_left_out_with_a_remark(people: Path, tmp_path: Path) -> None:
    loaded = load_lists([people])
    file = written(tmp_path / "d.csv", ("id_a", "id_b", "same_person"), [("k1", "k9", "yes"), ("k1", "k2", "no")])
    decisions = read_decisions(file, loaded)
    assert pairs_of(decisions) == {(0, 1): False}
    assert "1 decisions are about records that the lists do not have" in decisions.remarks[0]


def both_answers(cells: list[list[str]]) -> None:
    cells[1][1], cells[2][1] = "yes", "no"


def a_lost_row(cells: list[list[str]]) -> None:
    cells[1][1] = "yes"
    del cells[2]


def an_unknown_answer(cells: list[list[str]]) -> None:
    cells[1][1] = "maybe"


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (both_answers, "row 2: pair 1 is answered with yes and with no"),
        (a_lost_row, "row 2: pair 1 has 1 rows, not two"),
        (an_unknown_answer, "row 2: 'maybe' is neither yes nor no"),
    ],
)
def test_answers_that_make_no_sense_are_named_by_row(
    spoil: Callable[[list[list[str]]], None], expected: str, people: Path, tmp_path: Path
) -> None:
    loaded = load_lists([people])
    _, cells = reviewed(loaded, tmp_path)
    spoil(cells)
    with pytest.raises(Unusable, match=expected):
        read_decisions(answered(cells, {}, tmp_path / "answers.csv"), loaded)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("k1", "k2", "yes"), ("k2", "k3", "yes"), ("k1", "k3", "no")], "rows 4: answered with no"),
        ([("k1", "k2", "yes"), ("k2", "k1", "no")], "rows 2 and 3 answer one pair"),
        ([("k1", "k1", "yes")], "row 2 compares a record with itself"),
    ],
)
def test_answers_that_contradict_each_other_are_refused(
    rows: list[tuple[str, str, str]], expected: str, people: Path, tmp_path: Path
) -> None:
    file = written(tmp_path / "d.csv", ("id_a", "id_b", "same_person"), rows)
    with pytest.raises(Unusable, match=expected):
        read_decisions(file, load_lists([people]))


def test_another_table_is_refused_by_the_column_it_lacks(people: Path) -> None:
    with pytest.raises(Unusable, match="it lacks the column id_a"):
        read_decisions(people, load_lists([people]))


def test_row_numbers_of_a_changed_list_are_not_taken_for_ids(tmp_path: Path) -> None:
    without_ids = [row[1:] for row in PEOPLE]
    people = written(tmp_path / "people.csv", HEADER[1:], without_ids)
    linkage = a_linkage(ids=["2", "3", "4", "5"], pairs=PAIRS, names=[row[1] for row in PEOPLE])
    _, cells = reviewed(load_lists([people]), tmp_path, linkage)
    file = answered(cells, {1: "yes"}, tmp_path / "answers.csv")
    assert pairs_of(read_decisions(file, load_lists([people]))) == {(0, 1): True}
    written(people, HEADER[1:], [("Somebody New", "01-01-1970"), *without_ids])
    with pytest.raises(Unusable, match=r"row 2 is not row 2 of people\.csv any more"):
        read_decisions(file, load_lists([people]))
