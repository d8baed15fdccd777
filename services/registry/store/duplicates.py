"""The duplicate reviews: by person, in the order of age or weight, and counted."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from chassis.documents import Codec
from chassis.mongo import Database, Index, Session, find_in, save_guarded
from contracts.registry import Band, DuplicateOrder, DuplicateStatus
from services.registry.domain.duplicates import DuplicateReview, Event

INDEXES: tuple[Index, ...] = (
    ("duplicates", (("persons", 1),), {}),
    ("duplicates", (("status", 1), ("age", 1)), {}),
    ("duplicates", (("status", 1), ("rank", 1)), {}),
    ("duplicates", (("opened_on", 1),), {}),
    ("duplicates", (("decided_on", 1),), {}),
    ("duplicates", (("tally", 1),), {}),
)
"""`age` and `rank` end in the id, so that each has its place in a list; `tally` has what is counted by month."""

_ORDERS: Mapping[DuplicateOrder, str] = {"age": "age", "weight": "rank"}
_HEAVIEST = 1000.0
EVEN = 0.5
"""Probability from which on the model holds two for one."""


_REVIEWS = Codec(DuplicateReview)


class DuplicateReviews:
    """The collection `duplicates`."""

    def __init__(self, database: Database) -> None:
        self.collection = database["duplicates"]

    async def find(self, ids: Iterable[str]) -> dict[str, DuplicateReview]:
        """Those that exist, by id."""
        return _by_id(await find_in(self.collection, "_id", ids))

    async def find_of(self, persons: Iterable[str]) -> dict[str, DuplicateReview]:
        """Every review that one of these persons is in, by id."""
        return _by_id(await find_in(self.collection, "persons", persons, chunk=25))

    async def list_duplicates(
        self, status: DuplicateStatus, order: DuplicateOrder, band: Band | None, after: str | None, limit: int
    ) -> list[DuplicateReview]:
        """Duplicate reviews of one status, oldest or heaviest first, beyond a place given by `place`."""
        name = _ORDERS[order]
        query: dict[str, Any] = {"status": status}
        query |= ({"band": band} if band else {}) | ({name: {"$gt": after}} if after else {})
        documents = await self.collection.find(query).sort(name, 1).limit(limit).to_list(None)
        return [_REVIEWS.read(document) for document in documents]

    async def count_open(self, opened_before: datetime) -> int:
        """How many are open that were opened before a time (UTC)."""
        query = {"status": "open", "age": {"$lt": _time(opened_before)}}
        return int(await self.collection.count_documents(query))

    async def count_day(self, what: str, day: str) -> int:
        """Duplicate reviews `opened_on` or last `decided_on` a UTC day."""
        return int(await self.collection.count_documents({what: day}))

    async def count_judged(self, month: str, band: Band, *, agreed: bool) -> int:
        """Stewards' standing decisions of a month, on the model's side or the other."""
        return int(await self.collection.count_documents({"tally": f"{month} {band} {_SIDE[agreed]}"}))

    async def count_again(self, month: str, *, upheld: bool) -> int:
        """Duplicate reviews decided again in a month, as before or otherwise."""
        return int(await self.collection.count_documents({"tally": f"{month} {_AGAIN[upheld]}"}))

    async def save(self, reviews: Iterable[DuplicateReview], session: Session) -> None:
        """Write what is new (revision 0) and what changed. Raises VersionConflict."""
        await save_guarded(self.collection, map(_document, reviews), session)


_SIDE: Mapping[bool, str] = {True: "agreed", False: "opposed"}
_AGAIN: Mapping[bool, str] = {True: "upheld", False: "reversed"}


def place(review: DuplicateReview, order: DuplicateOrder) -> str:
    """Where a duplicate review stands in a list: the cursor of what comes after it, as it may stand in an address."""
    if order == "age":
        return f"{_time(review.opened_at)}_{review.id}"
    return f"{_HEAVIEST - review.weight:010.3f}_{review.id}"


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _document(review: DuplicateReview) -> dict[str, Any]:
    """With the fields that reviews are listed and counted by."""
    judged = review.judgements
    document = _REVIEWS.document(review) | {
        "status": "decided" if review.decision else "open",
        "age": place(review, "age"),
        "rank": place(review, "weight"),
        "band": review.band,
        "opened_on": f"{review.opened_at:%Y-%m-%d}",
    }
    if judged and review.decision:
        document |= {"decided_on": f"{judged[-1].at:%Y-%m-%d}", "tally": _tally(review, judged)}
    return document


def _tally(review: DuplicateReview, judged: Sequence[Event]) -> list[str]:
    """Nothing of a duplicate review that no model judged."""
    if not review.model:
        return []
    month = f"{judged[-1].at:%Y-%m}"
    agreed = (judged[-1].decision == "same") == (review.probability >= EVEN)
    counted = [f"{month} {review.band} {_SIDE[agreed]}"]
    if len(judged) > 1:
        counted.append(f"{month} {_AGAIN[judged[-1].decision == judged[-2].decision]}")
    return counted


def _by_id(documents: Iterable[Mapping[str, Any]]) -> dict[str, DuplicateReview]:
    return {document["_id"]: _REVIEWS.read(document) for document in documents}
