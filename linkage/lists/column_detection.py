"""Detects what each column of a list holds, from its header and its values; both must be plausible."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from linkage.lists.birth_dates import PARTS
from linkage.lists.column_profile import ColumnProfile, masked, profile_column
from linkage.lists.header_meanings import Meaning, header_meanings
from linkage.lists.repeated_codes import marks_one_person
from linkage.lists.table import Table
from linkage.values import dates

NAMES = frozenset({"given_name", "surname", "full_name"})

_FEW_VALUES = 10
_GENERATION_YEARS = 15
_VALUES_ALONE = "values alone"


@dataclass(frozen=True, slots=True)
class DetectedColumn:
    """What one column is taken to hold, and why; `order` is that of its dates. `examples` show shapes, not values."""

    header: str
    meaning: Meaning
    why: str
    examples: tuple[str, ...] = ()
    order: dates.Order | None = None


def detect_columns(tables: Sequence[Table], truth: str | None = None) -> list[list[DetectedColumn]]:
    """The columns of each list: of one, or of two that are to be linked. `truth` is a column that is never used."""
    profiles = [
        [_Profiled(header, profile_column(table.column(header))) for header in table.headers] for table in tables
    ]
    return [_detect(n, profiles[n], tables, truth) for n in range(len(tables))]


@dataclass(frozen=True, slots=True)
class _Profiled:
    header: str
    profile: ColumnProfile


_Undecided = dict[str, DetectedColumn | None]
_Detected = dict[str, DetectedColumn]


def _detect(n: int, columns: Sequence[_Profiled], tables: Sequence[Table], truth: str | None) -> list[DetectedColumn]:
    """The columns of the n-th list."""
    undecided: _Undecided = {column.header: _by_header(column, truth) or _by_values(column) for column in columns}
    _choose_id(undecided, columns)
    if len(tables) == 1:
        _ignore_record_numbers(undecided, columns)
    detected: _Detected = {}
    for column in columns:
        detected[column.header] = undecided[column.header] or _by_repetition(column, n, tables)
    _settle_names(detected, columns)
    _settle_birth_dates(detected, columns)
    return [_with_examples(detected[column.header], column.profile) for column in columns]


_Plausible = Callable[[ColumnProfile], bool]


def _is_name(column: ColumnProfile) -> bool:
    return column.plain >= 0.6 and column.words <= 8


def _is_place(column: ColumnProfile) -> bool:
    return column.words <= 8 and (column.with_letters >= 0.6 or column.with_digits >= 0.6)


_PLAUSIBLE: Mapping[Meaning, _Plausible] = {
    "given_name": _is_name,
    "surname": _is_name,
    "full_name": _is_name,
    "alias": _is_name,
    "mother_name": _is_name,
    "birth_date": lambda column: max(column.date, column.readable) >= 0.8 and column.between(1, 31) < 0.8,
    "birth_year": lambda column: column.between(1850, 2100) >= 0.8 or column.between(0, 99) >= 0.95,
    "birth_month": lambda column: column.between(0, 12) >= 0.9,
    "birth_day": lambda column: column.between(0, 31) >= 0.9,
    "age": lambda column: column.between(0, 120) >= 0.9,
    "sex": lambda column: column.sex >= 0.7,
    "house_number": lambda column: column.with_digits >= 0.6 and column.length <= 10,
    "street": lambda column: column.with_letters >= 0.5 or column.with_digits >= 0.5,
    "village": _is_place,
    "district": _is_place,
    "regency": _is_place,
    "province": _is_place,
    "postcode": lambda column: column.with_digits >= 0.6 and column.length <= 10,
    "phone": lambda column: column.phone >= 0.6,
    "email": lambda column: column.email >= 0.5,
    "nik": lambda column: column.nik >= 0.6,
    "passport": lambda column: column.passport >= 0.6,
    "other_id": lambda column: column.with_digits >= 0.6 and column.length >= 3,
    "other_text": lambda column: column.words <= 8,
    "id": lambda column: column.unique,
    "truth": lambda column: True,
    "nothing": lambda column: True,
}

_ALTERNATIVE: Mapping[Meaning, Meaning] = {"nik": "other_id", "passport": "other_id", "birth_date": "birth_day"}
"""What a header may mean where the values do not fit its first meaning."""


def _by_header(column: _Profiled, truth: str | None) -> DetectedColumn | None:
    """None where the header has no known word, or the values are evidently something else."""
    header, profile = column.header, column.profile
    if header == truth:
        return DetectedColumn(header, "truth", "named by --truth")
    if not profile.filled:
        return DetectedColumn(header, "nothing", "empty")
    if profile.constant:
        return DetectedColumn(header, "nothing", "the same in every record")
    meanings = header_meanings(header)
    with_alternatives = [*meanings, *(_ALTERNATIVE[meaning] for meaning in meanings if meaning in _ALTERNATIVE)]
    if meanings[:1] == ("truth",) and profile.unique:
        return DetectedColumn(header, "id", "different in every record")
    for meaning in with_alternatives:
        if _PLAUSIBLE[meaning](profile):
            return DetectedColumn(header, meaning, "header" if meaning in ("truth", "nothing") else "header and values")
    if not meanings:
        return None
    by_values = _by_values(column)
    if by_values is not None and by_values.meaning not in ("street", "other_text"):
        return by_values
    return DetectedColumn(header, "nothing", f"the header says {meanings[0]}, the values do not")


def _by_values(column: _Profiled) -> DetectedColumn | None:
    """What the values show without the header."""
    profile = column.profile
    shown: tuple[tuple[Meaning, bool], ...] = (
        ("email", profile.email >= 0.5),
        ("nik", profile.nik >= 0.7),
        ("birth_date", profile.date >= 0.9 and profile.years >= _GENERATION_YEARS and profile.between(0, 9999) < 0.5),
        ("phone", profile.callable >= 0.8 and profile.distinct > _FEW_VALUES),
        ("postcode", profile.postcode >= 0.8),
        ("sex", profile.sex >= 0.95 and profile.distinct <= 5 and profile.whole < 0.1),
        ("street", _is_street(profile)),
        ("other_text", profile.plain >= 0.9 and profile.distinct >= _FEW_VALUES and profile.words <= 6),
    )
    meaning = next((meaning for meaning, is_shown in shown if is_shown), None)
    return None if meaning is None else DetectedColumn(column.header, meaning, _VALUES_ALONE)


def _is_street(column: ColumnProfile) -> bool:
    letters_and_digits = column.with_letters >= 0.8 and column.with_digits >= 0.5
    return letters_and_digits and column.words >= 2 and column.distinct > _FEW_VALUES


def _choose_id(undecided: _Undecided, columns: Sequence[_Profiled]) -> None:
    """At most one column holds the records' ids: one that is called so, else a first column of unique codes."""
    called_id = [header for header, column in undecided.items() if column is not None and column.meaning == "id"]
    called_id.sort(key=lambda header: header_meanings(header)[0] != "id")
    for header in called_id[1:]:
        undecided[header] = DetectedColumn(header, "nothing", "different in every record")
    first = columns[0]
    if not called_id and undecided[first.header] is None and first.profile.unique and first.profile.with_digits > 0.9:
        undecided[first.header] = DetectedColumn(first.header, "id", "the first column, different in every record")


def _ignore_record_numbers(undecided: _Undecided, columns: Sequence[_Profiled]) -> None:
    """In a single list a number that no two records share is the record's, not the person's."""
    for column in columns:
        detected = undecided[column.header]
        several = column.profile.size > 1
        if detected is not None and detected.meaning == "other_id" and column.profile.unique and several:
            undecided[column.header] = DetectedColumn(column.header, "nothing", "different in every record")


def _by_repetition(column: _Profiled, n: int, tables: Sequence[Table]) -> DetectedColumn:
    """A code is evidence where it is repeated together with the same person's other values, in this list or the
    other."""
    profile, header = column.profile, column.header
    is_code = profile.with_digits >= 0.6 and profile.length >= 4 and profile.words <= 2
    if not is_code or profile.distinct < profile.filled // 10:
        return DetectedColumn(header, "nothing", "nothing that tells persons apart")
    if len(tables) == 1:
        repeated = marks_one_person(tables, [header])
    else:
        this_list, other_list = tables[n], tables[1 - n]
        repeated = any(marks_one_person((this_list, other_list), (header, other)) for other in other_list.headers)
    if repeated:
        return DetectedColumn(header, "other_id", "values: a code that comes back with the same person")
    return DetectedColumn(header, "nothing", "a code that no second record of a person shares")


def _settle_names(detected: _Detected, columns: Sequence[_Profiled]) -> None:
    """A `name` beside a surname is a given name; a given name of several words, alone, is a full name; and where no
    column is called a name, the texts that differ most are taken for it."""
    profiles = {column.header: column.profile for column in columns}
    by_role = {role: [h for h, column in detected.items() if column.meaning == role] for role in NAMES}
    given_names, surname, full = by_role["given_name"], by_role["surname"], by_role["full_name"]
    if surname and not given_names and len(full) == 1 and profiles[full[0]].words < 1.8:
        detected[full[0]] = replace(detected[full[0]], meaning="given_name", why="header, beside a surname")
    elif given_names and not surname and not full and profiles[given_names[0]].words >= 1.8:
        detected[given_names[0]] = replace(
            detected[given_names[0]], meaning="full_name", why="header, of several words"
        )
    elif not (given_names or surname or full):
        _take_texts_for_names(detected, profiles)


def _take_texts_for_names(detected: _Detected, profiles: Mapping[str, ColumnProfile]) -> None:
    texts = [h for h, column in detected.items() if column.meaning == "other_text" and column.why == _VALUES_ALONE]
    texts.sort(key=lambda header: profiles[header].distinct / profiles[header].filled, reverse=True)
    why = "values alone: no column is called a name, and this one differs most"
    if texts and profiles[texts[0]].words >= 1.6:
        detected[texts[0]] = DetectedColumn(texts[0], "full_name", why)
    elif texts:
        roles: tuple[Meaning, ...] = ("given_name", "surname")
        for header, role in zip([h for h in detected if h in texts[:2]], roles, strict=False):
            detected[header] = DetectedColumn(header, role, why)


def _settle_birth_dates(detected: _Detected, columns: Sequence[_Profiled]) -> None:
    """A whole date goes before its parts, parts before an age; a month or a day counts beside a year only. Of dates
    whose header says nothing, the column that spans most years is the birth date."""
    profiles = {column.header: column.profile for column in columns}
    dated = [h for h, column in detected.items() if column.meaning == "birth_date"]
    by_header = [h for h in dated if detected[h].why != _VALUES_ALONE]
    kept = by_header or sorted(dated, key=lambda header: profiles[header].years)[-1:]
    for header in dated:
        if header not in kept:
            detected[header] = DetectedColumn(header, "nothing", "a date, and another one is the birth date")
        else:
            detected[header] = replace(detected[header], order=profiles[header].order)
    years = any(column.meaning == "birth_year" for column in detected.values())
    for header, column in list(detected.items()):
        if column.meaning in PARTS and (kept or not years):
            why = "a part of the birth date" if kept else "no year beside it"
            detected[header] = DetectedColumn(header, "nothing", why)
        elif column.meaning == "age" and (kept or years):
            detected[header] = DetectedColumn(header, "nothing", "the birth date says it")


def _with_examples(column: DetectedColumn, profile: ColumnProfile) -> DetectedColumn:
    shapes = dict.fromkeys(map(masked, profile.sample[:: max(1, len(profile.sample) // 50)]))
    return replace(column, examples=tuple(shapes)[:3])
