"""How many records of each partner are refused, and why: an organisation's code is no personal data."""

from collections.abc import Iterable

from prometheus_client import Counter

from contracts.exchange import Receipt
from services.gateway.domain.receipts import ReplyTo

REFUSED = Counter("simpul_refused_total", "Records refused, by sender and first code", ["organisation", "code"])


def count_refusals(receipts: Iterable[tuple[ReplyTo, Receipt]]) -> None:
    """Of receipts that were sent."""
    for reply_to, receipt in receipts:
        if receipt.result == "refused":
            REFUSED.labels(reply_to.organisation, receipt.problems[0].code).inc()
