"""The sequencer: makes every batch of disclosures a leaf of the log, and signs what the log is then."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from prometheus_client import Gauge

from chassis import telemetry
from chassis.messaging.retry import Health, LostRace, every, failure_of, retry_on_outage
from services.gateway.audit.publication import LogWentBack, Publication
from services.gateway.domain.transparency.leaves import leaf_of, rows_of
from services.gateway.domain.transparency.merkle import leaf_hash
from services.gateway.domain.transparency.notes import Checkpoint, note_key
from services.gateway.domain.transparency.tiles import grown
from services.gateway.store.disclosure_index import DisclosureIndex
from services.gateway.store.transparency import Head, TransparencyStore

AT_ONCE = 32
"""Batches of one transaction, of at most 1,000 rows each."""
BUSY = 4
INDEXED_AT_ONCE = 5
"""Leaves taken into the index before other work goes on; during a load no more a round."""
ROUND_SECONDS, PUBLISH_SECONDS, LOOK_SECONDS, INDEX_SECONDS = 1.0, 10.0, 10.0, 2.0
OVERDUE_SECONDS = 60.0
"""What is no leaf after this long is an alarm."""
OVERDUE = "disclosures are not sequenced"

Work = Callable[[], Awaitable[None]]

UNSEQUENCED = Gauge("simpul_disclosures_unsequenced_seconds", "Age of the oldest disclosures that are no leaf yet")


class Sequencer:
    """Any number may run at once: whoever is second reads again. `name` is what the log's origins begin with."""

    def __init__(self, store: TransparencyStore, private: bytes, name: str) -> None:
        self._store, self._private, self._name = store, private, name
        self.busy = False
        """Whether the last round found so many batches that there is a load."""

    async def sequence(self) -> int:
        """Make the oldest batches leaves; returns how many. Raises VersionConflict when another was first."""
        documents = await self._store.list_unsequenced(AT_ONCE)
        self.busy = len(documents) >= BUSY
        if not documents:
            return 0
        head = await self._head()
        leaves = []
        for document in documents:
            rows = [row for row in rows_of(document) if row is not None]
            leaves.append(leaf_of(document["_id"], document["at"], rows))
            await asyncio.sleep(0)  # copies go on between two batches
        growth = grown(head.edge, [leaf_hash(leaf.entry) for leaf in leaves])
        note = Checkpoint(head.origin, growth.edge.size, growth.edge.root).signed(self._private)
        await self._store.append(head, growth, leaves, note)
        return len(leaves)

    async def _head(self) -> Head:
        """The log's head; under a new origin when there is none, or when the key is another than that of the last."""
        head = await self._store.find_head()
        if head is None:
            return self._renamed(Head("", ""))
        return head if head.key == self._key(head.origin) else self._renamed(head)

    def _renamed(self, head: Head) -> Head:
        origin = f"{self._name}/{secrets.token_hex(4)}"
        return replace(head, origin=origin, key=self._key(origin))

    def _key(self, origin: str) -> str:
        return str(note_key(origin, self._private))

    async def renew(self) -> None:
        """Go on under a new origin: the database is older than what was published of it. Raises VersionConflict."""
        head = await self._store.find_head()
        if head is not None:
            renamed = self._renamed(head)
            telemetry.log.critical("transparency_log_renewed", size=head.edge.size)
            await self._store.put_head(renamed, renamed.checkpoint.signed(self._private))


async def look_for_overdue(store: TransparencyStore) -> float:
    """The age in seconds of the oldest batch that is no leaf, which an alarm rests on."""
    oldest = await store.oldest_unsequenced()
    age = (datetime.now(UTC) - oldest).total_seconds() if oldest else 0.0
    UNSEQUENCED.set(age)
    if age > OVERDUE_SECONDS:
        telemetry.log.error("disclosures_unsequenced", seconds=round(age))
    return age


async def fill_index(sequencer: Sequencer, index: DisclosureIndex) -> None:
    """Take into the index what are leaves by now; little of it while there is a load."""
    while await index.fill(INDEXED_AT_ONCE) == INDEXED_AT_ONCE and not sequencer.busy:
        await asyncio.sleep(0)


async def keep_log(
    sequencer: Sequencer, store: TransparencyStore, index: DisclosureIndex, publication: Publication, health: Health
) -> None:
    """Sequence, publish and index until cancelled; not ready while disclosures stay unsequenced for a minute.

    Nothing is signed before what was published is known to be what the database has.
    """

    async def sequence() -> None:
        while await sequencer.sequence() == AT_ONCE:
            await asyncio.sleep(0)

    async def publish() -> None:
        try:
            await publication.publish()
        except LogWentBack:
            await sequencer.renew()
            await publication.publish()

    async def look() -> None:
        if await look_for_overdue(store) > OVERDUE_SECONDS:
            health.waiting(OVERDUE)
        else:
            health.recovered(OVERDUE)

    await asyncio.gather(
        _sequence_after_check(sequence, publish, health),
        every(LOOK_SECONDS, look, health, "looking for disclosures"),
        every(INDEX_SECONDS, partial(fill_index, sequencer, index), health, "indexing disclosures"),
    )


async def _sequence_after_check(sequence: Work, publish: Work, health: Health) -> None:
    await retry_on_outage(_unless_second(publish), health, "publishing disclosures")
    await asyncio.gather(
        every(ROUND_SECONDS, _unless_second(sequence), health, "sequencing disclosures"),
        every(PUBLISH_SECONDS, _unless_second(publish), health, "publishing disclosures"),
    )


def _unless_second(work: Work) -> Work:
    """The next round does what another process was first to change."""

    async def attempt() -> None:
        error = await failure_of(work())
        if error is not None and not isinstance(error, LostRace):
            raise error

    return attempt
