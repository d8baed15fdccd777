"""My work: what waits for the person, worst first. Every figure leads to the list that it counts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from services.gateway.web.languages import mark
from services.gateway.web.navigation import shown_to
from services.gateway.web.pages.alerts import Count, count_alerts
from services.gateway.web.site import Site, Visit
from services.gateway.web.v1 import V1Refused


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work, shown to those to whom `page` is shown in the navigation. `figures` asks /v1."""

    title: str
    page: str
    figures: Callable[[Visit], Awaitable[list[Count]]]


@dataclass(frozen=True, slots=True)
class Card:
    """What the page shows of one kind of work; `away` where /v1 could not tell."""

    title: str
    figures: tuple[Count, ...]
    away: bool = False

    @property
    def loud(self) -> bool:
        return any(figure.loud for figure in self.figures)


def routes(site: Site) -> list[Route]:
    """The routes of this file."""
    return [Route("/", site.page(my_work), methods=["GET"])]


async def my_work(visit: Visit) -> Response:
    """Cards with something loud come first, then those with something to do."""
    pages = {entry.path for entry in shown_to(visit.session)}
    cards = await asyncio.gather(*(_card(visit, work) for work in WORK if work.page in pages))
    ordered = sorted(cards, key=lambda card: (not card.loud, not any(figure.number for figure in card.figures)))
    return visit.render("my_work.html", cards=ordered)


async def _card(visit: Visit, work: Work) -> Card:
    """A part that is away takes no other with it."""
    try:
        return Card(work.title, tuple(await work.figures(visit)))
    except V1Refused as refused:
        if refused.status != 503:
            raise
        return Card(work.title, (), away=True)


async def count_duplicates(visit: Visit) -> list[Count]:
    """Open duplicate reviews, which the queue lists oldest first; loud where some are older than a month."""
    bands = (await visit.v1.get("/v1/duplicates/workload"))["open"]
    number = sum(band["duplicates"] for band in bands)
    old = any(band["duplicates"] for band in bands if band["older_than_days"] >= OLD_DAYS)
    return [Count(number, False, mark("to decide"), "/duplicates", loud=old)]


async def count_rounds(visit: Visit) -> list[Count]:
    """Of the newest rounds: what is missing of one's own, or how many institutions have not finished."""
    rounds = (await visit.v1.get("/v1/rounds"))["rounds"][-ROUNDS:]
    progress = await asyncio.gather(*(visit.v1.get(f"/v1/rounds/{row['round']}/completeness") for row in rounds))
    return [
        _round(visit, row, completeness["institutions"])
        for row, completeness in reversed(list(zip(rounds, progress, strict=True)))
    ]


def _round(visit: Visit, row: Mapping[str, Any], institutions: Sequence[Mapping[str, Any]]) -> Count:
    address, year = f"/rounds/{row['round']}", str(row["year"])
    if visit.session.has_role("mgi_coordinator", "migration_coordinator"):
        waiting = [entry for entry in institutions if not entry["complete"]]
        number, text = len(waiting), mark("institutions have not finished")
    else:
        waiting = [entry for entry in institutions if entry["organisation"] == visit.session.me.organisation]
        number, text = sum(len(entry["missing"]) for entry in waiting), mark("questions wait for your answer")
    return Count(number, False, text, address, loud=any(entry["overdue"] for entry in waiting), detail=year)


OLD_DAYS = 30
ROUNDS = 3
WORK: tuple[Work, ...] = (
    Work(mark("Alerts"), "/alerts", count_alerts),
    Work(mark("Duplicate review"), "/duplicates", count_duplicates),
    Work(mark("Rounds"), "/rounds", count_rounds),
)
