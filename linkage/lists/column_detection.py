"""Guesses what each column of a list is, from its header and its values; both must be plausible."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from linkage.lists.birth_dates import PARTS
from linkage.lists.column_profile import Look, look, masked
from linkage.lists.header_meanings import Meaning, meant_by
from linkage.lists.repeated_codes import comes_back
from linkage.lists.table import Table
from linkage.values import dates

NAMES = frozenset({"given_name", "surname", "full_name"})

_FEW = 10
_GENERATION = 15


@dataclass(frozen=True, slots=True)
class Guess:
    """What one column is taken to be, and why; `order` is that of its dates. `examples` show shapes, not values."""

    header: str
    meaning: Meaning
    why: str
    examples: tuple[str, ...] = ()
    order: dates.Order | None = None


def guess(tables: Sequence[Table], truth: str | None = None) -> list[list[Guess]]:
    """The guesses for each list: one, or two that are to be linked. `truth` is a column that is never used."""
    seen = [[_Seen(header, look(table.column(header))) for header in table.headers] for table in tables]
    out = []
    for n in range(len(tables)):
        found = {one.header: _by_header(one, truth) or _by_values(one) for one in seen[n]}
        _identify(found, seen[n])
        if len(tables) == 1:
            _without_own_numbers(found, seen[n])
        for one in seen[n]:
            if found[one.header] is None:
                found[one.header] = _by_repetition(one, n, tables)
        known = {header: guessed for header, guessed in found.items() if guessed is not None}
        _settle_names(known, seen[n])
        _settle_birth(known, seen[n])
        out.append([_illustrated(known[one.header], one.look) for one in seen[n]])
    return out


@dataclass(frozen=True, slots=True)
class _Seen:
    header: str
    look: Look


_Fits = Callable[[Look], bool]


def _named(column: Look) -> bool:
    return column.plain >= 0.6 and column.words <= 8


def _placed(column: Look) -> bool:
    return column.words <= 8 and (column.lettered >= 0.6 or column.digits >= 0.6)


_FITS: Mapping[Meaning, _Fits] = {
    "given_name": _named,
    "surname": _named,
    "full_name": _named,
    "alias": _named,
    "mother_name": _named,
    "birth_date": lambda column: max(column.date, column.readable) >= 0.8 and column.between(1, 31) < 0.8,
    "birth_year": lambda column: column.between(1850, 2100) >= 0.8 or column.between(0, 99) >= 0.95,
    "birth_month": lambda column: column.between(0, 12) >= 0.9,
    "birth_day": lambda column: column.between(0, 31) >= 0.9,
    "age": lambda column: column.between(0, 120) >= 0.9,
    "sex": lambda column: column.sex >= 0.7,
    "house_number": lambda column: column.digits >= 0.6 and column.length <= 10,
    "street": lambda column: column.lettered >= 0.5 or column.digits >= 0.5,
    "village": _placed,
    "district": _placed,
    "regency": _placed,
    "province": _placed,
    "postcode": lambda column: column.digits >= 0.6 and column.length <= 10,
    "phone": lambda column: column.phone >= 0.6,
    "email": lambda column: column.email >= 0.5,
    "nik": lambda column: column.nik >= 0.6,
    "passport": lambda column: column.passport >= 0.6,
    "other_id": lambda column: column.digits >= 0.6 and column.length >= 3,
    "other_text": lambda column: column.words <= 8,
    "id": lambda column: column.unique,
    "truth": lambda column: True,
    "nothing": lambda column: True,
}

_INSTEAD: Mapping[Meaning, Meaning] = {"nik": "other_id", "passport": "other_id", "birth_date": "birth_day"}
"""What a header may stand for when the values are not what it says first."""


def _by_header(one: _Seen, truth: str | None) -> Guess | None:
    """None where the header says nothing, or where the values are something else."""
    if one.header == truth:
        return Guess(one.header, "truth", "named by --truth")
    if not one.look.filled:
        return Guess(one.header, "nothing", "empty")
    if one.look.constant:
        return Guess(one.header, "nothing", "the same in every record")
    meanings = meant_by(one.header)
    wider = [*meanings, *(_INSTEAD[meaning] for meaning in meanings if meaning in _INSTEAD)]
    if meanings[:1] == ("truth",) and one.look.unique:
        return Guess(one.header, "id", "different in every record")
    for meaning in wider:
        if _FITS[meaning](one.look):
            return Guess(one.header, meaning, "header" if meaning in ("truth", "nothing") else "header and values")
    if not meanings:
        return None
    by_values = _by_values(one)
    if by_values is not None and by_values.meaning not in ("street", "other_text"):
        return by_values
    return Guess(one.header, "nothing", f"the header says {meanings[0]}, the values do not")


def _by_values(one: _Seen) -> Guess | None:
    """What values show by themselves."""
    column = one.look
    shown: tuple[tuple[Meaning, bool], ...] = (
        ("email", column.email >= 0.5),
        ("nik", column.nik >= 0.7),
        ("birth_date", column.date >= 0.9 and column.years >= _GENERATION and column.between(0, 9999) < 0.5),
        ("phone", column.callable >= 0.8 and column.distinct > _FEW),
        ("postcode", column.postcode >= 0.8),
        ("sex", column.sex >= 0.95 and column.distinct <= 5 and column.whole < 0.1),
        ("street", column.lettered >= 0.8 and column.digits >= 0.5 and column.words >= 2 and column.distinct > _FEW),
        ("other_text", column.plain >= 0.9 and column.distinct >= _FEW and column.words <= 6),
    )
    meaning = next((meaning for meaning, holds in shown if holds), None)
    return None if meaning is None else Guess(one.header, meaning, "values alone")


def _identify(found: dict[str, Guess | None], seen: Sequence[_Seen]) -> None:
    """One column holds the records' own ids, at most: one that is called so, else a first column of unique codes."""
    called = [header for header, guessed in found.items() if guessed is not None and guessed.meaning == "id"]
    called.sort(key=lambda header: meant_by(header)[0] != "id")
    for header in called[1:]:
        found[header] = Guess(header, "nothing", "different in every record")
    first = seen[0]
    if not called and found[first.header] is None and first.look.unique and first.look.digits > 0.9:
        found[first.header] = Guess(first.header, "id", "the first column, different in every record")


def _without_own_numbers(found: dict[str, Guess | None], seen: Sequence[_Seen]) -> None:
    """In one list a number that no two records share is the record's, not the person's."""
    for one in seen:
        guessed = found[one.header]
        if guessed is not None and guessed.meaning == "other_id" and one.look.unique and one.look.size > 1:
            found[one.header] = Guess(one.header, "nothing", "different in every record")


def _by_repetition(one: _Seen, n: int, tables: Sequence[Table]) -> Guess:
    """A code is evidence where it comes back with the same person's other values, in this list or in the other."""
    column = one.look
    if column.digits < 0.6 or column.length < 4 or column.words > 2 or column.distinct < column.filled // 10:
        return Guess(one.header, "nothing", "nothing that tells persons apart")
    if len(tables) == 1:
        found = comes_back(tables, [one.header])
    else:
        ours, other = tables[n], tables[1 - n]
        found = any(comes_back((ours, other), (one.header, header)) for header in other.headers)
    if found:
        return Guess(one.header, "other_id", "values: a code that comes back with the same person")
    return Guess(one.header, "nothing", "a code that no second record of a person shares")


def _settle_names(found: dict[str, Guess], seen: Sequence[_Seen]) -> None:
    """`name` beside a surname is a given name; a given name of several words, alone, is a full name; and where no
    column is called a name, the texts that differ most are taken for it."""
    looks = {one.header: one.look for one in seen}
    by_role = {role: [h for h, guessed in found.items() if guessed.meaning == role] for role in NAMES}
    given, surname, full = by_role["given_name"], by_role["surname"], by_role["full_name"]
    if surname and not given and len(full) == 1 and looks[full[0]].words < 1.8:
        found[full[0]] = replace(found[full[0]], meaning="given_name", why="header, beside a surname")
    elif given and not surname and not full and looks[given[0]].words >= 1.8:
        found[given[0]] = replace(found[given[0]], meaning="full_name", why="header, of several words")
    elif not (given or surname or full):
        _elect_names(found, looks)


def _elect_names(found: dict[str, Guess], looks: Mapping[str, Look]) -> None:
    texts = [h for h, guessed in found.items() if guessed.meaning == "other_text" and guessed.why == "values alone"]
    texts.sort(key=lambda header: looks[header].distinct / looks[header].filled, reverse=True)
    why = "values alone: no column is called a name, and this one differs most"
    if texts and looks[texts[0]].words >= 1.6:
        found[texts[0]] = Guess(texts[0], "full_name", why)
    elif texts:
        roles: tuple[Meaning, ...] = ("given_name", "surname")
        for header, role in zip([h for h in found if h in texts[:2]], roles, strict=False):
            found[header] = Guess(header, role, why)


def _settle_birth(found: dict[str, Guess], seen: Sequence[_Seen]) -> None:
    """A whole date goes before its parts, parts before an age; a month or a day counts beside a year only. Among
    unknown dates the one that spans most years is the birth."""
    looks = {one.header: one.look for one in seen}
    dated = [h for h, guessed in found.items() if guessed.meaning == "birth_date"]
    named = [h for h in dated if found[h].why != "values alone"]
    kept = named or sorted(dated, key=lambda header: looks[header].years)[-1:]
    for header in dated:
        if header not in kept:
            found[header] = Guess(header, "nothing", "a date, and another one is the birth date")
        else:
            found[header] = replace(found[header], order=looks[header].order)
    years = any(guessed.meaning == "birth_year" for guessed in found.values())
    for header, guessed in list(found.items()):
        if guessed.meaning in PARTS and (kept or not years):
            found[header] = Guess(header, "nothing", "a part of the birth date" if kept else "no year beside it")
        elif guessed.meaning == "age" and (kept or years):
            found[header] = Guess(header, "nothing", "the birth date says it")


def _illustrated(guessed: Guess, column: Look) -> Guess:
    shapes = dict.fromkeys(map(masked, column.sample[:: max(1, len(column.sample) // 50)]))
    return replace(guessed, examples=tuple(shapes)[:3])
