"""Duplicate reviews in memory and on a real database: opened, decided, opened again, settled by the way."""

from collections.abc import Callable
from typing import Any

import pytest

from chassis.commands.types import Applied
from chassis.mongo import Client
from contracts.outcomes import Refused
from contracts.registry import (
    DecideDuplicate,
    Decision,
    DuplicateDecided,
    DuplicateReopened,
    PersonMerged,
    PersonUnmerged,
    ReopenDuplicate,
)
from linkage.model import model_file
from services.registry.app import MODEL
from services.registry.commands import Draft
from services.registry.commands.newcomer_matching import Matcher
from services.registry.domain.duplicates import DuplicateReview
from services.registry.domain.person import root_of
from services.registry.store import Store
from simulation.scenario.people import make_nik
from tests.registry.builders import (
    BORN,
    KP2MI,
    OTHER_NIK,
    STEWARD,
    command,
    command_id,
    merging,
    registration,
    unmerging,
)
from tests.registry.people import aminah
from tests.registry.processes import apply

Settle = Callable[..., Any]


@pytest.fixture
def settle(client: Client, store: Store) -> Settle:
    """One command at a time, by a steward unless it says otherwise."""

    async def settled(body: Any, personal: Any = None, by: Any = STEWARD) -> Applied[Draft]:
        matcher = Matcher(store.profiles, model_file.read(MODEL))
        return (await apply(client, store, [command(body, personal, by=by)], matcher=matcher))[0]

    return settled


@pytest.fixture
async def review(settle: Settle, store: Store) -> DuplicateReview:
    """Two women alike, each with a number of her own."""
    for nik in (make_nik("33.07", BORN, "P", 1), OTHER_NIK):
        applied = await settle(registration(home_regency="33.07"), aminah(nik=nik), KP2MI)
    return (await store.reviews.find([applied.events[-1].key]))[applied.events[-1].key]


async def again(store: Store, review: DuplicateReview) -> DuplicateReview:
    """The review as it is now."""
    return (await store.reviews.find([review.id]))[review.id]


async def is_one(store: Store, review: DuplicateReview) -> bool:
    stored = await store.load_persons(review.persons)
    return len({root.id for one in review.persons if (root := root_of(stored, one))}) == 1


def decide(review: DuplicateReview, decision: Decision, **changes: Any) -> DecideDuplicate:
    return DecideDuplicate(
        **({"duplicate": review.id, "decision": decision, "reason": "confirmed_by_person"} | changes)
    )


async def test_same_merges_and_opening_again_undoes_exactly_that(
    settle: Settle, store: Store, review: DuplicateReview
) -> None:
    before = {one: (await store.load_persons([one]))[one].state for one in review.persons}  # type: ignore[union-attr]
    decided = await settle(decide(review, "same", ifversion=1))
    assert [type(each.event) for each in decided.events] == [DuplicateDecided, PersonMerged, PersonMerged]
    assert (decided.aggregate_id, decided.version, decided.kind) == (review.id, 2, "duplicate")
    assert await is_one(store, review)
    reopened = await settle(ReopenDuplicate(duplicate=review.id, reason="typing_error", ifversion=2))
    assert [type(each.event) for each in reopened.events] == [DuplicateReopened, PersonUnmerged, PersonUnmerged]
    assert (await again(store, review)).decision is None
    after = {one: (await store.load_persons([one]))[one].state for one in review.persons}  # type: ignore[union-attr]
    assert after == before


async def test_different_stays_and_may_be_revisited(settle: Settle, store: Store, review: DuplicateReview) -> None:
    await settle(decide(review, "different", reason="twin"))
    assert not await is_one(store, review)
    await settle(ReopenDuplicate(duplicate=review.id, reason="other"))
    await settle(decide(review, "same"))
    assert await is_one(store, review)
    assert [one.decision for one in (await again(store, review)).judgements] == ["different", "same"]


async def test_a_decision_is_refused_where_it_cannot_be(settle: Settle, review: DuplicateReview) -> None:
    async def refusal(body: Any, by: Any = STEWARD) -> str:
        with pytest.raises(Refused) as refused:
            await settle(body, None, by)
        return refused.value.problems[0].code

    assert await refusal(decide(review, "same"), KP2MI) == "not_permitted"
    assert await refusal(DecideDuplicate(duplicate=command_id(1), decision="same", reason="other")) == "not_found"
    assert await refusal(decide(review, "same", ifversion=7)) == "version_conflict"
    assert await refusal(ReopenDuplicate(duplicate=review.id, reason="other")) == "state_conflict"
    await settle(decide(review, "different"))
    assert await refusal(decide(review, "same")) == "state_conflict"


async def test_another_merge_closes_the_review_and_its_undoing_decides_it_otherwise(
    settle: Settle, store: Store, review: DuplicateReview
) -> None:
    merged = await settle(merging(*review.persons))
    assert [type(each.event) for each in merged.events] == [PersonMerged, PersonMerged, DuplicateDecided]
    closed = await again(store, review)
    assert (closed.decision, closed.history[-1].because, closed.judgements) == ("same", "rule", ())
    absorbed = next(each.key for each in merged.events if each.key != merged.aggregate_id)
    undone = await settle(unmerging(absorbed))
    assert [type(each.event) for each in undone.events] == [PersonUnmerged, PersonUnmerged, DuplicateDecided]
    assert (await again(store, review)).decision == "different"


async def test_the_explanation_is_kept_without_values(review: DuplicateReview) -> None:
    assert {step.field for step in review.steps} >= {"name", "birth", "mother", "phone"}
    assert round(sum(step.weight for step in review.steps), 1) == round(review.weight, 1)
