"""What was disclosed: to an organisation, and of the persons that it registered, for its data protection officer."""

import re
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from chassis.security.keys import KeyRing
from contracts.authority import check
from contracts.exchange import PersonToken
from contracts.model import Code, Model
from contracts.outcomes import Refused
from services.gateway.api.caller import CallerOf
from services.gateway.api.disclosures import reading
from services.gateway.api.openapi import refuses
from services.gateway.api.submit_and_wait import principal_of
from services.gateway.domain.receiver_ids import UnknownToken, person_of_any, person_token
from services.gateway.store import Store
from services.gateway.store.disclosure_index import DisclosureIndex, FoundRow, Place, RowPage, Wanted
from services.gateway.tokens import Caller

AGREEMENT, PURPOSE = "data-protection/1", "data_protection"
"""What the record says of a reading of the record itself (UU 27/2022 art. 53)."""
READ_BY = "read by "
CURSOR = re.compile(r"^([0-9]{1,15})\.([0-9]{1,5})\Z")


class DisclosureView(Model):
    """One disclosure. `fields` are names, never values. Times are UTC; `leaf` and `row` say where the log has it.

    `person` is your own id of it, absent while nobody was known. `receiver` got a copy, or read.
    """

    at: datetime
    receiver: Code
    purpose: str
    agreement: str
    kind: Literal["copy", "reading"]
    fields: tuple[str, ...]
    person: PersonToken | None = None
    asof: datetime | None = None
    leaf: int
    row: int


class DisclosureList(Model):
    """Newest first. `after` is the cursor of the next page, which may be empty and still name another."""

    disclosures: tuple[DisclosureView, ...]
    after: str | None = None


def router(identify: CallerOf, ring: KeyRing, store: Store, index: DisclosureIndex) -> APIRouter:
    """The route /v1/disclosures."""
    routes = APIRouter(prefix="/v1/disclosures", tags=["disclosures"])

    async def officer(caller: Annotated[Caller, Depends(identify)]) -> Caller:
        check("disclosures.read", principal_of(ring, caller))
        return caller

    @routes.get(
        "",
        summary="What was disclosed to your organisation, and of the persons that it registered",
        response_model_exclude_none=True,
        responses=refuses("not_permitted", "invalid_value"),
    )
    async def list_disclosures(
        caller: Annotated[Caller, Depends(officer)],
        person: PersonToken | None = None,
        receiver: Code | None = None,
        purpose: Annotated[str | None, Query(pattern=r"^[a-z][a-z_]{1,39}$")] = None,
        since: AwareDatetime | None = None,
        until: AwareDatetime | None = None,
        after: Annotated[str | None, Query(max_length=24)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> DisclosureList:
        """A disclosure is listed some seconds after it was recorded, later during a load.

        Every reading is put on record itself before it is answered.
        """
        about = _person(ring, caller, person) if person else None
        first, last = _instant(since, "since"), _instant(until, "until")
        wanted = Wanted(caller.organisation, about, receiver, purpose, first, last, caller.succeeds)
        page = await index.page(wanted, _place(after) if after else None, limit)
        return await _disclosed_list(ring, store, caller, page)

    return routes


async def _disclosed_list(ring: KeyRing, store: Store, caller: Caller, page: RowPage) -> DisclosureList:
    """The page under the caller's own ids, after its reading is on record itself."""
    persons = dict.fromkeys(located.row.person for located in page.rows if located.row.person)
    await store.disclose(
        reading(ring, caller, person, ("disclosures",), agreement=AGREEMENT, purpose=PURPOSE) for person in persons
    )
    rows = tuple(_view(ring, caller, located) for located in page.rows)
    return DisclosureList(disclosures=rows, after=f"{page.after.leaf}.{page.after.row}" if page.after else None)


def _person(ring: KeyRing, caller: Caller, token: str) -> str:
    """An id that is not the caller's is nobody's."""
    try:
        return person_of_any(ring, caller.stands_for, token)
    except UnknownToken:
        return token


def _instant(moment: datetime | None, name: str) -> datetime | None:
    """In UTC, which some moments of the years 1 and 9999 are not. Raises Refused `invalid_value`."""
    try:
        return moment and moment.astimezone(UTC)
    except OverflowError:
        raise Refused("invalid_value", f"/query/{name}") from None


def _place(cursor: str) -> Place:
    match = CURSOR.match(cursor)
    if match is None:
        raise Refused("invalid_value", "/query/after")
    return Place(int(match[1]), int(match[2]))


def _view(ring: KeyRing, caller: Caller, located: FoundRow) -> DisclosureView:
    row = located.row
    return DisclosureView(
        at=located.at,
        receiver=row.receiver,
        purpose=row.purpose,
        agreement=row.agreement,
        kind="reading" if row.event.startswith(READ_BY) else "copy",
        fields=row.fields,
        person=person_token(ring, caller.organisation, row.person) if row.person else None,
        asof=row.asof,
        leaf=located.place.leaf,
        row=located.place.row,
    )
