"""The sequencer on a real database: every batch becomes one leaf, whoever races and whoever is killed."""

import asyncio
import json
from typing import Any

import pytest

from chassis.messaging.retry import Health
from chassis.mongo import VersionConflict
from services.gateway.audit.publication import LogWentBack, Publication, folder_of
from services.gateway.audit.sequencer import Sequencer, keep_log, look_for_overdue
from services.gateway.audit.snapshot import read_batches, take_snapshot
from services.gateway.domain.transparency.exports import CHECKPOINT, KEY, verify_log
from services.gateway.domain.transparency.leaves import rows_of
from services.gateway.domain.transparency.merkle import inclusion_proof, leaf_hash, verify_inclusion
from services.gateway.domain.transparency.notes import Checkpoint, NoteKey, checkpoint
from services.gateway.domain.transparency.tiles import Growth, Tile, entries_of, nodes_of
from services.gateway.store.transparency import Head, TransparencyStore
from tests.eventually import eventually
from tests.gateway.audit.place import NAME, Place, many
from tests.gateway.domain.transparency.test_leaves import disclosed


class Killed(BaseException):
    """The process ended here."""


async def test_every_batch_becomes_a_leaf_that_commits_to_its_rows(place: Place) -> None:
    assert await place.sequencer().sequence() == 0
    await place.sequence(3)
    await place.sequence(40)
    await place.check(43)


async def test_of_sequencers_that_race_one_signs_and_each_batch_counts_once(place: Place) -> None:
    await place.disclose(70, rows=1)

    async def sequence() -> int:
        lost = 0
        while True:
            try:
                if not await place.sequencer().sequence():
                    return lost
            except VersionConflict:
                lost += 1

    await asyncio.gather(*(sequence() for _ in range(4)))
    await place.check(70)


class Stopping(TransparencyStore):
    """A store whose process is killed, or is overtaken, at a step of its one write."""

    def __init__(self, place: Place, *, after: bool, meanwhile: Any = None) -> None:
        super().__init__(place.client, place.database)
        self.after, self.meanwhile = after, meanwhile

    async def append(self, head: Head, growth: Growth, leaves: Any, note: bytes) -> None:
        if self.meanwhile:
            await self.meanwhile()
        elif not self.after:
            raise Killed
        await super().append(head, growth, leaves, note)
        raise Killed


@pytest.mark.parametrize("after", [False, True])
async def test_a_sequencer_that_is_killed_leaves_all_of_a_step_or_nothing(place: Place, after: bool) -> None:
    await place.disclose(5)
    with pytest.raises(Killed):
        await place.sequencer(Stopping(place, after=after)).sequence()
    found = await place.store.find_head()
    assert (found.edge.size if found else 0) == (5 if after else 0)
    await place.sequence(1)
    await place.check(6)


async def test_what_a_second_sequencer_signed_of_an_older_log_is_stored_nowhere(place: Place) -> None:
    await place.sequence(2)
    await place.disclose(3)
    late = Stopping(place, after=True, meanwhile=place.sequence)
    with pytest.raises(VersionConflict):
        await place.sequencer(late).sequence()
    await place.check(5)


# -- publication


async def test_the_files_are_those_of_the_specification_and_are_made_again_byte_for_byte(place: Place) -> None:
    await place.sequence(3)
    await place.publication.publish()
    head = await place.head()
    files = place.published(head.origin)
    assert set(files) == {CHECKPOINT, KEY, "tile/0/000.p/3", "tile/entries/000.p/3"}
    assert files[CHECKPOINT] == head.note
    for path in folder_of(place.folder, head.origin).rglob("*"):
        if path.is_file():
            path.unlink()
    await Publication(place.store, place.folder).publish()
    assert place.published(head.origin) == files


async def test_a_log_of_more_than_one_tile_is_published_and_read_from_its_files(place: Place) -> None:
    await place.database["disclosures"].insert_many(many(300))
    await place.sequence()
    await place.publication.publish()
    head = await place.head()
    files = place.published(head.origin)
    assert {"tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000"} <= set(files)
    node = nodes_of(300, lambda tile: files[tile.path])
    leaf = leaf_hash(entries_of(files["tile/entries/000"])[7])
    verify_inclusion(leaf, 7, 300, inclusion_proof(node, 7, 300), head.checkpoint.root)


async def test_whoever_publishes_late_does_not_make_the_log_shrink(place: Place) -> None:
    await place.sequence(2)

    class Late(TransparencyStore):
        """Another process publishes more while this one is at it."""

        async def read(self, head: Head, tile: Tile) -> bytes:
            if head.edge.size == 2:
                await place.sequence(1)
                await place.publication.publish()
            return await super().read(head, tile)

    await Publication(Late(place.client, place.database), place.folder).publish()
    head = await place.head()
    assert checkpoint(place.published(head.origin)[CHECKPOINT], NoteKey.parse(head.key)).size == head.edge.size > 2


async def test_a_restored_backup_goes_on_under_another_origin_and_signs_nothing_under_the_old_one(
    place: Place,
) -> None:
    await place.sequence(2)
    backup = {name: await place.database[name].find({}).to_list(None) for name in await names(place)}
    await place.sequence(3)
    await place.publication.publish()
    before = await place.head()
    for name, documents in backup.items():
        await place.database[name].delete_many({})
        if documents:
            await place.database[name].insert_many(documents)
    await place.disclose(4)
    with pytest.raises(LogWentBack):
        await Publication(place.store, place.folder).publish()
    health = Health()
    keeping = asyncio.create_task(
        keep_log(place.sequencer(), place.store, place.index, Publication(place.store, place.folder), health)
    )

    async def sequenced() -> bool:
        head = await place.head()
        return head.edge.size == 6 and "checkpoint" in place.published(head.origin)

    try:
        await eventually(sequenced, 60)
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
    head = await place.head()
    assert head.origin != before.origin
    assert head.origin.startswith(NAME)
    assert checkpoint(place.published(before.origin)[CHECKPOINT], NoteKey.parse(before.key)) == before.checkpoint
    await place.check(6)


async def names(place: Place) -> list[str]:
    return [name for name in await place.database.list_collection_names() if not name.startswith("system")]


async def test_another_key_gets_another_origin(place: Place) -> None:
    await place.sequence(1)
    before = await place.head()
    await place.disclose(1)
    await Sequencer(place.store, bytes(32), NAME).sequence()
    head = await place.head()
    assert (head.origin != before.origin, head.edge.size) == (True, 2)
    assert checkpoint(head.note, NoteKey.parse(head.key)) == Checkpoint(head.origin, 2, head.edge.root)


async def test_a_copy_for_auditors_holds_without_the_database(place: Place) -> None:
    await place.database["disclosures"].insert_many(many(260))
    await place.sequence()
    folder = await take_snapshot(place.client, place.database.name, place.folder)
    await place.sequence(2)
    assert await take_snapshot(place.client, place.database.name, place.folder) == folder
    key = NoteKey.parse((folder / KEY).read_text())
    found = verify_log(lambda name: (folder / name).read_bytes(), read_batches(folder), key)
    assert (found.checkpoint.size, found.rows) == (262, 264)


async def test_of_nothing_disclosed_there_is_no_copy(place: Place) -> None:
    with pytest.raises(LookupError):
        await take_snapshot(place.client, place.database.name, place.folder)


# -- alarm, erasure


async def test_what_stays_unsequenced_for_a_minute_is_an_alarm(place: Place) -> None:
    await place.disclose(1)
    assert 0 <= await look_for_overdue(place.store) < 60
    await place.database["disclosures"].insert_many(many(1))
    assert await look_for_overdue(place.store) > 60
    await place.sequence()
    assert await look_for_overdue(place.store) == 0


async def test_an_erased_row_is_gone_and_every_proof_still_holds(place: Place) -> None:
    await place.record.disclose([disclosed(1, person="erased-person"), disclosed(2), disclosed(3, receiver="BPS")])
    document = await place.database["disclosures"].find_one({})
    with pytest.raises(VersionConflict):
        await place.store.erase(document["_id"], frozenset({0}))
    await place.sequence(1)
    sequenced = await place.database["disclosures"].find_one({"_id": document["_id"]})
    salt = rows_of(sequenced)[0]
    await place.store.erase(document["_id"], frozenset({0, 2}))
    await place.check(2)
    left = await place.database["disclosures"].find_one({"_id": document["_id"]})
    assert salt is not None
    assert [row is None for row in rows_of(left)] == [True, False, True]
    text = json.dumps(left, default=lambda value: value.hex() if isinstance(value, bytes) else str(value))
    assert not any(part in text for part in ("erased-person", "copy-1", "BPS", salt.salt.hex()))
