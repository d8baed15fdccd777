"""Every query and write of indicators: rounds, which never change, and answers with all their versions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chassis.documents import Codec
from chassis.mongo import Database, Index, Session, find_in, insert_new, save_guarded
from services.indicators.domain.answer import Answer
from services.indicators.domain.completeness import Answered
from services.indicators.domain.round import Round

CATALOGUE = "mgi-national"
INDEXES: tuple[Index, ...] = (
    ("rounds", (("catalogue", 1), ("opened_at", 1)), {}),
    ("answers", (("round", 1),), {}),
)

_ROUNDS, _ANSWERS = Codec(Round), Codec(Answer)


class Store:
    """The indicators database. Rounds are remembered for good: there are few, and they never change."""

    def __init__(self, database: Database) -> None:
        self.rounds, self.answers = database["rounds"], database["answers"]
        self.remembered: dict[str, Round] = {}

    async def find_rounds(self, ids: Iterable[str]) -> dict[str, Round]:
        """Those that exist, by id."""
        wanted = set(ids)
        unknown = wanted - self.remembered.keys()
        self.remember(_ROUNDS.read(document) for document in await find_in(self.rounds, "_id", unknown))
        return {name: self.remembered[name] for name in wanted if name in self.remembered}

    def remember(self, rounds: Iterable[Round]) -> None:
        """Rounds that are committed."""
        self.remembered |= {mgi_round.id: mgi_round for mgi_round in rounds}

    async def list_rounds(self) -> list[Round]:
        """All rounds, oldest first."""
        documents = await self.rounds.find({"catalogue": CATALOGUE}).sort("opened_at", 1).to_list(None)
        return [_ROUNDS.read(document) for document in documents]

    async def find_answers(self, ids: Iterable[str]) -> dict[str, Answer]:
        """Those that exist, by id."""
        return {document["_id"]: _ANSWERS.read(document) for document in await find_in(self.answers, "_id", ids)}

    async def list_answers(self, round_id: str) -> list[Answer]:
        """Every answer of a round."""
        documents = await self.answers.find({"round": round_id}).to_list(None)
        return [_ANSWERS.read(document) for document in documents]

    async def list_answered(self, round_id: str) -> list[Answered]:
        """Which questions of a round have an answer, in one read of as little as that needs."""
        documents = await self.answers.find({"round": round_id}, {"_id": 0, "indicator": 1, "late": 1}).to_list(None)
        return [Answered(document["indicator"], document["late"]) for document in documents]

    async def save(self, rounds: Iterable[Round], answers: Iterable[Answer], session: Session) -> None:
        """Write new rounds, and answers new and changed. Raises VersionConflict."""
        await insert_new(self.rounds, [_ROUNDS.document(mgi_round) for mgi_round in rounds], session)
        await save_guarded(self.answers, map(_answer_document, answers), session)


def _answer_document(answer: Answer) -> dict[str, Any]:
    """With what completeness reads of it."""
    return _ANSWERS.document(answer) | {"late": answer.late}
