"""Rounds and answers in the database."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from chassis.mongo import Client, VersionConflict, ensure_indexes, transact
from services.indicators.domain.answer import Answer, submit
from services.indicators.domain.completeness import Answered
from services.indicators.domain.round import Round
from services.indicators.store import INDEXES, Store
from tests.indicators.builders import NOW, ROUND, SCALE, a_round, answer, details, institution


class Kept:
    """A store, and saving to it in a transaction."""

    def __init__(self, client: Client, database: str) -> None:
        self.client, self.database, self.store = client, client[database], Store(client[database])

    async def save(self, *things: Round | Answer) -> None:
        rounds = [thing for thing in things if isinstance(thing, Round)]
        answers = [thing for thing in things if isinstance(thing, Answer)]
        await transact(self.client, lambda session: self.store.save(rounds, answers, session))

    async def find(self, answer_id: str) -> Answer:
        return (await self.store.find_answers([answer_id]))[answer_id]


@pytest.fixture
async def kept(mongo: str, database_name: str) -> AsyncIterator[Kept]:
    client: Client = AsyncIOMotorClient(mongo, tz_aware=True, w="majority")
    await ensure_indexes(client[database_name], INDEXES)
    yield Kept(client, database_name)
    client.close()


def submitted(before: Answer | None = None, command: str = "c1") -> Answer:
    at = NOW + timedelta(days=2 + (before.version if before else 0))
    return submit(a_round(), before, command, institution(), answer(), details(), at)[0]


async def test_a_round_is_found_as_it_was_saved_and_read_once(kept: Kept) -> None:
    await kept.save(a_round())
    assert await kept.store.find_rounds([ROUND, ROUND.replace("0", "1")]) == {ROUND: a_round()}
    assert await kept.store.list_rounds() == [a_round()]
    await kept.database["rounds"].delete_one({"_id": ROUND})
    assert await kept.store.find_rounds([ROUND]) == {ROUND: a_round()}
    assert await Store(kept.database).find_rounds([ROUND]) == {}


async def test_an_answer_keeps_every_version(kept: Kept) -> None:
    first = submitted()
    await kept.save(first)
    assert await kept.find(first.id) == replace(first, revision=1)
    second = submitted(await kept.find(first.id), "c2")
    await kept.save(second)
    assert await kept.find(first.id) == replace(second, revision=2)
    assert [version.command_id for version in second.versions] == ["c1", "c2"]


async def test_of_two_that_build_on_the_same_state_one_is_told_to_decide_anew(kept: Kept) -> None:
    await kept.save(submitted())
    stale = await kept.find(submitted().id)
    await kept.save(submitted(stale, "c2"))
    with pytest.raises(VersionConflict):
        await kept.save(submitted(stale, "c3"))
    with pytest.raises(VersionConflict):
        await kept.save(submitted())
    await kept.save(a_round())
    with pytest.raises(VersionConflict):
        await kept.save(a_round())


async def test_completeness_reads_which_questions_are_answered_and_no_more(kept: Kept) -> None:
    await kept.save(a_round(), submitted())
    assert await kept.store.list_answered(ROUND) == [Answered(SCALE, late=False)]
    assert await kept.store.list_answered(ROUND.replace("0", "1")) == []
