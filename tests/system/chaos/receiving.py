"""A partner's system that counts every message, so that it is seen how often each was delivered."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.topics import Names
from deploy.local.kafka import KafkaLogin
from simulation.scenario.partners import Inbox, KafkaPartner

Headers = tuple[tuple[str, bytes | None], ...]


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


class CountingPartner(KafkaPartner):
    """As any, but counting, and able to send what no client library should."""

    def __init__(self, code: str, login: KafkaLogin, names: Names) -> None:
        super().__init__(code, login, names, urgent=True)
        self.inbox = self.counting = CountingInbox()

    async def append(self, headers: Headers) -> int:
        """A message without key, with a body that is no text and these headers; returns its offset."""
        topic = self.names.intake(self.code)
        return int((await self._producer.send_and_wait(topic, b"\xff", headers=list(headers))).offset)


def amplification(inboxes: Mapping[str, CountingInbox]) -> dict[str, float]:
    """How often each message came on average, by what it is, over all partners; 1 is once."""
    raw = sum((inbox.raw for inbox in inboxes.values()), Counter[str]())
    distinct = sum((inbox.distinct for inbox in inboxes.values()), Counter[str]())
    return {kind: raw[kind] / count for kind, count in distinct.items() if count}
