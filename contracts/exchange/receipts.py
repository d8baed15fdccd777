"""What partners are told of the records that they sent."""

from __future__ import annotations

from typing import Literal

from contracts.exchange.values import PersonToken
from contracts.model import StrictModel
from contracts.outcomes import Problem


class Receipt(StrictModel):
    """What became of one record. `record` is the sender's own ce_id; absent when that could not be read."""

    receipt: str
    """Id of this receipt; a receipt delivered twice carries the same id."""
    record: str | None = None
    offset: int | None = None
    """Position in the sender's topic, when the record had no readable id."""
    result: Literal["applied", "refused", "held"]
    person: PersonToken | None = None
    subject: str | None = None
    """Id of the alert, round or answer that came of it."""
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    """`waits_for_owner`: the registration has no effect until the owner of the person accepts it."""


class ReceiptsReported(StrictModel):
    """Receipts of one batch, for the organisation that sent the records."""

    type: Literal["exchange.receipts.reported.v1"] = "exchange.receipts.reported.v1"
    receipts: tuple[Receipt, ...]
