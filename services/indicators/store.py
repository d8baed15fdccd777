"""Every query and write of indicators: rounds, which never change, and answers with all their versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from chassis.mongo import Database, Index, Session, find_in, insert_new, replace_guarded
from contracts.indicators import AnswerDetails
from contracts.model import Moment
from services.indicators.domain.answer import Answer, Version
from services.indicators.domain.completeness import Answered
from services.indicators.domain.round import Question, Round

CATALOGUE = "mgi-national"
INDEXES: tuple[Index, ...] = (
    ("rounds", (("catalogue", 1), ("opened_at", 1)), {}),
    ("answers", (("round", 1),), {}),
)


class Store:
    """The database of one process. Rounds are remembered for good: there are few, and they never change."""

    def __init__(self, database: Database) -> None:
        self.rounds, self.answers = database["rounds"], database["answers"]
        self.remembered: dict[str, Round] = {}

    async def find_rounds(self, ids: Iterable[str]) -> dict[str, Round]:
        """Those that exist, by id."""
        wanted = set(ids)
        unknown = wanted - self.remembered.keys()
        self.remember(_round(found) for found in await find_in(self.rounds, "_id", unknown))
        return {one: self.remembered[one] for one in wanted if one in self.remembered}

    def remember(self, rounds: Iterable[Round]) -> None:
        """Rounds that are committed."""
        self.remembered |= {found.id: found for found in rounds}

    async def list_rounds(self) -> list[Round]:
        """All rounds, oldest first."""
        found = await self.rounds.find({"catalogue": CATALOGUE}).sort("opened_at", 1).to_list(None)
        return [_round(one) for one in found]

    async def find_answers(self, ids: Iterable[str]) -> dict[str, Answer]:
        """Those that exist, by id."""
        return {found["_id"]: _answer(found) for found in await find_in(self.answers, "_id", ids)}

    async def list_answered(self, round_id: str) -> list[Answered]:
        """Which questions of a round have an answer, in one read of as little as that needs."""
        found = await self.answers.find({"round": round_id}, {"_id": 0, "indicator": 1, "late": 1}).to_list(None)
        return [Answered(one["indicator"], one["late"]) for one in found]

    async def save(self, rounds: Iterable[Round], answers: Iterable[Answer], session: Session) -> None:
        """Write new rounds, and answers new and changed. Raises VersionConflict."""
        documents = [_answer_document(answer) for answer in answers]
        await insert_new(self.rounds, [_round_document(opened) for opened in rounds], session)
        await insert_new(self.answers, [new for new in documents if new["revision"] == 1], session)
        await replace_guarded(self.answers, [old for old in documents if old["revision"] > 1], session)


def _round_document(opened: Round) -> dict[str, Any]:
    return {
        "_id": opened.id,
        "catalogue": opened.catalogue,
        "catalogue_version": opened.catalogue_version,
        "year": opened.year,
        "due_at": opened.due_at,
        "opened_at": opened.opened_at,
        "opened_by": opened.opened_by,
        "command_id": opened.command_id,
        "questions": [
            {
                "indicator": asked.indicator,
                "dimension": asked.dimension,
                "kind": asked.kind,
                "organisation": asked.organisation,
            }
            for asked in opened.questions
        ],
    }


def _round(found: Mapping[str, Any]) -> Round:
    return Round(
        id=found["_id"],
        catalogue=found["catalogue"],
        catalogue_version=found["catalogue_version"],
        year=found["year"],
        due_at=found["due_at"],
        opened_at=found["opened_at"],
        opened_by=found["opened_by"],
        command_id=found["command_id"],
        questions=tuple(Question(**asked) for asked in found["questions"]),
    )


def _answer_document(answer: Answer) -> dict[str, Any]:
    return {
        "_id": answer.id,
        "revision": answer.revision + 1,
        "round": answer.round,
        "indicator": answer.indicator,
        "dimension": answer.dimension,
        "organisation": answer.organisation,
        "late": answer.late,
        "versions": [_version_document(version) for version in answer.versions],
    }


def _version_document(version: Version) -> dict[str, Any]:
    return {
        "command_id": version.command_id,
        "organisation": version.organisation,
        "user": version.user,
        "occurred": version.occurred.model_dump(),
        "recorded_at": version.recorded_at,
        "value": version.value,
        "details": version.details.model_dump(exclude_none=True),
        "decided": version.decided,
        "late": version.late,
    }


def _answer(found: Mapping[str, Any]) -> Answer:
    return Answer(
        id=found["_id"],
        revision=found["revision"],
        round=found["round"],
        indicator=found["indicator"],
        dimension=found["dimension"],
        organisation=found["organisation"],
        versions=tuple(_version(version) for version in found["versions"]),
    )


def _version(found: Mapping[str, Any]) -> Version:
    parsed = {"occurred": Moment(**found["occurred"]), "details": AnswerDetails(**found["details"])}
    return Version(**(dict(found) | parsed))
