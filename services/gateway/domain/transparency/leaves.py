"""A leaf of the log: the commitments to every row of one batch of disclosures, and the rows they commit to."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from contracts.envelope import stamp
from services.gateway.domain.transparency.merkle import HASH_BYTES

SALT_BYTES = 16
_HEADER = struct.Struct(">8s16sQ")
_KIND = b"simpul1\n"


class BadLeaf(Exception):
    """An entry of the log is no leaf of ours, or rows are not those that it commits to."""


@dataclass(frozen=True, slots=True)
class Row:
    """One disclosure. `event` is the source event, or who read; `person` is None while nobody is known, and `owner` is
    the institution that had registered it."""

    receiver: str
    agreement: str
    purpose: str
    fields: tuple[str, ...]
    copy: str
    event: str
    person: str | None
    asof: datetime | None
    owner: str | None = None

    def commitment(self, salt: bytes) -> bytes:
        """SHA-256 over the salt and the row as JSON: without the salt nobody can test a guess of the row."""
        return sha256(salt + to_json(self.written)).digest()

    @property
    def written(self) -> list[Any]:
        """The row as JSON has it."""
        asof = stamp(self.asof) if self.asof else None
        names = [self.receiver, self.agreement, self.purpose, list(self.fields)]
        return [*names, self.copy, self.event, self.person, asof, self.owner]

    @classmethod
    def read(cls, written: Sequence[Any]) -> Row:
        """Of `written`. Raises BadLeaf."""
        try:
            receiver, agreement, purpose, fields, copy, event, person, asof, owner = written
            moment = datetime.fromisoformat(asof) if asof else None
        except (ValueError, TypeError):
            raise BadLeaf("this is no row of a record of disclosures") from None
        return cls(receiver, agreement, purpose, tuple(fields), copy, event, person, moment, owner)


@dataclass(frozen=True, slots=True)
class Committed:
    """A row and its salt; None where both were erased."""

    row: Row
    salt: bytes


@dataclass(frozen=True, slots=True)
class Leaf:
    """One batch as the log has it: its id, when it was appended (UTC, milliseconds), and a commitment for each row."""

    batch: str
    at: datetime
    commitments: tuple[bytes, ...]

    @property
    def entry(self) -> bytes:
        """The bytes that the log hashes."""
        milliseconds = round(self.at.timestamp() * 1000)
        return _HEADER.pack(_KIND, UUID(self.batch).bytes, milliseconds) + b"".join(self.commitments)

    @classmethod
    def read(cls, entry: bytes) -> Leaf:
        """Raises BadLeaf."""
        commitments = entry[_HEADER.size :]
        if not entry.startswith(_KIND) or len(entry) < _HEADER.size or len(commitments) % HASH_BYTES:
            raise BadLeaf("this is no leaf of a record of disclosures")
        _, batch, milliseconds = _HEADER.unpack_from(entry)
        at = datetime.fromtimestamp(milliseconds / 1000, UTC)
        parts = tuple(commitments[place : place + HASH_BYTES] for place in range(0, len(commitments), HASH_BYTES))
        return cls(str(UUID(bytes=batch)), at, parts)

    def check(self, rows: Sequence[Committed | None]) -> None:
        """Raises BadLeaf unless every row that is left is the one committed to at its place."""
        if len(rows) != len(self.commitments):
            raise BadLeaf(f"batch {self.batch} has {len(rows)} rows, its leaf {len(self.commitments)}")
        for number, (committed, commitment) in enumerate(zip(rows, self.commitments, strict=True)):
            if committed is not None and committed.row.commitment(committed.salt) != commitment:
                raise BadLeaf(f"row {number} of batch {self.batch} is not the one that was recorded")


def rows_of(document: Mapping[str, Any]) -> list[Committed | None]:
    """The rows of a document of the record, in the order of their commitments; None for one that was erased."""
    return [row for group in document["disclosed"] for row in _rows_of(group)]


def _rows_of(group: Mapping[str, Any]) -> Iterator[Committed | None]:
    salts = bytes(group["salts"])
    for number, copy in enumerate(group["copies"]):
        if copy is None:
            yield None
            continue
        name, event, person, asof, owner = copy
        names = group["receiver"], group["agreement"], group["purpose"], tuple(group["fields"])
        salt = salts[number * SALT_BYTES : (number + 1) * SALT_BYTES]
        yield Committed(Row(*names, name, event, person, asof, owner), salt)


def leaf_of(batch: str, at: datetime, rows: Iterable[Committed]) -> Leaf:
    """The leaf of a batch of which nothing was erased yet."""
    return Leaf(batch, at, tuple(committed.row.commitment(committed.salt) for committed in rows))
