"""Two persons line by line, with the letters marked in which they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from services.gateway.web.languages import mark
from services.gateway.web.personal import FIELDS
from services.gateway.web.words import Words

FACTS: Mapping[str, str] = {
    "owner": mark("Registered by"),
    "status": mark("Status"),
    "flags": mark("Flags"),
    "destination": mark("Destination"),
    "home_regency": mark("Home regency"),
    "sector": mark("Sector (KBLI)"),
    "occupation": mark("Occupation (ISCO)"),
    "scheme": mark("Scheme"),
    "contract_start": mark("Contract from"),
    "contract_end": mark("Contract until"),
    "identity_matched": mark("Identity confirmed"),
}
PERSONAL = ("full_name", "birth_date", "sex", "nik", "passport", "mother_name", "phone", "address", "employer")
"""In the order in which they are compared."""
Likeness = Literal["same", "differs", "one_side", "absent"]
Run = tuple[str, bool]
"""A piece of a value, and whether the other value has something else there."""


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """One field of both; `runs` are the values in pieces."""

    name: str
    values: tuple[str, str]
    runs: tuple[tuple[Run, ...], tuple[Run, ...]]
    likeness: Likeness


def compared(sides: Sequence[Mapping[str, Any]], words: Words) -> list[ComparedLine]:
    """Personal data first, then facts; what neither has is left out."""
    first, second = (_values(side, words) for side in sides)
    names = [name for name in (*PERSONAL, *FACTS) if name in first or name in second]
    lines = (_line(name, first.get(name, ""), second.get(name, "")) for name in names)
    return [line for line in lines if line.likeness != "absent"]


def _line(name: str, first: str, second: str) -> ComparedLine:
    """Letters are compared of what was written, not of facts that are put into words here."""
    if name in FACTS:
        return ComparedLine(FACTS[name], (first, second), _whole(first, second), _likeness(first, second))
    return ComparedLine(FIELDS[name], (first, second), _runs(first, second), _likeness(first, second))


def _likeness(first: str, second: str) -> Likeness:
    if first.casefold() == second.casefold():
        return "same" if first else "absent"
    return "differs" if first and second else "one_side"


def _runs(first: str, second: str) -> tuple[tuple[Run, ...], tuple[Run, ...]]:
    """Upper and lower case count as the same letter. A value that stands alone is marked nowhere."""
    if not first or not second:
        return _whole(first, second)
    steps = SequenceMatcher(None, _folded(first), _folded(second), autojunk=False).get_opcodes()
    ours = tuple((first[a:b], step != "equal") for step, a, b, _, _ in steps if a < b)
    theirs = tuple((second[c:d], step != "equal") for step, _, _, c, d in steps if c < d)
    return ours, theirs


def _whole(first: str, second: str) -> tuple[tuple[Run, ...], tuple[Run, ...]]:
    return ((first, False),), ((second, False),)


def _folded(text: str) -> list[str]:
    """By letter, so that positions stay those of the text."""
    return [letter.casefold() for letter in text]


def _values(side: Mapping[str, Any], words: Words) -> dict[str, str]:
    personal = (side.get("personal") or {}).get("clear") or {}
    known = {name: str(value) for name, value in personal.items() if value and name in PERSONAL}
    facts = side.get("facts") or {}
    return known | {name: text for name in FACTS if (text := _fact(name, facts.get(name), words))}


def _fact(name: str, value: Any, words: Words) -> str:
    """A fact in words."""
    if value is None or value == []:
        return ""
    match name:
        case "owner":
            return words.organisation(value)
        case "destination":
            return words.country(value)
        case "home_regency":
            return words.place(value, None) or str(value)
        case "status":
            return words.label("person_status", value)
        case "scheme":
            return words.label("scheme", value)
        case "identity_matched":
            return words.label("yes_or_no", str(value))
        case "flags":
            return ", ".join(words.label("flag", flag) for flag in value)
        case _:
            return str(value)
