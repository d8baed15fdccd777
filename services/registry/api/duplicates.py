"""Queries about the duplicate reviews, asked by the gateway for a steward; everybody else is refused."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends, Query

from chassis.security.principal import Verifier
from contracts import authority
from contracts.commands import Principal
from contracts.model import Id
from contracts.outcomes import Refused
from contracts.registry import (
    AgeBand,
    Band,
    BandAgreement,
    DuplicateAgreement,
    DuplicateDay,
    DuplicateDetail,
    DuplicateOrder,
    DuplicatePage,
    DuplicateStatus,
    DuplicateStep,
    DuplicateSummary,
    DuplicateWorkload,
    Evidence,
)
from linkage.model import Model
from linkage.result import Explanation
from services.registry.api.persons import stated
from services.registry.commands.pair_comparison import compared_origins
from services.registry.domain.comparison import most_alike, rule_of
from services.registry.domain.duplicates import DuplicateReview
from services.registry.domain.matching_traits import origin_traits
from services.registry.domain.person import Person
from services.registry.store import Store
from services.registry.store.duplicates import place

AGES = (0, 1, 7, 30, 90)
"""Days from which on each band of the workload counts open duplicate reviews."""
DAYS = 14
"""How many days the workload goes back."""
BANDS: tuple[Band, ...] = get_args(Band)
Month = Annotated[str, Query(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]


def router(store: Store, model: Model | None, verifier: Verifier) -> APIRouter:
    """The routes under /duplicates, for stewards. Without a model there is no evidence."""
    counter, reader = _permitted(verifier, "duplicates.count"), _permitted(verifier, "duplicates.read")
    routes = APIRouter(prefix="/duplicates", tags=["duplicates"])

    @routes.get("", dependencies=[reader], summary="Duplicate reviews of one status, without personal values")
    async def list_duplicates(
        status: DuplicateStatus = "open",
        order: DuplicateOrder = "age",
        band: Band | None = None,
        after: Annotated[str | None, Query(max_length=80)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> DuplicatePage:
        return _page(await store.reviews.list_duplicates(status, order, band, after, limit + 1), order, limit)

    @routes.get(
        "/workload",
        dependencies=[counter],
        summary="Open duplicate reviews by age, and what was opened and decided of late",
    )
    async def get_workload() -> DuplicateWorkload:
        return await _workload(store, datetime.now(UTC))

    @routes.get("/agreement", dependencies=[counter], summary="Stewards' decisions of a month beside the model's")
    async def get_agreement(month: Month) -> DuplicateAgreement:
        return await _agreement(store, month)

    @routes.get(
        "/{duplicate}",
        dependencies=[reader],
        summary="Both persons side by side, and why they were compared",
    )
    async def get_duplicate(duplicate: Id) -> DuplicateDetail:
        review = await _review(store, duplicate)
        return await _detail(review, await _sides(store, review), model)

    return routes


def _permitted(verifier: Verifier, operation: str) -> Any:
    """What a route depends on whose callers may do this."""

    def check(caller: Annotated[Principal, Depends(verifier)]) -> None:
        authority.check(operation, caller)

    return Depends(check)


async def _review(store: Store, duplicate: str) -> DuplicateReview:
    review = (await store.reviews.find([duplicate])).get(duplicate)
    if review is None:
        raise Refused("not_found")
    return review


async def _sides(store: Store, review: DuplicateReview) -> tuple[Person, Person]:
    first, second = review.persons
    people = await store.find_persons({first: 0, second: 0})
    return people[first], people[second]


def _page(reviews: Sequence[DuplicateReview], order: DuplicateOrder, limit: int) -> DuplicatePage:
    """`reviews` has one more than the page where another page follows."""
    listed = reviews[:limit]
    cursor = place(listed[-1], order) if len(reviews) > limit else None
    return DuplicatePage(duplicates=tuple(_summary(review) for review in listed), after=cursor)


async def _workload(store: Store, now: datetime) -> DuplicateWorkload:
    older = [await store.reviews.count_open(now - timedelta(days=days)) for days in AGES]
    ages = zip(AGES, older, [*older[1:], 0], strict=True)
    return DuplicateWorkload(
        open=tuple(AgeBand(older_than_days=days, duplicates=reviews - beyond) for days, reviews, beyond in ages),
        days=tuple([await _day(store, f"{now - timedelta(days=back):%Y-%m-%d}") for back in range(DAYS)]),
    )


async def _day(store: Store, day: str) -> DuplicateDay:
    opened, decided = [await store.reviews.count_day(what, day) for what in ("opened_on", "decided_on")]
    return DuplicateDay(day=day, opened=opened, decided=decided)


async def _agreement(store: Store, month: str) -> DuplicateAgreement:
    upheld, changed = [await store.reviews.count_again(month, upheld=upheld) for upheld in (True, False)]
    bands = tuple([await _band(store, month, band) for band in BANDS])
    return DuplicateAgreement(month=month, bands=bands, redecided=upheld + changed, upheld=upheld)


async def _band(store: Store, month: str, band: Band) -> BandAgreement:
    agreed, opposed = [await store.reviews.count_judged(month, band, agreed=agreed) for agreed in (True, False)]
    return BandAgreement(band=band, decided=agreed + opposed, agreed=agreed)


def _summary(review: DuplicateReview) -> DuplicateSummary:
    return DuplicateSummary(
        duplicate=review.id,
        version=review.version,
        persons=review.persons,
        status="decided" if review.decision else "open",
        opened_at=review.opened_at,
        weight=review.weight,
        probability=review.probability,
        band=review.band,
        hold=review.hold,
        model=review.model,
    )


async def _detail(review: DuplicateReview, people: tuple[Person, Person], model: Model | None) -> DuplicateDetail:
    first, second = review.persons
    return DuplicateDetail(
        **_summary(review).model_dump(),
        sides=(stated(first, people[0]), stated(second, people[1])),
        evidence=await asyncio.to_thread(_evidence, review, people, model) if model else (),
        history=tuple(_steps(review)),
    )


def _steps(review: DuplicateReview) -> list[DuplicateStep]:
    return [
        DuplicateStep(
            kind=event.kind,
            at=event.at,
            by=event.by,
            user=event.user,
            because=event.because,
            decision=event.decision,
            reason=event.reason,
        )
        for event in review.history
    ]


def _evidence(review: DuplicateReview, people: tuple[Person, Person], model: Model) -> tuple[Evidence, ...]:
    """Of the two origin persons most alike; where the two are one by now, of those that the review was opened for."""
    first, second = people
    origins = (
        [[origin] for origin in review.persons]
        if first.id == second.id
        else [compared_origins(first), compared_origins(second)]
    )
    ours, theirs = (
        [traits for origin in of_side if (traits := origin_traits(person, origin))]
        for person, of_side in zip(people, origins, strict=True)
    )
    explanation = most_alike(ours, theirs, model)
    return tuple(_lines(explanation)) if explanation else ()


def _lines(explanation: Explanation) -> list[Evidence]:
    """A rule that decided comes first."""
    lines = [
        Evidence(
            field=line.field, values=(line.left, line.right), level=line.level, weight=line.weight, total=line.total
        )
        for line in explanation.lines
    ]
    if rule := rule_of(explanation):
        return [Evidence(field="rule", values=("", ""), level=rule, weight=0.0, total=0.0), *lines]
    return lines
