"""Which column of a list is what: mapping.toml, as we write it and as it comes back edited."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import cast

from linkage.lists.column_detection import Guess
from linkage.lists.header_meanings import Meaning
from linkage.lists.table import Table, Unusable, some
from linkage.people import ROLES
from linkage.values.dates import ORDERS, Order

ALLOWED = (*ROLES, "birth_day", "birth_month", "birth_year", "age", "ignore")
_IGNORED = ("nothing", "truth")
_SEAL = "\n# As simpul wrote it: "


@dataclass(frozen=True, slots=True)
class Use:
    """What one column is used as. `order` is that of its dates; `same_as` the other list's name for such a column."""

    meaning: Meaning
    order: Order | None = None
    same_as: str | None = None


@dataclass(frozen=True, slots=True)
class Mapped:
    """The columns of one list that are used. `id` names the column of the records' ids; None: row numbers are ids.

    `given`: by the person whose list it is, so that what does not fit is an error; a guess is withdrawn instead.
    """

    id: str | None
    uses: Mapping[str, Use] = field(default_factory=dict)
    given: bool = False


def from_guesses(guesses: Sequence[Guess]) -> Mapped:
    """The guess as a mapping."""
    ids = [guess.header for guess in guesses if guess.meaning == "id"]
    used = [guess for guess in guesses if guess.meaning != "id" and guess.meaning not in _IGNORED]
    return Mapped(ids[0] if ids else None, {guess.header: Use(guess.meaning, guess.order) for guess in used})


def read_mapping(path: Path, tables: Sequence[Table]) -> list[Mapped]:
    """The mapping of each list: table [columns], or [a] and [b]. Unusable says which key is wrong."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise Unusable(f"{path}: there is no such file.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise Unusable(f"{path.name}: not TOML ({wrong}).") from None
    if unknown := sorted(content.keys() - {"a", "b", "columns"}):
        raise Unusable(f"{path.name}: [{unknown[0]}] is not known: the tables are [columns], or [a] and [b].")
    out = []
    for letter, table in zip("ab", tables, strict=False):
        name = letter if letter in content else "columns"
        found = content.get(name)
        if not isinstance(found, dict):
            raise Unusable(f"{path.name}: it lacks the table [{letter}] (or [columns], for both lists).")
        out.append(_mapped(f"{path.name}: [{name}]", found, table))
    return out


def _mapped(where: str, found: Mapping[str, object], table: Table) -> Mapped:
    named = found.get("id")
    is_id = isinstance(named, str) and named in table.headers
    uses = {}
    for header, value in found.items():
        if header == "id" and is_id:
            continue
        if header == "id" and header not in table.headers:
            raise Unusable(f"{where} id: {named!r} is no column of {table.name}. It has: {_columns(table)}.")
        if header not in table.headers:
            raise Unusable(f"{where} {header!r} is no column of {table.name}. It has: {_columns(table)}.")
        use = _use(f"{where} {header!r}", value)
        if use is not None:
            uses[header] = use
    if not uses:
        raise Unusable(f"{where} gives no column a role.")
    return Mapped(cast("str", named) if is_id else None, uses, given=True)


def _columns(table: Table) -> str:
    return some(map(repr, table.headers), shown=40)


def _use(where: str, value: object) -> Use | None:
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
    return None if role == "ignore" else Use(cast("Meaning", role), order, same_as)


def mapping_text(tables: Sequence[Table], guesses: Sequence[Sequence[Guess]]) -> str:
    """mapping.toml of the guesses, ready to be edited and passed back."""
    lines = [
        "# How `simpul link` read the columns. Correct what is wrong and pass it back: --config mapping.toml",
        f"# Roles: {', '.join(ALLOWED[:10])},",
        f"#   {', '.join(ALLOWED[10:])}",
        '# A birth_date may have a format: {role = "birth_date", format = "dmy"} (dmy, mdy or ymd).',
    ]
    for letter, table, found in zip("ab", tables, guesses, strict=False):
        lines += ["", f"[{letter}]  # {table.name}"]
        ids = [guess.header for guess in found if guess.meaning == "id"]
        lines += [f"id = {quoted(header)}" for header in ids]
        lines += [_line(guess) for guess in found if guess.meaning != "id" and not (ids and guess.header == "id")]
    return _sealed("\n".join(lines) + "\n")


def is_untouched(text: str) -> bool:
    """Whether a mapping.toml is as we wrote it: nobody's corrections are lost with it."""
    return _sealed(text.rpartition(_SEAL)[0]) == text


def _sealed(text: str) -> str:
    return f"{text}{_SEAL}{sha256(text.encode()).hexdigest()[:16]}\n"


def _line(guess: Guess) -> str:
    role = "ignore" if guess.meaning in _IGNORED else guess.meaning
    value = quoted(role) if guess.order is None else f'{{role = "{role}", format = "{guess.order}"}}'
    return f"{quoted(guess.header)} = {value}  # {guess.why}"


def quoted(text: str) -> str:
    """A TOML basic string."""
    escaped = "".join(f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else c for c in text.replace("\\", "\\\\"))
    return '"' + escaped.replace('"', '\\"') + '"'
