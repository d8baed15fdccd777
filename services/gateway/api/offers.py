"""Offers: registrations of people whom another organisation owns, as owner, author and stewards see and decide them."""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Response

from chassis.security.keys import KeyRing
from contracts.authority import Relation, allows
from contracts.commands import Principal
from contracts.exchange import PersonToken
from contracts.model import Id, Model, StrictModel
from contracts.outcomes import Refused
from contracts.registry import (
    DecideOffer,
    OfferDecision,
    OfferDetail,
    OfferPage,
    OfferReason,
    OfferSide,
    OfferStatus,
    OfferSummary,
)
from services.gateway.api.caller import CallerOf
from services.gateway.api.disclosures import reading
from services.gateway.api.openapi import BODY, DECISION, refuses
from services.gateway.api.responses import IdempotencyKey, IfMatch, Result, response_of, writes
from services.gateway.api.submit_and_wait import Submit, principal_of
from services.gateway.clients import Services
from services.gateway.domain.receiver_ids import person_token
from services.gateway.domain.translation import CommandDraft
from services.gateway.store import Store
from services.gateway.tokens import Caller

OWN: tuple[Relation, ...] = ("own",)
AGREEMENT, PURPOSE = "registration-offers/1", "registration"
"""What the record says of reading an offer: owner and author have a part in it, and stewards decide it."""
REJECTED: dict[str, Any] = {"decision": "rejected", "reason": "not_confirmed"}


class OfferRow(OfferSummary):
    """An offer in a list. Times are UTC; `version` goes into If-Match."""

    person: PersonToken


class OfferList(Model):
    """The oldest first; `after` is the cursor of the next page."""

    offers: tuple[OfferRow, ...]
    after: str | None = None


class OfferView(OfferDetail):
    """One offer. `differs` names the values that are others than those in effect; no value is told."""

    person: PersonToken


class OfferDecisionRequest(StrictModel):
    """Whether the registration takes effect, with its author as the owner; and why."""

    decision: OfferDecision
    reason: OfferReason


def router(identify: CallerOf, ring: KeyRing, services: Services, submit: Submit, store: Store) -> APIRouter:
    """The routes under /v1/offers, for people."""
    routes = APIRouter(prefix="/v1/offers", tags=["offers"])
    CurrentPerson = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    @routes.get("", summary="Offered registrations of one status", responses=refuses("not_permitted", "invalid_value"))
    async def list_offers(
        caller: CurrentPerson,
        side: OfferSide = "owner",
        status: OfferStatus = "waiting",
        after: Annotated[str | None, Query(max_length=80)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> OfferList:
        """Of the caller's people (`owner`), by the caller's organisation (`author`), or, for stewards, of everybody's
        people what nobody answered for five working days (`steward`). Every reading is put on record."""
        principal = _reader(ring, caller, steward=side == "steward")
        page = await services.list_offers(principal, side=side, status=status, after=after, limit=limit)
        return await _disclosed_list(ring, store, caller, page)

    @routes.get(
        "/{offer}",
        summary="One offer, and which of its values are others than those in effect",
        response_model_exclude_none=True,
        responses=refuses("not_permitted", "not_found", "invalid_value"),
    )
    async def get_offer(caller: CurrentPerson, offer: Id, response: Response) -> OfferView:
        """For the owner's registrars, the author's and stewards; the author is not told what differs."""
        detail = await services.get_offer(_reader(ring, caller), offer)
        response.headers["ETag"] = f'"{detail.version}"'
        return await _disclosed_view(ring, store, caller, detail)

    @routes.post(
        "/{offer}/decision", summary="Accept or reject an offer", response_model=Result,
        responses=writes(*DECISION, *BODY),
    )  # fmt: skip
    async def decide(
        caller: CurrentPerson, offer: Id, body: Annotated[OfferDecisionRequest, Body(examples=[REJECTED])],
        version: IfMatch, key: IdempotencyKey = None,
    ) -> Response:  # fmt: skip
        """For the owner's registrars and stewards. If-Match names the version of the offer that was read."""
        detail = await services.get_offer(_reader(ring, caller), offer)
        decision = DecideOffer(offer=offer, person=detail.person, ifversion=version, **body.model_dump())
        return await _decided(submit, caller, decision, key)

    return routes


async def _disclosed_list(ring: KeyRing, store: Store, caller: Caller, page: OfferPage) -> OfferList:
    """The page under the caller's own ids, after it is on record whose registrations wait."""
    await _disclose(ring, store, caller, dict.fromkeys(offer.person for offer in page.offers), ("offer",))
    rows = tuple(OfferRow(**_under_own_id(ring, caller, offer)) for offer in page.offers)
    return OfferList(offers=rows, after=page.after)


async def _disclosed_view(ring: KeyRing, store: Store, caller: Caller, offer: OfferDetail) -> OfferView:
    """The offer under the caller's own id, after it is on record what of it differs."""
    await _disclose(ring, store, caller, [offer.person], ("offer", *(f"differs.{name}" for name in offer.differs)))
    return OfferView(**_under_own_id(ring, caller, offer))


async def _disclose(
    ring: KeyRing, store: Store, caller: Caller, persons: Iterable[str], fields: tuple[str, ...]
) -> None:
    await store.disclose(
        reading(ring, caller, person, fields, agreement=AGREEMENT, purpose=PURPOSE) for person in persons
    )


async def _decided(submit: Submit, caller: Caller, decision: DecideOffer, key: str | None) -> Response:
    """The person is not the caller's to name: its id stays out of what a repetition is known by."""
    content = decision.model_dump_json(exclude={"person"}).encode()
    draft = CommandDraft("registry", decision, key=decision.person)
    return response_of(await submit(caller, draft, content=content, key=key), "/v1/offers/{id}")


def _reader(ring: KeyRing, caller: Caller, *, steward: bool | None = None) -> Principal:
    """The caller, who may read offers: as a steward, as a registrar, or as either. Raises Refused `not_permitted`."""
    principal = principal_of(ring, caller)
    as_steward, as_registrar = allows("offers.read_all", principal), allows("offers.read", principal, OWN)
    allowed = as_steward or as_registrar if steward is None else as_steward if steward else as_registrar
    if not allowed:
        raise Refused("not_permitted")
    return principal


def _under_own_id(ring: KeyRing, caller: Caller, offer: OfferSummary) -> dict[str, Any]:
    """The offer, its person under the caller's own id."""
    return offer.model_dump() | {"person": person_token(ring, caller.organisation, offer.person)}
