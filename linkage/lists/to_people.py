"""Makes people of a list: each column in its role."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from linkage.lists.birth_dates import PARTS, Births, from_age, joined, whole
from linkage.lists.column_mapping import Mapped
from linkage.lists.column_profile import sexes
from linkage.lists.header_meanings import Meaning, words_of
from linkage.lists.table import NOTHING, Table, Unusable, some
from linkage.people import ROLES, Column, People, Role, concatenate

_UNREADABLE = 0.2
_RARE = 0.02
_NAMED: frozenset[Role] = frozenset({"given_name", "surname", "full_name", "alias", "mother_name"})
_A_NAME: frozenset[Role] = frozenset({"given_name", "surname", "full_name"})
_NUMBERS: frozenset[Role] = frozenset({"nik", "passport", "phone", "other_id"})
_PLAIN: dict[Meaning, Role] = {role: role for role in ROLES if role != "birth_date"}
_OWN: tuple[Role, ...] = ("other_id", "other_text")
_ROUNDED = re.compile(r"\d[.,]\d+[eE]\+\d+")
_POSTCODE_TOWN = re.compile(r"(?:[A-Z]{1,2}-)?(\d{4,5}(?: [A-Z]{2})?) +(\D+)")
_ALIKE = 0.1


@dataclass(frozen=True, slots=True)
class Cast:
    """People, and what to tell the person whose list it is."""

    people: People
    remarks: tuple[str, ...] = ()


def cast_list(table: Table, mapped: Mapped, this_year: int) -> Cast:
    """The people of a list. `this_year` tells the century of two-digit years, and the birth year of an age.

    Unusable where ids are empty or double, or where a column is not what a given mapping says it is.
    """
    said: list[str] = []
    columns = [
        _column(header, _PLAIN[use.meaning], table.column(header))
        for header, use in mapped.uses.items()
        if use.meaning in _PLAIN
    ]
    columns = _parted(columns)
    births = _births(table, mapped, this_year)
    columns += [born.column for born in births if _accepted(table, mapped, born, said)]
    said += [remark for column in columns for remark in _rounded(column)]
    if mapped.id is None:
        said.append("no column holds ids that differ in every row: row numbers are the ids")
    return Cast(People(_ids(table, mapped), tuple(columns)), tuple(f"{table.name}: {remark}" for remark in said))


def _column(header: str, role: Role, values: Sequence[str]) -> Column:
    """Sexes as L and P. What programs write for "no value" is none; among names only if it is frequent, because
    somebody may be called Null or Na."""
    distinct = set(values)
    if role == "sex":
        told = sexes(distinct)
        return Column(role, header, [told.get(value, "") for value in values])
    nothing = {value for value in distinct if value.lower() in NOTHING}
    if role in _NAMED:
        counts = Counter(value for value in values if value in nothing)
        nothing = {value for value, count in counts.items() if count > _RARE * len(values)}
    return Column(role, header, ["" if value in nothing else value for value in values] if nothing else values)


def _parted(columns: list[Column]) -> list[Column]:
    """Where towns stand behind their postcode ("75011 Paris"), the two apart."""
    out = []
    for column in columns:
        found = [_POSTCODE_TOWN.fullmatch(value) for value in column.values] if column.role == "regency" else []
        if sum(map(bool, found)) * 2 <= sum(map(bool, column.values)):
            out.append(column)
            continue
        out.append(replace(column, values=[m[2] if m else text for m, text in zip(found, column.values, strict=True)]))
        if not any(other.role == "postcode" for other in columns):
            out.append(Column("postcode", column.name, [m[1] if m else "" for m in found]))
    return out


def _births(table: Table, mapped: Mapped, this_year: int) -> list[Births]:
    headers: dict[Meaning, str] = {}
    for header, use in mapped.uses.items():
        headers.setdefault(use.meaning, header)
    found = [
        whole(table, header, use.order, this_year) for header, use in mapped.uses.items() if use.meaning == "birth_date"
    ]
    if "birth_year" in headers:
        found.append(joined(table, {part: headers[part] for part in PARTS if part in headers}, this_year))
    elif part := next((part for part in PARTS if part in headers), None):
        raise Unusable(f"{table.name}: column {headers[part]!r} is a {part}, and no column is a birth_year.")
    if "age" in headers and not found:
        found.append(from_age(table, headers["age"], this_year))
    return found


def _accepted(table: Table, mapped: Mapped, born: Births, said: list[str]) -> bool:
    """A few values that are no dates count as missing; with many of them the column is something else."""
    if born.bad > _UNREADABLE and mapped.given:
        raise Unusable(f"{table.name}: {born.told}. Is it the birth date, and in the format given?")
    if born.bad > _UNREADABLE:
        said.append(f"{born.told}; so the column is not used")
    elif born.told:
        said.append(f"{born.told}; these count as missing")
    return born.bad <= _UNREADABLE


def _rounded(column: Column) -> list[str]:
    if column.role not in _NUMBERS:
        return []
    lost = sum(1 for value in column.values if _ROUNDED.fullmatch(value))
    if not lost:
        return []
    return [f"column {column.name!r}: {lost:,} numbers were rounded by a spreadsheet (3.3E+15) and tell nothing"]


def _ids(table: Table, mapped: Mapped) -> Sequence[str]:
    """The column of ids, else row numbers."""
    if mapped.id is None:
        return [str(row) for row in table.rows]
    ids = table.column(mapped.id)
    where = f"{table.name}: column {mapped.id!r}"
    if empty := [row for row, value in zip(table.rows, ids, strict=True) if not value]:
        raise Unusable(f"{where}: rows {some(empty)} have no id. Give each row one, or leave `id` out of the mapping.")
    first: dict[str, int] = {}
    again = [
        f"{row} ({value!r} as in row {first[value]})"
        for row, value in zip(table.rows, ids, strict=True)
        if first.setdefault(value, row) != row
    ]
    if again:
        raise Unusable(f"{where}: the same id twice: rows {some(again)}. Ids are different in every row.")
    return ids


def cast_both(first: Cast, second: Cast, mapped: Sequence[Mapped]) -> Cast:
    """Two lists as one. A column of another id or text is compared with its like in the other list only: named so
    (`same_as`), called alike, or with values in common; one without its like is left out, and that is said."""
    said = [*first.remarks, *second.remarks]
    ours, theirs = list(first.people.columns), list(second.people.columns)
    for role in _OWN:
        left, right = ([column for column in columns if column.role == role] for columns in (ours, theirs))
        pairs = _alike(left, right, mapped)
        alone = [column for column in [*left, *right] if not any(column is one for pair in pairs for one in pair)]
        said += [f"column {column.name!r} ({role}): the other list has none like it; not used" for column in alone]
        ours = [column for column in ours if column.role != role] + [one for one, _ in pairs]
        theirs = [column for column in theirs if column.role != role] + [other for _, other in pairs]
    people = concatenate(replace(first.people, columns=tuple(ours)), replace(second.people, columns=tuple(theirs)))
    shared = _shared(people, len(first.people))
    if not shared:
        raise Unusable("the two lists have no column in common: give their roles with --config.")
    return Cast(replace(people, columns=tuple(shared)), tuple(said))


def _shared(people: People, second: int) -> list[Column]:
    """The columns that both lists have. A name in parts in one list is compared with a whole name in the other."""
    sides = [[any(column.values[:second]), any(column.values[second:])] for column in people.columns]
    named = [side for column, side in zip(people.columns, sides, strict=True) if column.role in _A_NAME]
    both = any(side[0] for side in named) and any(side[1] for side in named)
    return [
        column
        for column, side in zip(people.columns, sides, strict=True)
        if all(side) or (both and column.role in _A_NAME)
    ]


def _alike(left: Sequence[Column], right: Sequence[Column], mapped: Sequence[Mapped]) -> list[tuple[Column, Column]]:
    """Each column with its like: named first, then called alike, then by values in common."""
    told = {(h, use.same_as) for h, use in mapped[0].uses.items()} | {
        (use.same_as, h) for h, use in mapped[1].uses.items()
    }
    free = list(right)
    out: list[tuple[Column, Column]] = []
    for likeness in (
        lambda one, other: float((one.name, other.name) in told),
        lambda one, other: float(words_of(one.name) == words_of(other.name)),
        _in_common,
    ):
        for one in left:
            if any(one is taken for taken, _ in out) or not free:
                continue
            best = max(free, key=lambda other: likeness(one, other))
            if likeness(one, best) >= _ALIKE:
                out.append((one, best))
                free = [column for column in free if column is not best]
    return out


def _in_common(one: Column, other: Column) -> float:
    """The share of values of the smaller that the other has too."""
    ours, theirs = ({value.lower() for value in column.values if value} for column in (one, other))
    return len(ours & theirs) / max(1, min(len(ours), len(theirs)))
