"""How much the document of one person, and the entry of one identifier, may hold. A document ends at 16 MB."""

import json
from collections.abc import Sequence

from services.registry.domain.actions import Action
from services.registry.domain.merge_records import MergeRecord

MAX_FACTS = 2_000
"""Actions and merge records of one person; one of each takes about 700 bytes."""
MAX_BYTES = 8_000_000
"""Of all facts of one person."""
MAX_HOLDERS = 50
"""Persons who carry one identifier. An identifier of more says nothing of who somebody is: it links nobody."""

_LARGEST_FACT = 256 * 1024
"""Bytes: no sender's record is larger."""
_OVERHEAD = 300
"""Bytes of an action beside its facts and personal values."""


class TooManyFacts(Exception):
    """The person has as many facts as one document holds. No sender can mend that: the record becomes a dead letter."""


def fits(actions: Sequence[Action], merge_records: Sequence[MergeRecord], *, further: int = 0) -> bool:
    """Whether one document may hold all of these, and some further merge records."""
    if len(actions) + len(merge_records) + further > MAX_FACTS:
        return False
    return len(actions) * _LARGEST_FACT <= MAX_BYTES or sum(map(_bytes, actions)) <= MAX_BYTES


def _bytes(action: Action) -> int:
    values = json.dumps([action.facts, action.personal], ensure_ascii=False, default=str)
    return _OVERHEAD + len(values.encode()) + sum(map(len, action.shared))
