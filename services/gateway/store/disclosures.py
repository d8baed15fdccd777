"""The record of disclosures as documents: one holds what a batch disclosed, grouped by what its rows share."""

import os
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import uuid4

from services.gateway.domain.copies import Disclosure
from services.gateway.domain.transparency.leaves import SALT_BYTES

SCHEMA = 3
MAX_ROWS = 1000
"""Of one document: a leaf of the transparency log holds 32 bytes for each, and at most 65,535 in all."""
UNSEQUENCED = -1
"""The `leaf` of a document that is no leaf of the transparency log yet."""


def disclosure_documents(disclosures: Iterable[Disclosure], now: datetime) -> list[dict[str, Any]]:
    """New documents of all rows, each row with a random salt of its own."""
    left, documents = iter(disclosures), []
    while rows := list(islice(left, MAX_ROWS)):
        documents.append(_document(rows, now))
    return documents


def _document(rows: Iterable[Disclosure], now: datetime) -> dict[str, Any]:
    groups: dict[tuple[Any, ...], list[list[Any]]] = {}
    for row in rows:
        group = groups.setdefault((row.receiver, row.agreement, row.purpose, row.fields), [])
        group.append([row.copy, row.event, row.person, row.asof, row.owner])
    return {
        "_id": str(uuid4()),
        "schema": SCHEMA,
        "at": now,
        "leaf": UNSEQUENCED,
        "disclosed": [
            {
                "receiver": receiver,
                "agreement": agreement,
                "purpose": purpose,
                "fields": list(fields),
                "copies": copies,
                "salts": os.urandom(SALT_BYTES * len(copies)),
            }
            for (receiver, agreement, purpose, fields), copies in groups.items()
        ],
    }
