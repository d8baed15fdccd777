"""A round as a table: institutions by dimensions, each cell with what is answered, late and missing."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from typing import Any

from services.gateway.web.languages import mark
from services.gateway.web.words import Words

DIMENSIONS = range(1, 7)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula when a text begins with it (CWE-1236)."""
COLUMNS = (
    mark("Institution"), mark("Name"), mark("Dimension"), mark("Question"), mark("Text"), mark("State"), mark("Answer"),
    mark("First answered (UTC)"), mark("Versions"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One question; `state` is answered, late, missing or overdue. `answer` is there where it may be read."""

    indicator: str
    organisation: str
    dimension: int
    text: str
    state: str
    answer: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Cell:
    """The questions of one dimension to one institution. `late` are those known to be answered late."""

    assigned: int
    answered: int
    late: int
    overdue: bool

    @property
    def state(self) -> str:
        """What the cell looks like: none, complete, part or empty."""
        if not self.assigned:
            return "none"
        return "complete" if self.answered == self.assigned else "part" if self.answered else "empty"


@dataclass(frozen=True, slots=True)
class InstitutionRow:
    """One institution: `cells` by dimension, and what /v1 counts of it."""

    organisation: str
    cells: tuple[Cell, ...]
    missing: int
    late: int
    complete: bool
    overdue: bool


@dataclass(frozen=True, slots=True)
class RoundTable:
    """A round, its institutions in alphabetical order of their codes, and its questions in that of the catalogue."""

    round: str
    year: int
    due_at: str
    is_due: bool
    rows: tuple[InstitutionRow, ...]
    questions: tuple[QuestionRow, ...]
    has_answers: bool

    @classmethod
    def of(
        cls, details: Mapping[str, Any], completeness: Mapping[str, Any], answers: Sequence[Mapping[str, Any]]
    ) -> RoundTable:
        """`answers` are empty for who may not read any."""
        is_due = datetime.fromisoformat(details["due_at"]) < datetime.now(UTC)
        missing = {code for row in completeness["institutions"] for code in row["missing"]}
        by_indicator = {row["indicator"]: row.get("answer") for row in answers}
        questions = tuple(
            QuestionRow(
                question["indicator"], question["organisation"], question["dimension"],
                question.get("question_en") or "",
                _state(question["indicator"] in missing, is_due, by_indicator.get(question["indicator"])),
                by_indicator.get(question["indicator"]),
            )
            for question in details["questions"]
        )  # fmt: skip
        rows = tuple(_row(entry, questions) for entry in completeness["institutions"])
        has_answers = any(by_indicator.values())
        return cls(
            details["round"], details["year"], details["due_at"], is_due, rows, questions, has_answers
        )  # fmt: skip

    @property
    def organisations(self) -> tuple[str, ...]:
        return tuple(row.organisation for row in self.rows)

    def questions_of(self, organisation: str, dimension: str, state: str) -> list[QuestionRow]:
        """Those that fit; an empty text is no limit, and overdue ones are missing too."""
        wanted = {"missing": ("missing", "overdue"), "answered": ("answered", "late"), "late": ("late",)}.get(state)
        return [
            row
            for row in self.questions
            if organisation in ("", row.organisation)
            and dimension in ("", str(row.dimension))
            and (wanted is None or row.state in wanted)
        ]


def csv_of(table: RoundTable, words: Words, dimensions: Mapping[int, str]) -> str:
    """One line for each question, with a byte order mark so that spreadsheets read it as UTF-8."""
    content = StringIO()
    writer = csv.writer(content)
    writer.writerow([words.text(name) for name in COLUMNS])
    for row in table.questions:
        answer = row.answer or {}
        value = answer.get("value")
        shown = value if isinstance(value, int | float) else _text(str(value or answer.get("text") or ""))
        versions = answer.get("versions", ())
        writer.writerow(
            [
                row.organisation, words.organisation(row.organisation), dimensions[row.dimension], row.indicator,
                _text(row.text), words.label("answer_state", row.state), shown,
                versions[0]["recorded_at"] if versions else "", len(versions) or "",
            ]
        )  # fmt: skip
    return "\ufeff" + content.getvalue()


def _text(value: str) -> str:
    """A text that no spreadsheet computes."""
    return f"'{value}" if value.startswith(FORMULA) else value


def _state(missing: bool, is_due: bool, answer: Mapping[str, Any] | None) -> str:
    if missing:
        return "overdue" if is_due else "missing"
    return "late" if answer and answer["versions"][0]["late"] else "answered"


def _row(entry: Mapping[str, Any], questions: Iterable[QuestionRow]) -> InstitutionRow:
    ours = [question for question in questions if question.organisation == entry["organisation"]]
    cells = tuple(_cell([question for question in ours if question.dimension == number]) for number in DIMENSIONS)
    return InstitutionRow(
        entry["organisation"], cells, len(entry["missing"]), entry["late"], entry["complete"], entry["overdue"]
    )


def _cell(questions: Sequence[QuestionRow]) -> Cell:
    states = [question.state for question in questions]
    answered = sum(state in ("answered", "late") for state in states)
    return Cell(len(states), answered, states.count("late"), "overdue" in states)
