"""What was found is measured against what is known: pairs of one list, or pairs across two."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from linkage.lists.evaluation import evaluate
from linkage.lists.formats import ReadOptions
from linkage.lists.read_list import read_list
from linkage.lists.table import Table, Unusable
from linkage.lists.truth import Truth, truth_by_column, truth_by_pairs
from tests.linkage.lists.builders import a_linkage
from tests.linkage.lists.samples import table

Pair = tuple[int, int]


def pairs_of(truth: Truth) -> list[Pair]:
    return sorted(zip(truth.left.tolist(), truth.right.tolist(), strict=True))


def a_truth(*pairs: Pair) -> Truth:
    left, right = np.array(pairs, dtype=np.int32).reshape(-1, 2).T
    return Truth(left, right)


def one_list(entities: Sequence[str]) -> list[Pair]:
    return pairs_of(truth_by_column([table(("e",), [(entity,) for entity in entities])], [entities], "e"))


def test_records_with_one_value_are_one_person() -> None:
    assert one_list(["a", "b", "a", "", "a", ""]) == [(0, 2), (0, 4), (2, 4)]
    assert one_list(["", "nan"]) == []


def test_of_two_lists_only_pairs_across_count() -> None:
    first, second = table(("e",), [("a",), ("a",), ("b",)]), table(("e", "x"), [("a", ""), ("b", ""), ("c", "")])
    assert pairs_of(truth_by_column([first, second], [["1", "2", "3"], ["1", "2", "3"]], "e")) == [
        (0, 3),
        (1, 3),
        (2, 4),
    ]


def test_a_column_of_one_list_may_hold_ids_of_the_other() -> None:
    first, second = table(("n",), [("A",), ("B",)]), table(("n", "is"), [("B", "k2"), ("A", "k1"), ("C", "")])
    ids = [["k1", "k2"], ["1", "2", "3"]]
    assert pairs_of(truth_by_column([first, second], ids, "is")) == [(0, 3), (1, 2)]
    assert pairs_of(truth_by_column([second, first], ids[::-1], "is")) == [(0, 4), (1, 3)]


def test_a_truth_that_is_none_is_refused() -> None:
    lists = [table(("n",), [("A",)] * 2), table(("n", "is"), [("B", "k2"), ("A", "k1")])]
    with pytest.raises(Unusable, match=r"--truth x: no list has this column \(list\.csv has n; list\.csv has n, is\)"):
        truth_by_column(lists, [["1", "2"], ["1", "2"]], "x")
    with pytest.raises(Unusable, match="its ids are not in that of"):
        truth_by_column(lists, [["1", "2"], ["1", "2"]], "is")
    with pytest.raises(Unusable, match="Is it the true person"):
        one_list(["a"] * 11_000)


def pairs_file(folder: Path, text: str) -> Table:
    file = folder / "true.csv"
    file.write_text(text)
    return read_list(file, ReadOptions(header=False))


def test_pairs_of_one_list_hold_through_a_third(tmp_path: Path) -> None:
    people, ids = table(("n",), [("A",)] * 4), [["a", "b", "c", "d"]]
    for header in ("", "id_1,id_2\n"):
        truth = truth_by_pairs(pairs_file(tmp_path, f"{header}a,b\nc,b\n"), [people], ids)
        assert pairs_of(truth) == [(0, 1), (0, 2), (1, 2)]


def test_pairs_of_two_lists_name_one_list_first(tmp_path: Path) -> None:
    lists = [table(("n",), [("A",)] * 2)] * 2
    for text in ("a,y\nb,x\nb,x\n", "id_b,id_a\ny,a\nx,b\n"):
        truth = truth_by_pairs(pairs_file(tmp_path, text), lists, [["a", "b"], ["x", "y"]])
        assert pairs_of(truth) == [(0, 3), (1, 2)]


@pytest.mark.parametrize(
    ("text", "expected"), [("a,b\nc,zz\n", "ids that the lists do not have: row 2: c, zz"), ("a,b,c\n", "two columns")]
)
def test_pairs_that_cannot_be_used_say_why(text: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=expected):
        truth_by_pairs(pairs_file(tmp_path, text), [table(("n",), [("A",)] * 3)], [["a", "b", "c"]])


def test_one_list_is_measured_by_the_pairs_within_clusters() -> None:
    linkage = a_linkage(
        ["1", "2", "3", "4"], [(0, 1, 9.0, "link"), (1, 2, 8.0, "link"), (0, 3, -1.0, "review")], [0, 0, 0, 3]
    )
    every = np.array([0, 0, 1], dtype=np.int32), np.array([1, 3, 2], dtype=np.int32)
    found = evaluate(linkage, a_truth((0, 1), (0, 3)), every)
    assert (found.true_pairs, found.true_positives, found.wrong, found.missed) == (2, 1, 2, 1)
    assert (found.precision, found.recall) == (1 / 3, 1 / 2)
    assert found.f1 == pytest.approx(0.4)
    assert (found.blocking_recall, found.review_share) == (1.0, 0.5)


def test_two_lists_are_measured_by_links() -> None:
    linkage = a_linkage(["1", "2", "3", "4"], [(0, 2, 9.0, "link"), (1, 3, 8.0, "link")], second=2)
    none = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int32)
    found = evaluate(linkage, a_truth((0, 2), (0, 3)), none)
    assert (found.true_positives, found.wrong, found.missed) == (1, 1, 1)
    assert found.blocking_recall == 0.0


def test_nothing_to_find_and_nothing_found_is_right() -> None:
    none = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int32)
    found = evaluate(a_linkage(["1", "2"], []), a_truth(), none)
    assert (found.precision, found.recall, found.f1) == (1.0, 1.0, 1.0)
