"""Reads back what a person has decided about pairs: review.xlsx with its answers, or a table of two ids and an
answer."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from linkage.lists.load import LoadedLists
from linkage.lists.read_list import read_list
from linkage.lists.report.texts import LANGUAGES, catalogue
from linkage.lists.table import MISSING_VALUES, Table, Unusable, first_few
from linkage.result import DecidedPairs

YES = frozenset({"yes", "y", "ya", "iya", "same", "sama", "link", "true", "1"})
NO = frozenset({"no", "n", "tidak", "tdk", "bukan", "beda", "different", "false", "0"})
ID_A, ID_B, SAME_PERSON = "id_a", "id_b", "same_person"
"""The columns of a plain table of decisions."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """Decided pairs, and remarks for the person who decided them."""

    pairs: DecidedPairs
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer of one row, or two: of which records (list and id), and where in the file."""

    ends: tuple[tuple[int, str], tuple[int, str]]
    same: bool
    row: int


def read_decisions(path: Path, loaded: LoadedLists) -> Decisions:
    """The decided pairs of the file. Pairs without an answer are left out; so are, with a remark, records that the
    lists no longer have. Unusable says which rows contradict each other, or are not the records they were."""
    table = read_list(path, may_be_empty=True)
    offset = len(loaded.tables[0])
    record_of = [{value: n for n, value in enumerate(ids)} for ids in loaded.ids()]
    if _title(table, "review.pair"):
        answers = list(_answers_of_review(table, loaded, record_of))
    else:
        answers = list(_answers_of_table(table, second=len(loaded.tables) - 1))
    answer_of: dict[tuple[int, int], _Answer] = {}
    unknown = 0
    for answer in answers:
        if any(record_id not in record_of[n] for n, record_id in answer.ends):
            unknown += 1
            continue
        low, high = sorted(record_of[n][record_id] + n * offset for n, record_id in answer.ends)
        if low == high:
            raise Unusable(f"{path.name}: row {answer.row} compares a record with itself.")
        earlier = answer_of.setdefault((low, high), answer)
        if earlier.same != answer.same:
            raise Unusable(f"{path.name}: rows {earlier.row} and {answer.row} answer one pair with yes and with no.")
    _check_consistent(path, answer_of)
    remarks = (f"{path.name}: {unknown:,} decisions are about records that the lists do not have",) if unknown else ()
    return Decisions(_as_arrays(answer_of), remarks)


def count_answers(path: Path) -> int:
    """How many pairs of a review.xlsx have an answer; 0 where the file is none."""
    try:
        table = read_list(path, may_be_empty=True)
    except Unusable:
        return 0
    answer = _title(table, "review.same_person")
    return sum(1 for value in table.column(answer) if value.lower() not in MISSING_VALUES) if answer else 0


def _title(table: Table, key: str) -> str | None:
    """The header of a column of review.xlsx, in whichever language it was written."""
    return next((title for language in LANGUAGES if (title := catalogue(language)[key]) in table.headers), None)


def _answers_of_table(table: Table, second: int) -> Iterator[_Answer]:
    """Columns id_a, id_b and same_person. id_a is of the first list, id_b of the list with the number `second`."""
    if missing := [name for name in (ID_A, ID_B, SAME_PERSON) if name not in table.headers]:
        raise Unusable(
            f"{table.name}: it lacks the column {missing[0]}. Give review.xlsx as `simpul link` wrote it, or a table "
            f"with the columns {ID_A}, {ID_B} and {SAME_PERSON} (yes or no)."
        )
    cells = zip(table.rows, *(table.column(name) for name in (ID_A, ID_B, SAME_PERSON)), strict=True)
    for row, id_a, id_b, text in cells:
        same = _same(table, row, text)
        if same is not None:
            yield _Answer(((0, id_a), (second, id_b)), same, row)


def _answers_of_review(table: Table, loaded: LoadedLists, record_of: Sequence[Mapping[str, int]]) -> Iterator[_Answer]:
    """Two rows with the same number are a pair; the answer stands in one of them, or in both."""
    pair, answer, record_id = (_title(table, f"review.{name}") for name in ("pair", "same_person", "id"))
    if pair is None or answer is None or record_id is None:
        raise Unusable(f"{table.name}: it lacks columns that `simpul link` wrote into review.xlsx.")
    list_title = _title(table, "review.list") if len(loaded.tables) == 2 else None
    rows_of: dict[str, list[int]] = defaultdict(list)
    for n, number in enumerate(table.column(pair)):
        rows_of[number].append(n)
    for number, rows in rows_of.items():
        answers = {same for n in rows if (same := _same(table, table.rows[n], table.column(answer)[n])) is not None}
        if not answers:
            continue
        first_row = table.rows[rows[0]]
        if len(rows) != 2:
            raise Unusable(f"{table.name}: row {first_row}: pair {number} has {len(rows)} rows, not two.")
        if len(answers) == 2:
            raise Unusable(f"{table.name}: row {first_row}: pair {number} is answered with yes and with no.")
        ends = [_end(table, n, record_id, list_title) for n in rows]
        for n, (number_of_list, id_of_record) in zip(rows, ends, strict=True):
            record = record_of[number_of_list].get(id_of_record)
            if record is not None and loaded.mappings[number_of_list].id is None:
                _check_unchanged(table, n, loaded.tables[number_of_list], record)
        yield _Answer((ends[0], ends[1]), answers.pop(), first_row)


def _end(table: Table, n: int, id_title: str, list_title: str | None) -> tuple[int, str]:
    in_second = list_title is not None and table.column(list_title)[n].lower() == "b"
    return int(in_second), table.column(id_title)[n]


def _check_unchanged(table: Table, n: int, own: Table, record: int) -> None:
    """Where row numbers are the ids, a list with other rows would give them to other records."""
    for header in own.headers:
        if header in table.headers and table.column(header)[n] != own.column(header)[record]:
            raise Unusable(
                f"{table.name}: row {table.rows[n]} is not row {own.rows[record]} of {own.name} any more (column "
                f"{header!r}). The list was changed, and its row numbers are the ids: give it a column of ids."
            )


def _same(table: Table, row: int, text: str) -> bool | None:
    answer = text.strip().lower()
    if answer in MISSING_VALUES:
        return None
    if answer not in YES | NO:
        raise Unusable(f"{table.name}: row {row}: {text!r} is neither yes nor no (ya, tidak).")
    return answer in YES


def _check_consistent(path: Path, answer_of: Mapping[tuple[int, int], _Answer]) -> None:
    """No chain of yes may join two records that are answered with no."""
    parent: dict[int, int] = {}

    def root(record: int) -> int:
        parent.setdefault(record, record)
        while parent[record] != record:
            parent[record] = record = parent[parent[record]]
        return record

    for (left, right), answer in answer_of.items():
        if answer.same:
            parent[root(left)] = root(right)
    wrong = [answer.row for (left, right), answer in answer_of.items() if not answer.same and root(left) == root(right)]
    if wrong:
        raise Unusable(
            f"{path.name}: rows {first_few(wrong)}: answered with no, but other rows say by a chain of yes that these "
            "are one person."
        )


def _as_arrays(answer_of: Mapping[tuple[int, int], _Answer]) -> DecidedPairs:
    pairs: Sequence[tuple[int, int]] = sorted(answer_of)
    ends = np.array(pairs, dtype=np.int32).reshape(-1, 2)
    return DecidedPairs(ends[:, 0], ends[:, 1], np.array([answer_of[pair].same for pair in pairs], dtype=np.bool_))
