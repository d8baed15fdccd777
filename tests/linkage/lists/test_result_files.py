"""Results: every file is whole, keeps the columns of the list, and runs nothing in a spreadsheet."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.lists.column_mapping import ColumnMapping, MappedColumn
from linkage.lists.own_columns import OwnColumns
from linkage.lists.persons import persons
from linkage.lists.result_files import (
    CLUSTERS,
    FILES,
    PAIRS,
    Results,
    one_line,
    plain,
    write_all,
    write_clusters,
    write_pairs,
)
from linkage.model.model_file import read
from linkage.people import from_rows
from linkage.pipeline import link
from linkage.result import Contradiction, Explanation, Linkage
from tests.linkage.lists.builders import EVALUATION, RUN, a_linkage, explanations
from tests.linkage.lists.samples import table

NONE = OwnColumns()


def pairs_of(linkage: Linkage, own: OwnColumns = NONE) -> list[dict[str, str]]:
    file = StringIO(newline="")
    write_pairs(linkage, own, file, explanations)
    return list(csv.DictReader(StringIO(file.getvalue(), newline="")))


def clusters_of(linkage: Linkage) -> list[tuple[str, ...]]:
    """Without the columns of the list: cluster, size, list, id."""
    file = StringIO(newline="")
    write_clusters(linkage, persons(linkage), NONE, file)
    head, *rows = csv.reader(StringIO(file.getvalue(), newline=""))
    assert tuple(head) == CLUSTERS
    return [tuple(row) for row in rows]


def test_a_pair_is_a_row_with_its_explanation() -> None:
    first, second = pairs_of(a_linkage())
    assert tuple(first) == PAIRS
    assert first == {
        "id_a": "1",
        "id_b": "2",
        "probability": "0.996109",
        "weight": "8.00",
        "decision": "link",
        "explanation": "prior: two records by chance -10.0; name: same +18.0; = 8.0 bits",
    }
    assert (second["decision"], second["weight"]) == ("review", "-1.00")


def test_a_rule_that_decided_stands_in_the_explanation() -> None:
    (explanation,) = explanations(a_linkage(), [0])
    written = one_line(a_linkage(), 0, replace(explanation, rule="same NIK and birth date"))
    assert written.endswith("; rule: same NIK and birth date; = 8.0 bits")


def test_what_contradicts_and_what_was_decided_stand_in_the_explanation() -> None:
    linkage = a_linkage(contradictions={1: Contradiction(0, 2, "nik")}, decided={0: True})
    first, second = (row["explanation"] for row in pairs_of(linkage))
    assert "decided by a person: same" in first
    assert "not linked: would join 1 and 3, which contradict each other (nik)" in second


OFFICE = table(("no", "nama", "size"), [("k1", "Siti Aminah", "M"), ("k2", "=Joko", "L")], "office.csv")
AGENCY = table(("id", "name", "size"), [("w1", "AMINAH, SITI", "S")], "agency.csv")
OF_OFFICE = ColumnMapping("no", {"nama": MappedColumn("full_name")})
OF_AGENCY = ColumnMapping("id", {"size": MappedColumn("other_text"), "name": MappedColumn("full_name")})


def test_clusters_keep_every_column_of_the_lists() -> None:
    linkage = a_linkage(ids=("k1", "k2", "w1"), pairs=[(0, 2, 8.0, "link")], second=2)
    file = StringIO(newline="")
    write_clusters(linkage, persons(linkage), OwnColumns((OFFICE, AGENCY), (OF_OFFICE, OF_AGENCY)), file)
    assert file.getvalue().splitlines() == [
        "cluster,size,list,id,no,nama,size (list),id (list),name",
        "k1,2,a,k1,k1,Siti Aminah,M,,",
        'k1,2,b,w1,,,S,w1,"AMINAH, SITI"',
        "k2,1,a,k2,k2,'=Joko,L,,",
    ]


def test_pairs_keep_the_columns_that_were_compared_side_by_side() -> None:
    linkage = a_linkage(ids=("k1", "k2", "w1"), pairs=[(0, 2, 8.0, "link")], second=2)
    (row,) = pairs_of(linkage, OwnColumns((OFFICE, AGENCY), (OF_OFFICE, OF_AGENCY)))
    assert list(row)[len(PAIRS) :] == ["a.nama", "b.name", "b.size"]
    assert (row["a.nama"], row["b.name"], row["b.size"]) == ("Siti Aminah", "AMINAH, SITI", "S")


def test_in_one_list_both_records_have_the_same_columns() -> None:
    linkage = a_linkage(ids=("k1", "k2"), pairs=[(0, 1, 8.0, "link")])
    (row,) = pairs_of(linkage, OwnColumns((OFFICE,), (OF_OFFICE,)))
    assert (row["a.nama"], row["b.nama"]) == ("Siti Aminah", "'=Joko")


def test_every_record_has_a_row_and_those_of_one_person_stand_together() -> None:
    linkage = a_linkage(ids=("c", "d", "a", "b"), pairs=[], clusters=[7, 3, 7, 9])
    assert clusters_of(linkage) == [
        ("a", "2", "a", "c"),
        ("a", "2", "a", "a"),
        ("d", "1", "a", "d"),
        ("b", "1", "a", "b"),
    ]


def test_of_two_lists_each_record_says_which() -> None:
    linkage = a_linkage(ids=("k1", "k2", "w1"), pairs=[(1, 2, 8.0, "link")], second=2)
    assert clusters_of(linkage) == [("k1", "1", "a", "k1"), ("k2", "2", "a", "k2"), ("k2", "2", "b", "w1")]


def test_two_lists_that_use_the_same_ids_do_not_share_clusters_by_accident() -> None:
    linkage = a_linkage(ids=("1", "2", "1"), pairs=[(1, 2, 8.0, "link")], second=2)
    assert clusters_of(linkage) == [("a:1", "1", "a", "1"), ("a:2", "2", "a", "2"), ("a:2", "2", "b", "1")]


@given(st.lists(st.integers(0, 9), max_size=30))
def test_persons_part_the_records_as_the_clusters_do(labels: list[int]) -> None:
    found = persons(a_linkage(ids=[str(n) for n in range(len(labels))], pairs=[], clusters=labels))
    assert len(found) == len(set(labels))
    for person in range(len(found)):
        members = found.records_of(person)
        assert len({labels[record] for record in members}) == 1
        assert found.names[person] == min(map(str, members))
        assert all(found.person_of[record] == person for record in members)
    assert sorted(found.records.tolist()) == list(range(len(labels)))


@given(st.text())
def test_no_text_begins_like_a_formula_and_each_can_be_had_again(text: str) -> None:
    written = plain(text)
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    begins = written.lstrip("'")[:1] in tuple("=+-@\t\r\n") and written.startswith("'")
    assert (written[1:] if begins else written) == text


@pytest.mark.parametrize("text", ["=1+1", "+62", "-5", "@SUM(A1)", "\t=1", "'=1"])
def test_ids_that_a_spreadsheet_would_run_are_written_as_text(text: str) -> None:
    linkage = a_linkage(ids=(text, "2"), pairs=[(0, 1, 8.0, "link")])
    assert pairs_of(linkage)[0]["id_a"] == f"'{text}"
    assert clusters_of(linkage)[0][3] == f"'{text}"


def test_separators_quotes_and_line_breaks_survive() -> None:
    ids = ('a,"b";\nc', "2")
    assert pairs_of(a_linkage(ids=ids, pairs=[(0, 1, 8.0, "link")]))[0]["id_a"] == ids[0]


def test_explanations_are_asked_for_as_rows_are_written() -> None:
    file, waiting = StringIO(), []

    def one_by_one(linkage: Linkage, pairs: Sequence[int]) -> Iterator[Explanation]:
        for explanation in explanations(linkage, pairs):
            waiting.append(file.getvalue().count("\n"))
            yield explanation

    write_pairs(a_linkage(), NONE, file, one_by_one)
    assert waiting == [1, 2]


def test_progress_is_told_up_to_the_end() -> None:
    steps: list[tuple[str, int, int]] = []
    count = 25_001
    linkage = a_linkage(ids=[str(n) for n in range(count)], pairs=[], clusters=np.arange(count).tolist())
    write_clusters(linkage, persons(linkage), NONE, StringIO(), lambda *step: steps.append(step))
    assert steps == [("clusters.csv", done, count) for done in (0, 10_000, 20_000, count)]


TWICE = [
    {"full_name": "Siti Aminah", "birth_date": "1990-05-12", "nik": "3307015205900001"},
    {"full_name": "AMINAH, SITI", "birth_date": "1990-05-12", "nik": "3307015205900001"},
    {"full_name": "Joko Susilo", "birth_date": "1985-01-30", "nik": "3307013001850002"},
    {"full_name": "<script>alert(1)</script>", "birth_date": "1971-11-02", "nik": "3307010211710003"},
]


def linked() -> Linkage:
    return link(from_rows(["1", "2", "3", "\ud800"], TWICE))  # type: ignore[arg-type]


def test_a_linkage_leaves_files_that_agree(tmp_path: Path) -> None:
    linkage = linked()
    write_all(Results(linkage, replace(RUN, evaluation=EVALUATION, mapping='id = "No"\n', seconds=1.5)), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
    assert read(tmp_path / "model.json") == linkage.model
    with (tmp_path / "pairs.csv").open(encoding="utf-8", newline="") as file:
        first = next(csv.DictReader(file))
    assert (first["id_a"], first["id_b"], first["decision"]) == ("1", "2", "link")
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "4 records, 3 persons" in report
    assert "<script>alert" not in report


def test_what_stood_there_stays_whole_until_the_new_is_whole(tmp_path: Path) -> None:
    write_all(Results(linked(), RUN), tmp_path)
    before = (tmp_path / "pairs.csv").read_bytes()
    with pytest.raises(Exception, match="cannot compare its records"):
        write_all(Results(replace(linked(), comparer=None), RUN), tmp_path)
    assert (tmp_path / "pairs.csv").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
