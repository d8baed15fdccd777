"""Why a receiver gets a field of an event, or does not: which clause of which agreement decides."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from chassis.security.keys import KeyRing
from contracts import registry
from contracts.authority import check_door
from contracts.model import Code, Country, Model, Regency
from contracts.outcomes import Refused
from contracts.registry import FactKind
from services.gateway.api.caller import CallerOf
from services.gateway.api.openapi import refuses
from services.gateway.api.submit_and_wait import principal_of
from services.gateway.domain.agreements import FACT_KINDS, PERSON_EVENTS, Agreement
from services.gateway.domain.explanation import PATHS, Explanation, Question, explain, visible_to
from services.gateway.domain.parties import local_day
from services.gateway.tokens import Caller

Agreements = Callable[[], Sequence[Agreement]]
"""Every approved version of every agreement, as of now."""


class Turned(Model):
    """The fewest attributes of one agreement whose change turns the answer; `pseudonymised` and `personal` together."""

    agreement: str
    attributes: tuple[str, ...]


class Why(Model):
    """Whether a field is given, by which agreements, and for each other one the attributes that withhold it.

    `turn` is absent where no change of a single agreement turns it.
    """

    given: bool
    given_by: tuple[str, ...]
    withheld_by: dict[str, tuple[str, ...]]
    turn: Turned | None = None


def router(identify: CallerOf, ring: KeyRing, agreements: Agreements) -> APIRouter:
    """The route /v1/agreements/why."""
    routes = APIRouter(prefix="/v1/agreements", tags=["agreements"])
    CurrentCaller = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    @routes.get(
        "/why",
        summary="Why a receiver gets a field of an event, or does not",
        response_model_exclude_none=True,
        responses=refuses("not_permitted", "invalid_value", "missing_value", "unknown_code"),
    )
    async def get_why(
        caller: CurrentCaller,
        receiver: Code,
        event: Annotated[
            str, Query(pattern=r"^registry(\.[a-z_]+){2}\.v1$", description="type of an event of a person")
        ],
        field: Annotated[
            str,
            Query(
                pattern=r"^(facts|personal)(\.[a-z_]+){1,2}$",
                description="its path in a copy, such as facts.status or personal.masked.nik",
            ),
        ],
        purpose: Annotated[str | None, Query(pattern=r"^[a-z][a-z_]{1,39}$")] = None,
        owner: Code | None = None,
        home_regency: Regency | None = None,
        destination: Country | None = None,
        sector: registry.Kbli | None = None,
        phase: registry.Status | None = None,
        stated_in: Annotated[tuple[FactKind, ...], Query()] = tuple(FACT_KINDS),
    ) -> Why:
        """What is left out is unknown, and outside every limit. No person is read, and none told of."""
        check_door("GET /v1/agreements/why", principal_of(ring, caller))
        if event not in PERSON_EVENTS:
            raise Refused("unknown_code", "/query/event")
        if field not in PATHS:
            raise Refused("unknown_code", "/query/field")
        visible = [agreement for agreement in agreements() if _concerns(agreement, caller.stands_for, receiver)]
        facets = registry.Facets.model_construct(
            owner=owner or "",
            home_regency=home_regency,
            destination=destination,
            sector=sector,
            status=phase,  # type: ignore[arg-type]  # unknown is outside every limit
        )
        question = Question(receiver, purpose, event, field, facets, frozenset(stated_in), local_day(datetime.now(UTC)))
        return _answer(explain(visible, question))

    return routes


def _answer(explanation: Explanation) -> Why:
    turn = explanation.turn
    return Why(
        given=bool(explanation.given_by),
        given_by=explanation.given_by,
        withheld_by=dict(explanation.withheld_by),
        turn=Turned(agreement=turn.agreement, attributes=turn.attributes) if turn else None,
    )


def _concerns(agreement: Agreement, organisations: Sequence[str], receiver: str) -> bool:
    """Of another receiver one learns what oneself gives, and nothing of what others give it."""
    return visible_to(agreement, receiver) if receiver in organisations else agreement.giver in organisations
