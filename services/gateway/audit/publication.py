"""Tiles, bundles of entries and the checkpoint as files (C2SP tlog-tiles), made of the database byte for byte."""

from __future__ import annotations

import asyncio
import fcntl
import os
from pathlib import Path

from services.gateway.domain.transparency.exports import CHECKPOINT, KEY
from services.gateway.domain.transparency.notes import BadNote, Checkpoint, NoteKey, checkpoint
from services.gateway.domain.transparency.tiles import WIDTH, Edge, Tile, tiles_of
from services.gateway.store.transparency import Head, TransparencyStore


class LogWentBack(Exception):
    """What was published is not what the database has, or more: the database was restored from a backup."""


class Publication:
    """Writes a folder of the log for each origin below `folder`; nothing without one.

    What a checkpoint speaks of stands there before it. No file is ever replaced by one that says less.
    """

    def __init__(self, store: TransparencyStore, folder: Path | None) -> None:
        self._store, self._folder = store, folder
        self._published: Checkpoint | None = None

    async def publish(self) -> Head | None:
        """Write what came since the last time; returns the head that was written. Raises LogWentBack."""
        head = await self._store.find_head()
        if head is None or self._folder is None:
            return None
        folder = folder_of(self._folder, head.origin)
        since = await self._size_published(folder, head)
        if since == head.edge.size and since:
            return head
        for tile in tiles_of(head.edge.size, since):
            content = await self._store.read(head, tile)
            await asyncio.to_thread(write, folder / tile.path, content)
        await asyncio.to_thread(write, folder / KEY, f"{head.key}\n".encode())
        await asyncio.to_thread(write_checkpoint, folder, head)
        return head

    async def _size_published(self, folder: Path, head: Head) -> int:
        """How many leaves the folder has, after a look whether they are those of the database."""
        published = await asyncio.to_thread(read_published, folder, head)
        if published is None:
            return 0
        if published != self._published:
            if published.size > head.edge.size or published.root != await self._root(head, published.size):
                raise LogWentBack
            self._published = published
        if published.size > head.edge.size:
            raise LogWentBack
        return published.size

    async def _root(self, head: Head, size: int) -> bytes:
        """Of the database's log when it had `size` leaves."""
        partial, level = [], 0
        while count := size // WIDTH**level:
            tile = Tile(level, count // WIDTH, count % WIDTH)
            partial.append(await self._store.read(head, tile) if tile.width else b"")
            level += 1
        return Edge(size, tuple(partial)).root


def folder_of(folder: Path, origin: str) -> Path:
    """Each origin has a folder of its own, of the last part of its name."""
    return folder / origin.rpartition("/")[2]


def read_published(folder: Path, head: Head) -> Checkpoint | None:
    """What the folder says of this log; None before its first checkpoint. Raises LogWentBack for what no key of it
    signed."""
    try:
        return checkpoint((folder / CHECKPOINT).read_bytes(), NoteKey.parse(head.key))
    except FileNotFoundError:
        return None
    except BadNote:
        raise LogWentBack from None


def write_checkpoint(folder: Path, head: Head) -> None:
    """Unless another process has written a later one meanwhile."""
    with (folder / ".lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        published = read_published(folder, head)
        if published is None or published.size <= head.edge.size:
            write(folder / CHECKPOINT, head.note)


def write(path: Path, content: bytes) -> None:
    """Complete, or not there; on disk before it returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
