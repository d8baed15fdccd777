"""The offers: a list of the registrations that wait, and of those decided on, made from the persons that have them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo import DeleteOne, ReplaceOne

from chassis.documents import Codec
from chassis.mongo import Database, Index, Session
from contracts.registry import OfferSide, OfferStatus
from services.registry.domain.offers import WORKING_DAYS, ListedOffer, offers_of
from services.registry.domain.person import Person, Stored
from services.registry.domain.working_days import over_by

INDEXES: tuple[Index, ...] = (
    ("offers", (("status", 1), ("place", 1)), {}),
    ("offers", (("owner", 1), ("status", 1), ("place", 1)), {}),
    ("offers", (("by", 1), ("status", 1), ("place", 1)), {}),
)
_OFFERS = Codec(ListedOffer)


class Offers:
    """The collection `offers`. What it says is written in the transaction that writes the persons."""

    def __init__(self, database: Database) -> None:
        self.collection = database["offers"]

    async def find(self, offer: str) -> ListedOffer | None:
        """One offer; None where there is none."""
        document = await self.collection.find_one({"_id": offer})
        return _OFFERS.read(document) if document else None

    async def list_offers(
        self, side: OfferSide, organisations: Sequence[str], status: OfferStatus, after: str | None, limit: int,
        now: datetime,
    ) -> list[ListedOffer]:  # fmt: skip
        """The oldest first, of these owners or authors, beyond a place given by `place`.

        Stewards are shown what has waited for five working days, and all that is decided.
        """
        query: dict[str, Any] = {"status": status}
        bounds: dict[str, str] = {"$gt": after} if after else {}
        if side == "steward":
            bounds |= {"$lt": _time(over_by(now, WORKING_DAYS))} if status == "waiting" else {}
        else:
            query["owner" if side == "owner" else "by"] = _any_of(organisations)
        query |= {"place": bounds} if bounds else {}
        documents = await self.collection.find(query).sort("place", 1).limit(limit).to_list(None)
        return [_OFFERS.read(document) for document in documents]

    async def save(self, changes: Iterable[tuple[Stored | None, Stored]], session: Session) -> None:
        """The offers of persons as they were read and as they are now. The persons' revisions guard them."""
        before: dict[str, ListedOffer] = {}
        after: dict[str, ListedOffer] = {}
        for read, changed in changes:
            before |= _offers(read)
            after |= _offers(changed)
        writes: list[Any] = [DeleteOne({"_id": offer}) for offer in before.keys() - after.keys()]
        writes += [
            ReplaceOne({"_id": name}, _document(offer), upsert=True)
            for name, offer in after.items()
            if before.get(name) != offer
        ]
        if writes:
            await self.collection.bulk_write(writes, ordered=False, session=session)


def place(offer: ListedOffer) -> str:
    """Where an offer stands in a list: the cursor of what comes after it."""
    return f"{_time(offer.offered_at)}_{offer.id}"


def _any_of(organisations: Sequence[str]) -> Any:
    return organisations[0] if len(organisations) == 1 else {"$in": list(organisations)}


def _offers(stored: Stored | None) -> dict[str, ListedOffer]:
    return {offer.id: offer for offer in offers_of(stored)} if isinstance(stored, Person) else {}


def _document(offer: ListedOffer) -> dict[str, Any]:
    return _OFFERS.document(offer) | {"place": place(offer)}


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
