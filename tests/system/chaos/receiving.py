"""A partner's inbox that counts every message, so that it is seen how often each was delivered."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from simulation.scenario.partners import Inbox


@dataclass
class CountingInbox(Inbox):
    """`raw`: messages and receipts as they came, by what they are; `recorded`: ce_recordedtime of each copy, by id."""

    raw: Counter[str] = field(default_factory=Counter)
    recorded: dict[str, str] = field(default_factory=dict)

    def take(self, headers: Mapping[str, str], value: bytes, at: float) -> None:
        super().take(headers, value, at)
        if headers["ce_type"] == "exchange.receipts.reported.v1":
            self.raw["receipts"] += len(json.loads(value)["receipts"])
        else:
            self.raw["copies"] += 1
            self.recorded.setdefault(headers["ce_id"], headers.get("ce_recordedtime", ""))

    @property
    def distinct(self) -> Counter[str]:
        """The same, each once."""
        return Counter(copies=len(self.copies), receipts=sum(map(len, self.receipts.values())))


def amplification(inboxes: Mapping[str, CountingInbox]) -> dict[str, float]:
    """How often each message came on average, by what it is, over all partners; 1 is once."""
    raw = sum((inbox.raw for inbox in inboxes.values()), Counter[str]())
    distinct = sum((inbox.distinct for inbox in inboxes.values()), Counter[str]())
    return {kind: raw[kind] / count for kind, count in distinct.items() if count}
