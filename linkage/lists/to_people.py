"""Converts a list to people: each column in its role."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from linkage.lists.birth_dates import PARTS, BirthDates, dates_in_one_column, dates_in_three_columns, years_from_ages
from linkage.lists.column_mapping import ColumnMapping
from linkage.lists.column_profile import sexes
from linkage.lists.header_meanings import Meaning, header_words
from linkage.lists.table import MISSING_VALUES, Table, Unusable, first_few
from linkage.people import ROLES, Column, People, Role, concatenate

_MOST_UNREADABLE = 0.2
_RARE = 0.02
_NAMES: frozenset[Role] = frozenset({"given_name", "surname", "full_name", "alias", "mother_name"})
_OWN_NAMES: frozenset[Role] = frozenset({"given_name", "surname", "full_name"})
_NUMBERS: frozenset[Role] = frozenset({"nik", "passport", "phone", "other_id"})
_UNCHANGED: dict[Meaning, Role] = {role: role for role in ROLES if role != "birth_date"}
_MATCHED_BY_COLUMN: tuple[Role, ...] = ("other_id", "other_text")
_ROUNDED = re.compile(r"\d[.,]\d+[eE]\+\d+")
_POSTCODE_AND_TOWN = re.compile(r"(?:[A-Z]{1,2}-)?(\d{4,5}(?: [A-Z]{2})?) +(\D+)")
_LEAST_IN_COMMON = 0.1


@dataclass(frozen=True, slots=True)
class ConvertedList:
    """People, and remarks for the person whose list it is."""

    people: People
    remarks: tuple[str, ...] = ()


def to_people(table: Table, mapping: ColumnMapping, this_year: int) -> ConvertedList:
    """The people of a list. `this_year` decides the century of two-digit years, and the birth year of an age.

    Unusable where ids are empty or double, or where a column is not what the user's mapping says it is.
    """
    remarks: list[str] = []
    columns = [
        _column(header, _UNCHANGED[mapped.meaning], table.column(header))
        for header, mapped in mapping.columns.items()
        if mapped.meaning in _UNCHANGED
    ]
    columns = _split_postcodes(columns)
    births = _birth_dates(table, mapping, this_year)
    columns += [birth.column for birth in births if _is_accepted(table, mapping, birth, remarks)]
    remarks += [remark for column in columns for remark in _rounded_numbers(column)]
    if mapping.id is None:
        remarks.append("no column holds ids that differ in every row: row numbers are the ids")
    named = tuple(f"{table.name}: {remark}" for remark in remarks)
    return ConvertedList(People(_ids(table, mapping), tuple(columns)), named)


def _column(header: str, role: Role, values: Sequence[str]) -> Column:
    """Sexes as L and P. What programs write for a missing value becomes ""; among names only if it is frequent, because
    somebody may be called Null or Na."""
    distinct = set(values)
    if role == "sex":
        sex_of = sexes(distinct)
        return Column(role, header, [sex_of.get(value, "") for value in values])
    missing = {value for value in distinct if value.lower() in MISSING_VALUES}
    if role in _NAMES:
        counts = Counter(value for value in values if value in missing)
        missing = {value for value, count in counts.items() if count > _RARE * len(values)}
    return Column(role, header, ["" if value in missing else value for value in values] if missing else values)


def _split_postcodes(columns: list[Column]) -> list[Column]:
    """Where the postcode stands before the town ("75011 Paris"), two columns are made."""
    split = []
    for column in columns:
        parts = [_POSTCODE_AND_TOWN.fullmatch(value) for value in column.values] if column.role == "regency" else []
        if sum(map(bool, parts)) * 2 <= sum(map(bool, column.values)):
            split.append(column)
            continue
        towns = [part[2] if part else text for part, text in zip(parts, column.values, strict=True)]
        split.append(replace(column, values=towns))
        if not any(other.role == "postcode" for other in columns):
            split.append(Column("postcode", column.name, [part[1] if part else "" for part in parts]))
    return split


def _birth_dates(table: Table, mapping: ColumnMapping, this_year: int) -> list[BirthDates]:
    header_of: dict[Meaning, str] = {}
    for header, mapped in mapping.columns.items():
        header_of.setdefault(mapped.meaning, header)
    births = [
        dates_in_one_column(table, header, mapped.order, this_year)
        for header, mapped in mapping.columns.items()
        if mapped.meaning == "birth_date"
    ]
    if "birth_year" in header_of:
        parts: dict[str, str] = {part: header_of[part] for part in PARTS if part in header_of}
        births.append(dates_in_three_columns(table, parts, this_year))
    elif part := next((part for part in PARTS if part in header_of), None):
        raise Unusable(f"{table.name}: column {header_of[part]!r} is a {part}, and no column is a birth_year.")
    if "age" in header_of and not births:
        births.append(years_from_ages(table, header_of["age"], this_year))
    return births


def _is_accepted(table: Table, mapping: ColumnMapping, birth: BirthDates, remarks: list[str]) -> bool:
    """A few values that are no dates count as missing; with many of them the column is something else."""
    if birth.unreadable > _MOST_UNREADABLE and mapping.by_user:
        raise Unusable(f"{table.name}: {birth.message}. Is it the birth date, and in the format given?")
    if birth.unreadable > _MOST_UNREADABLE:
        remarks.append(f"{birth.message}; so the column is not used")
    elif birth.message:
        remarks.append(f"{birth.message}; these count as missing")
    return birth.unreadable <= _MOST_UNREADABLE


def _rounded_numbers(column: Column) -> list[str]:
    if column.role not in _NUMBERS:
        return []
    rounded = sum(1 for value in column.values if _ROUNDED.fullmatch(value))
    if not rounded:
        return []
    return [f"column {column.name!r}: {rounded:,} numbers were rounded by a spreadsheet (3.3E+15) and are not used"]


def _ids(table: Table, mapping: ColumnMapping) -> Sequence[str]:
    """The column of ids, else row numbers."""
    if mapping.id is None:
        return [str(row) for row in table.rows]
    ids = table.column(mapping.id)
    where = f"{table.name}: column {mapping.id!r}"
    if empty := [row for row, value in zip(table.rows, ids, strict=True) if not value]:
        raise Unusable(
            f"{where}: rows {first_few(empty)} have no id. Give each row one, or leave `id` out of the mapping."
        )
    first_row: dict[str, int] = {}
    repeated = [
        f"{row} ({value!r} as in row {first_row[value]})"
        for row, value in zip(table.rows, ids, strict=True)
        if first_row.setdefault(value, row) != row
    ]
    if repeated:
        raise Unusable(f"{where}: the same id twice: rows {first_few(repeated)}. Ids are different in every row.")
    return ids


def join_lists(first: ConvertedList, second: ConvertedList, mappings: Sequence[ColumnMapping]) -> ConvertedList:
    """Two lists, one after the other. A column of other_id or other_text is compared with its like in the other list:
    the one that the mapping names (`same_as`), that has the same header, or that has values in common. A column without
    its like is left out, with a remark. Unusable where the lists have no column in common."""
    remarks = [*first.remarks, *second.remarks]
    left, right = list(first.people.columns), list(second.people.columns)
    for role in _MATCHED_BY_COLUMN:
        left_of_role, right_of_role = (
            [column for column in columns if column.role == role] for columns in (left, right)
        )
        pairs = _matching_columns(left_of_role, right_of_role, mappings)
        matched = [column for pair in pairs for column in pair]
        alone = [column for column in (*left_of_role, *right_of_role) if all(column is not other for other in matched)]
        remarks += [f"column {column.name!r} ({role}): the other list has none like it; not used" for column in alone]
        left = [column for column in left if column.role != role] + [pair[0] for pair in pairs]
        right = [column for column in right if column.role != role] + [pair[1] for pair in pairs]
    people = concatenate(replace(first.people, columns=tuple(left)), replace(second.people, columns=tuple(right)))
    shared = _columns_of_both(people, len(first.people))
    if not shared:
        raise Unusable("the two lists have no column in common: give their roles with --config.")
    return ConvertedList(replace(people, columns=tuple(shared)), tuple(remarks))


def _columns_of_both(people: People, second: int) -> list[Column]:
    """The columns that have values in both lists. A name in parts in one list is compared with a whole name in the
    other."""
    filled = [(any(column.values[:second]), any(column.values[second:])) for column in people.columns]
    names = [sides for column, sides in zip(people.columns, filled, strict=True) if column.role in _OWN_NAMES]
    both_have_names = any(sides[0] for sides in names) and any(sides[1] for sides in names)
    return [
        column
        for column, sides in zip(people.columns, filled, strict=True)
        if all(sides) or (both_have_names and column.role in _OWN_NAMES)
    ]


def _matching_columns(
    left: Sequence[Column], right: Sequence[Column], mappings: Sequence[ColumnMapping]
) -> list[tuple[Column, Column]]:
    """Each column with its like: named in the mapping first, then by header, then by values in common."""
    named: set[tuple[str | None, str | None]]
    named = {(header, mapped.same_as) for header, mapped in mappings[0].columns.items()}
    named |= {(mapped.same_as, header) for header, mapped in mappings[1].columns.items()}
    similarities: tuple[Callable[[Column, Column], float], ...] = (
        lambda column, other: float((column.name, other.name) in named),
        lambda column, other: float(header_words(column.name) == header_words(other.name)),
        _values_in_common,
    )
    unmatched = list(right)
    pairs: list[tuple[Column, Column]] = []
    for similarity in similarities:
        for column in left:
            if any(column is matched for matched, _ in pairs) or not unmatched:
                continue
            scores = [similarity(column, other) for other in unmatched]
            if max(scores) >= _LEAST_IN_COMMON:
                pairs.append((column, unmatched.pop(scores.index(max(scores)))))
    return pairs


def _values_in_common(column: Column, other: Column) -> float:
    """The share of the values of the smaller column that the other has too."""
    values, other_values = ({value.lower() for value in side.values if value} for side in (column, other))
    return len(values & other_values) / max(1, min(len(values), len(other_values)))
