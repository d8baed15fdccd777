"""My work: what waits for the person, worst first. Every figure leads to the list that it counts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import Route

from services.gateway.web.languages import mark
from services.gateway.web.pages.alerts import Count, count_alerts
from services.gateway.web.site import Site, Visit
from services.gateway.web.v1 import V1Refused


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work. `roles`: of which a person needs one to be shown it; `figures` asks /v1."""

    title: str
    roles: frozenset[str]
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


WORK: tuple[Work, ...] = (
    Work(mark("Alerts"), frozenset({"duty_officer", "migration_coordinator"}), count_alerts),
)  # fmt: skip


def routes(site: Site) -> list[Route]:
    """The routes of this file."""
    return [Route("/", site.page(my_work), methods=["GET"])]


async def my_work(visit: Visit) -> Response:
    """Cards with something loud come first, then those with something to do."""
    shown = [work for work in WORK if visit.session.has_role(*work.roles)]
    cards = await asyncio.gather(*(_card(visit, work) for work in shown))
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
