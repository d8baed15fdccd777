"""Queries about offers, asked by the gateway for the owner's registrars, the author's, and stewards."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from chassis.security.principal import Verifier
from contracts.authority import Relation, allows
from contracts.commands import Principal
from contracts.model import Id
from contracts.outcomes import Refused
from contracts.registry import OfferDetail, OfferPage, OfferSide, OfferStatus, OfferSummary
from services.registry.domain.offers import ListedOffer, differing, registration_of
from services.registry.store import Store
from services.registry.store.offers import place

OWN: tuple[Relation, ...] = ("own",)
READ, READ_ALL = "offers.read", "offers.read_all"
"""Operations of the table of who may do what."""


def router(store: Store, verifier: Verifier) -> APIRouter:
    """The routes; `verifier` refuses whoever is not the gateway."""
    routes = APIRouter(prefix="/offers", tags=["offers"])
    CurrentCaller = Annotated[Principal, Depends(verifier)]  # noqa: N806  # a type

    @routes.get("", summary="Offered registrations of one status, the oldest first")
    async def list_offers(
        caller: CurrentCaller,
        side: OfferSide = "owner",
        status: OfferStatus = "waiting",
        after: Annotated[str | None, Query(max_length=80)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> OfferPage:
        if not (allows(READ_ALL, caller) if side == "steward" else allows(READ, caller, OWN)):
            raise Refused("not_permitted")
        page = await store.offers.list_offers(side, caller.stands_for, status, after, limit + 1, datetime.now(UTC))
        listed = page[:limit]
        cursor = place(listed[-1]) if len(page) > limit else None
        return OfferPage(offers=tuple(_summary(offer) for offer in listed), after=cursor)

    @routes.get("/{offer}", summary="One offer, and which of its values are others than those in effect")
    async def get_offer(caller: CurrentCaller, offer: Id) -> OfferDetail:
        """Whose it is not, to them it does not exist. Of what differs the author is told nothing."""
        listed = await store.offers.find(offer)
        if listed is None or not _may_see(caller, listed):
            raise Refused("not_found")
        person = (await store.find_persons({listed.person: 0}))[listed.person]
        registration = registration_of(person, listed)
        decides = listed.owner in caller.stands_for or allows(READ_ALL, caller)
        return OfferDetail(
            **_summary(listed).model_dump(),
            occurred=registration.occurred,
            destination=registration.facts["destination"],
            scheme=registration.facts["scheme"],
            differs=differing(person, registration) if decides else (),
        )

    return routes


def _may_see(caller: Principal, offer: ListedOffer) -> bool:
    return allows(READ_ALL, caller) or (
        not {offer.owner, offer.by}.isdisjoint(caller.stands_for) and allows(READ, caller, OWN)
    )


def _summary(offer: ListedOffer) -> OfferSummary:
    return OfferSummary(
        offer=offer.id,
        version=offer.version,
        person=offer.person,
        status=offer.status,
        owner=offer.owner,
        by=offer.by,
        offered_at=offer.offered_at,
        steward_from=offer.steward_from,
        decided_at=offer.decided_at,
        reason=offer.reason,
    )
