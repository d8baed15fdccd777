import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.lists.persons import persons
from linkage.lists.result_files import CLUSTERS, FILES, PAIRS, plain, short, write_all, write_clusters, write_pairs
from linkage.model.model_file import read
from linkage.people import from_rows
from linkage.pipeline import link
from linkage.result import Explanation, Linkage
from tests.linkage.lists.builders import EVALUATION, a_linkage, explained


def pairs_of(linkage: Linkage) -> list[dict[str, str]]:
    file = StringIO(newline="")
    write_pairs(linkage, file, explained)
    return list(csv.DictReader(StringIO(file.getvalue(), newline="")))


def clusters_of(linkage: Linkage) -> list[tuple[str, ...]]:
    file = StringIO(newline="")
    write_clusters(linkage, persons(linkage), file)
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
    (explanation,) = explained(a_linkage(), [0])
    assert short(replace(explanation, rule="same NIK and birth date")).endswith(
        "; rule: same NIK and birth date; = 8.0 bits"
    )


def test_every_record_has_a_row_and_those_of_one_person_stand_together() -> None:
    linkage = a_linkage(ids=("c", "d", "a", "b"), pairs=[], clusters=[7, 3, 7, 9])
    assert clusters_of(linkage) == [
        ("c", "a", "a", "2"),
        ("a", "a", "a", "2"),
        ("d", "a", "d", "1"),
        ("b", "a", "b", "1"),
    ]


def test_of_two_lists_each_record_says_which() -> None:
    linkage = a_linkage(ids=("k1", "k2", "w1"), pairs=[(1, 2, 8.0, "link")], second=2)
    assert clusters_of(linkage) == [("k1", "a", "k1", "1"), ("k2", "a", "k2", "2"), ("w1", "b", "k2", "2")]


def test_two_lists_that_use_the_same_ids_do_not_share_clusters_by_accident() -> None:
    linkage = a_linkage(ids=("1", "2", "1"), pairs=[(1, 2, 8.0, "link")], second=2)
    assert clusters_of(linkage) == [("1", "a", "a:1", "1"), ("2", "a", "a:2", "2"), ("1", "b", "a:2", "2")]


@given(st.lists(st.integers(0, 9), max_size=30))
def test_persons_part_the_records_as_the_clusters_do(labels: list[int]) -> None:
    found = persons(a_linkage(ids=[str(n) for n in range(len(labels))], pairs=[], clusters=labels))
    assert len(found) == len(set(labels))
    for person in range(len(found)):
        members = found.members(person)
        assert len({labels[record] for record in members}) == 1
        assert found.names[person] == min(map(str, members))
        assert all(found.of[record] == person for record in members)
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
    assert clusters_of(linkage)[0][0] == f"'{text}"


def test_separators_quotes_and_line_breaks_survive() -> None:
    ids = ('a,"b";\nc', "2")
    assert pairs_of(a_linkage(ids=ids, pairs=[(0, 1, 8.0, "link")]))[0]["id_a"] == ids[0]


def test_explanations_are_asked_for_as_rows_are_written() -> None:
    file, waiting = StringIO(), []

    def one_by_one(linkage: Linkage, pairs: Sequence[int]) -> Iterator[Explanation]:
        for explanation in explained(linkage, pairs):
            waiting.append(file.getvalue().count("\n"))
            yield explanation

    write_pairs(a_linkage(), file, one_by_one)
    assert waiting == [1, 2]


def test_progress_is_told_up_to_the_end() -> None:
    told: list[tuple[str, int, int]] = []
    count = 25_001
    linkage = a_linkage(ids=[str(n) for n in range(count)], pairs=[], clusters=np.arange(count).tolist())
    write_clusters(linkage, persons(linkage), StringIO(), lambda *step: told.append(step))
    assert told == [("clusters.csv", done, count) for done in (0, 10_000, 20_000, count)]


TWICE = [
    {"full_name": "Siti Aminah", "birth_date": "1990-05-12", "nik": "3307015205900001"},
    {"full_name": "AMINAH, SITI", "birth_date": "1990-05-12", "nik": "3307015205900001"},
    {"full_name": "Joko Susilo", "birth_date": "1985-01-30", "nik": "3307013001850002"},
    {"full_name": "<script>alert(1)</script>", "birth_date": "1971-11-02", "nik": "3307010211710003"},
]


def linked() -> Linkage:
    return link(from_rows(["1", "2", "3", "\ud800"], TWICE))  # type: ignore[arg-type]


def test_a_linkage_leaves_four_files_that_agree(tmp_path: Path) -> None:
    linkage = linked()
    write_all(
        linkage,
        tmp_path,
        command="simpul link list.csv",
        evaluation=EVALUATION,
        mapping_text='id = "No"\n',
        seconds=1.5,
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
    assert read(tmp_path / "model.json") == linkage.model
    with (tmp_path / "pairs.csv").open(encoding="utf-8", newline="") as file:
        first = next(csv.DictReader(file))
    assert (first["id_a"], first["id_b"], first["decision"]) == ("1", "2", "link")
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "4 records, 3 persons" in report
    assert "<script>alert" not in report


def test_what_stood_there_stays_whole_until_the_new_is_whole(tmp_path: Path) -> None:
    write_all(linked(), tmp_path, command="simpul link list.csv")
    before = (tmp_path / "pairs.csv").read_bytes()
    with pytest.raises(Exception, match="cannot compare its records"):
        write_all(replace(linked(), comparer=None), tmp_path, command="simpul link list.csv")
    assert (tmp_path / "pairs.csv").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
