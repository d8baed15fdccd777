"""Which column of a list has which role: mapping.toml, as it is written and as it is read back after corrections."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import cast

from linkage.lists.column_detection import DetectedColumn
from linkage.lists.header_meanings import Meaning
from linkage.lists.table import Table, Unusable, first_few
from linkage.people import ROLES
from linkage.values.dates import ORDERS, Order

ALLOWED = (*ROLES, "birth_day", "birth_month", "birth_year", "age", "ignore")
_IGNORED = ("nothing", "truth")
_SEAL = "\n# As simpul wrote it: "


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """The role of one column. `order` is that of its dates; `same_as` is the header of its like in the other list."""

    meaning: Meaning
    order: Order | None = None
    same_as: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """The columns of one list that are used. `id` names the column of the records' ids; None: row numbers are ids.

    `by_user`: the mapping was written by the person whose list it is, so that what does not fit is an error; a column
    that was only detected is left out instead.
    """

    id: str | None
    columns: Mapping[str, MappedColumn] = field(default_factory=dict)
    by_user: bool = False


def mapping_of(detected: Sequence[DetectedColumn]) -> ColumnMapping:
    """The mapping of detected columns."""
    ids = [column.header for column in detected if column.meaning == "id"]
    used = [column for column in detected if column.meaning != "id" and column.meaning not in _IGNORED]
    columns = {column.header: MappedColumn(column.meaning, column.order) for column in used}
    return ColumnMapping(ids[0] if ids else None, columns)


def read_mapping(path: Path, tables: Sequence[Table]) -> list[ColumnMapping]:
    """The mapping of each list: table [columns], or [a] and [b]. Unusable names the key that is wrong."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise Unusable(f"{path}: there is no such file.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise Unusable(f"{path.name}: not TOML ({wrong}).") from None
    if unknown := sorted(content.keys() - {"a", "b", "columns"}):
        raise Unusable(f"{path.name}: [{unknown[0]}] is not known: the tables are [columns], or [a] and [b].")
    mappings = []
    for letter, table in zip("ab", tables, strict=False):
        name = letter if letter in content else "columns"
        entries = content.get(name)
        if not isinstance(entries, dict):
            raise Unusable(f"{path.name}: it lacks the table [{letter}] (or [columns], for both lists).")
        mappings.append(_mapping(f"{path.name}: [{name}]", entries, table))
    return mappings


def _mapping(where: str, entries: Mapping[str, object], table: Table) -> ColumnMapping:
    id_header = entries.get("id")
    is_id = isinstance(id_header, str) and id_header in table.headers
    columns = {}
    for header, value in entries.items():
        if header == "id" and is_id:
            continue
        if header == "id" and header not in table.headers:
            raise Unusable(f"{where} id: {id_header!r} is no column of {table.name}. It has: {_columns(table)}.")
        if header not in table.headers:
            raise Unusable(f"{where} {header!r} is no column of {table.name}. It has: {_columns(table)}.")
        column = _column(f"{where} {header!r}", value)
        if column is not None:
            columns[header] = column
    if not columns:
        raise Unusable(f"{where} gives no column a role.")
    return ColumnMapping(cast("str", id_header) if is_id else None, columns, by_user=True)


def _columns(table: Table) -> str:
    return first_few(map(repr, table.headers), shown=40)


def _column(where: str, value: object) -> MappedColumn | None:
    """None for a column that is to be ignored."""
    parts = value if isinstance(value, dict) else {"role": value}
    if unknown := sorted(parts.keys() - {"role", "format", "same_as"}):
        raise Unusable(f"{where}: {unknown[0]!r} is not known: a column has role, format (of dates) and same_as.")
    role, order, same_as = parts.get("role"), parts.get("format"), parts.get("same_as")
    if role not in ALLOWED:
        raise Unusable(f"{where}: {role!r} is no role. Roles are: {', '.join(ALLOWED)}.")
    if order is not None and order not in ORDERS:
        raise Unusable(f"{where}: {order!r} is no format of dates. Formats are: {', '.join(ORDERS)}.")
    if order is not None and role != "birth_date":
        raise Unusable(f"{where}: only a birth_date has a format.")
    if same_as is not None and not isinstance(same_as, str):
        raise Unusable(f"{where}: same_as is the header of a column in the other list.")
    return None if role == "ignore" else MappedColumn(cast("Meaning", role), order, same_as)


def mapping_text(tables: Sequence[Table], detected: Sequence[Sequence[DetectedColumn]]) -> str:
    """mapping.toml of the detected columns, to be corrected and passed back."""
    lines = [
        "# How `simpul link` read the columns. Correct what is wrong and pass it back: --config mapping.toml",
        f"# Roles: {', '.join(ALLOWED[:10])},",
        f"#   {', '.join(ALLOWED[10:])}",
        '# A birth_date may have a format: {role = "birth_date", format = "dmy"} (dmy, mdy or ymd).',
    ]
    for letter, table, columns in zip("ab", tables, detected, strict=False):
        lines += ["", f"[{letter}]  # {table.name}"]
        ids = [column.header for column in columns if column.meaning == "id"]
        lines += [f"id = {quoted(header)}" for header in ids]
        lines += [_line(column) for column in columns if column.meaning != "id" and not (ids and column.header == "id")]
    return _sealed("\n".join(lines) + "\n")


def is_untouched(text: str) -> bool:
    """Whether a mapping.toml is as it was written, so that nobody's corrections are lost with it."""
    return _sealed(text.rpartition(_SEAL)[0]) == text


def _sealed(text: str) -> str:
    return f"{text}{_SEAL}{sha256(text.encode()).hexdigest()[:16]}\n"


def _line(column: DetectedColumn) -> str:
    role = "ignore" if column.meaning in _IGNORED else column.meaning
    value = quoted(role) if column.order is None else f'{{role = "{role}", format = "{column.order}"}}'
    return f"{quoted(column.header)} = {value}  # {column.why}"


def quoted(text: str) -> str:
    """A TOML basic string."""
    escaped = "".join(f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else c for c in text.replace("\\", "\\\\"))
    return '"' + escaped.replace('"', '\\"') + '"'
