"""The form for an answer: what was typed, what is wrong with it, and what is sent to /v1."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.gateway.web.languages import mark

INSTRUMENTS = ("UU", "PP", "PERPRES", "PERMEN", "PERDA", "PERGUB", "SE", "MOU", "STATISTIC", "OTHER")
LENGTHS = {"number": 60, "article": 200, "title": 400, "url": 400}
COLUMNS = ("instrument", "number", "year", "article", "title", "url")
MAX_EVIDENCE, MAX_TEXT = 20, 4000
YEAR = re.compile(r"(19|20)[0-9]{2}\Z")
NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?\Z")
SCALE = ("0", "0.5", "1")


@dataclass
class AnswerForm:
    """What stands in the form. `problems` has a text for each field that is wrong, by the field's name."""

    value: str = ""
    text: str = ""
    explanation: str = ""
    evidence: list[dict[str, str]] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_answer(cls, answer: Mapping[str, Any] | None) -> AnswerForm:
        """An answer as it stands, to be corrected; empty for none."""
        answer = answer or {}
        value = answer.get("value")
        return cls(
            value=f"{value:g}" if isinstance(value, int | float) else value or "",
            text=answer.get("text") or "",
            explanation=answer.get("explanation") or "",
            evidence=[{name: _shown(piece.get(name)) for name in COLUMNS} for piece in answer.get("evidence", ())],
        )

    @classmethod
    def of_fields(cls, fields: Mapping[str, str]) -> AnswerForm:
        """As it was sent; line ends as everywhere but in forms."""
        typed = {name: value.replace("\r\n", "\n").strip() for name, value in fields.items()}
        rows = [
            {name: typed.get(f"evidence-{number}-{name}", "") for name in COLUMNS} for number in range(MAX_EVIDENCE)
        ]
        return cls(typed.get("value", ""), typed.get("text", ""), typed.get("explanation", ""), _until_last(rows))

    def rows(self, further: int = 1) -> list[dict[str, str]]:
        """The evidence, and empty rows for more."""
        empty = [dict.fromkeys(COLUMNS, "") for _ in range(further)]
        return [*self.evidence, *empty][:MAX_EVIDENCE]

    def check(self, kind: str) -> None:
        """Find what is wrong, as far as that can be said before it is sent."""
        self.problems = self._value_problems(kind)
        for name in ("text", "explanation"):
            if len(getattr(self, name)) > MAX_TEXT:
                self.problems[name] = TOO_LONG
        for number, row in self._sent_rows():
            self.problems |= {f"evidence-{number}-{name}": text for name, text in _row_problems(row).items()}
        claims = self.value == "yes" or (kind == "scale" and self.value in ("0.5", "1"))
        if claims and not self._sent_rows():
            self.problems["evidence-0-instrument"] = NO_EVIDENCE

    def body(self, kind: str) -> dict[str, Any]:
        """What /v1 takes; of a form without problems."""
        body: dict[str, Any] = {"text": self.text} if kind == "text" else {"value": self._value(kind)}
        if self.explanation:
            body["explanation"] = self.explanation
        pieces = [{name: value for name, value in row.items() if value} for _, row in self._sent_rows()]
        body["evidence"] = [piece | ({"year": int(piece["year"])} if "year" in piece else {}) for piece in pieces]
        return body

    def add_refusal(self, pointers: Sequence[str], text: str) -> None:
        """What /v1 found wrong, at the field that it points to."""
        numbers = [number for number, _ in self._sent_rows()]
        for pointer in pointers or ("",):
            self.problems[_field_of(pointer, numbers)] = text

    def _value(self, kind: str) -> str | float:
        return self.value if kind == "yes_no" else float(self.value.replace(",", "."))

    def _value_problems(self, kind: str) -> dict[str, str]:
        match kind:
            case "text" if not self.text:
                return {"text": NO_ANSWER}
            case "yes_no" if self.value not in ("yes", "no"):
                return {"value": NO_ANSWER}
            case "scale" if self.value not in SCALE:
                return {"value": NO_ANSWER}
            case "number" if not NUMBER.match(self.value) or not math.isfinite(float(self.value.replace(",", "."))):
                return {"value": NO_NUMBER}
        return {}

    def _sent_rows(self) -> list[tuple[int, dict[str, str]]]:
        return [(number, row) for number, row in enumerate(self.evidence) if any(row.values())]


NO_ANSWER = mark("Give an answer.")
NO_NUMBER = mark("Give a number such as 12 or 12.5, without other signs.")
NO_EVIDENCE = mark("This answer needs at least one piece of evidence: say which kind it is, and its title.")
NO_INSTRUMENT = mark("Choose what kind of evidence it is.")
NO_TITLE = mark("Give the title.")
NO_YEAR = mark("Give the year with four digits, from 1900 on.")
TOO_LONG = mark("That is too long.")


def _row_problems(row: Mapping[str, str]) -> dict[str, str]:
    problems = {name: TOO_LONG for name, most in LENGTHS.items() if len(row[name]) > most}
    if row["instrument"] not in INSTRUMENTS:
        problems["instrument"] = NO_INSTRUMENT
    if not row["title"]:
        problems["title"] = NO_TITLE
    if row["year"] and not YEAR.match(row["year"]):
        problems["year"] = NO_YEAR
    return problems


def _field_of(pointer: str, numbers: Sequence[int]) -> str:
    """The form's name for a place in the body; its first field for a place that it does not have."""
    name, _, rest = pointer.strip("/").partition("/")
    if name != "evidence":
        return name if name in ("text", "explanation") else "value"
    position, _, column = rest.partition("/")
    place = int(position) if position.isdecimal() and len(position) < 3 else 0
    number = numbers[place] if place < len(numbers) else 0
    return f"evidence-{number}-{column if column in COLUMNS else 'instrument'}"


def _until_last(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Without the empty rows at the end."""
    while rows and not any(rows[-1].values()):
        rows = rows[:-1]
    return rows


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
