"""From files to people: lists are read, their columns mapped or detected, and converted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from linkage.lists.column_detection import DetectedColumn, detect_columns
from linkage.lists.column_mapping import ColumnMapping, mapping_of, mapping_text, read_mapping
from linkage.lists.formats import ReadOptions
from linkage.lists.header_meanings import are_indonesian
from linkage.lists.read_list import read_list
from linkage.lists.table import Table, Unusable
from linkage.lists.to_people import join_lists, to_people
from linkage.lists.truth import Truth, truth_by_column, truth_by_pairs
from linkage.people import People, Role
from linkage.progress import Progress, silent

IDENTIFYING: frozenset[Role] = frozenset(
    {"given_name", "surname", "full_name", "alias", "nik", "passport", "other_id", "phone", "email"}
)
"""Without a column of one of these roles no two records can be said to be of one person, unless the mapping of the user
says that an other_text tells persons apart."""


@dataclass(frozen=True, slots=True)
class LoadedLists:
    """One list, or two.

    `detected` are the columns of each list, empty where a mapping was given; `mappings` is what they are used as and
    `mapping` the text of mapping.toml, either way. `people` holds both lists.
    """

    tables: Sequence[Table]
    detected: Sequence[Sequence[DetectedColumn]]
    mappings: Sequence[ColumnMapping]
    mapping: str
    people: People
    remarks: tuple[str, ...]

    def ids(self) -> list[Sequence[str]]:
        """The ids of each list."""
        second = self.people.second
        if second is None:
            return [self.people.ids]
        return [self.people.ids[:second], self.people.ids[second:]]

    @property
    def is_indonesian(self) -> bool:
        """Whether the headers of the first list are Indonesian."""
        return are_indonesian(self.tables[0].headers)


def load_lists(
    paths: Sequence[Path],
    *,
    config: Path | None = None,
    truth: str | None = None,
    options: ReadOptions | None = None,
    progress: Progress = silent,
) -> LoadedLists:
    """The people of one file, or of two. `config` is a mapping.toml; `truth` names a column that must not be used.

    Raises Unusable, also where no column could tell that two records are of one person.
    """
    tables = [read_list(path, options, progress) for path in paths]
    if config is None:
        detected: Sequence[Sequence[DetectedColumn]] = detect_columns(tables, truth)
        mappings, text = [mapping_of(columns) for columns in detected], mapping_text(tables, detected)
    else:
        detected, mappings = (), read_mapping(config, tables)
        text = config.read_text(encoding="utf-8")
    this_year = date.today().year  # noqa: DTZ011  # the century of two-digit years does not depend on a time zone
    converted = [to_people(table, mapping, this_year) for table, mapping in zip(tables, mappings, strict=True)]
    whole = converted[0] if len(converted) == 1 else join_lists(converted[0], converted[1], mappings)
    remarks = [f"{table.name}: {remark}" for table in tables for remark in table.remarks]
    _check(tables, mappings, whole.people, truth)
    return LoadedLists(tables, detected, mappings, text, whole.people, (*remarks, *whole.remarks))


def _check(tables: Sequence[Table], mappings: Sequence[ColumnMapping], people: People, truth: str | None) -> None:
    for table, mapping in zip(tables, mappings, strict=True):
        if truth is not None and truth in mapping.columns:
            raise Unusable(
                f"{table.name}: column {truth!r} is the truth and cannot have a role: ignore it in the mapping."
            )
    names = " and ".join(table.name for table in tables)
    if not people.columns:
        raise Unusable(f"{names}: no column was recognised. Say which column is what: --config mapping.toml.")
    identifying = IDENTIFYING | ({"other_text"} if all(mapping.by_user for mapping in mappings) else set())
    if not any(column.role in identifying and any(column.values) for column in people.columns):
        roles = ", ".join(dict.fromkeys(column.role for column in people.columns))
        raise Unusable(
            f"{names}: no column of names or personal numbers was recognised (only {roles}), so nobody can be told "
            "apart. Say which column is what: --config mapping.toml."
        )


def load_truth(loaded: LoadedLists, *, column: str | None, pairs: Path | None) -> Truth | None:
    """The truth by a column, or by a file of pairs; None where neither is given. Raises Unusable."""
    if column is not None:
        return truth_by_column(loaded.tables, loaded.ids(), column)
    if pairs is not None:
        return truth_by_pairs(read_list(pairs, ReadOptions(header=False)), loaded.tables, loaded.ids())
    return None
