"""What a delivery works with, in memory: it answers at once, may die at any step, and keeps what was done."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chassis.messaging.priority import yield_to_loop
from chassis.messaging.publisher import Message, Publisher
from chassis.messaging.retry import Outage
from contracts import notifications, registry
from contracts.notifications.reads import ReportWithIdentifiers
from services.gateway.clients import Services
from services.gateway.domain.copies import CopyBuilder, Disclosure
from services.gateway.exchange.alerts import AlertDelivery
from services.gateway.exchange.delivery import Delivery, Event, decode
from services.gateway.store import PendingEnrichment, Store
from tests.gateway.exchange.samples import NAMES, NOW, RING, envelope, record, selection, state

RECEIVER = "KBRI_KUL"


class Died(Exception):
    """The process ended here."""


class Around(Services, Store, Publisher):
    """The services, the store and the broker around a delivery.

    `away`: the database is. `silent`: the services are. `slow`: the first record of disclosures takes 6 s.
    `dies_before`: at which step, counted from 0, the process ends.
    """

    def __init__(self) -> None:
        self.done: list[str] = []
        self.sent: list[Message] = []
        self.disclosed: list[str] = []
        self.owed: dict[str, PendingEnrichment] = {}
        self.away = self.silent = self.slow = False
        self.seconds, self.reads, self.steps = 0.0, 0, 0
        self.dies_before: int | None = None

    def step(self, *done: str) -> None:
        """One write; raises Died instead of making it."""
        self.steps += 1
        if self.dies_before == self.steps - 1:
            raise Died
        self.done += done

    async def read_persons(self, versions: Mapping[str, int], **_: Any) -> dict[str, registry.PersonState]:
        if self.silent:
            raise Outage("the registry is away")
        self.reads += bool(versions)
        return {person: state(person=person, personal={"full_name": f"read {self.reads}"}) for person in versions}

    async def read_reports(self, alerts: Sequence[str], **_: Any) -> dict[str, ReportWithIdentifiers]:
        return {alert: ReportWithIdentifiers(alert=alert, asof=NOW, narrative="Terkunci") for alert in alerts}

    async def disclose(self, disclosures: Iterable[Disclosure]) -> None:
        if self.away:
            raise Outage("the database is away")
        made = list(disclosures)
        self.step(*(f"disclose {one.receiver}" for one in made))
        self.disclosed += [one.copy for one in made]
        if self.slow:
            self.seconds, self.slow = self.seconds + 6, False

    async def send_all(self, messages: Sequence[Message]) -> None:
        self.step(*("send" for _ in messages))
        self.sent += messages

    async def owe(self, owed: Sequence[PendingEnrichment]) -> None:
        self.step("owe")
        self.owed = {one.event: one for one in owed} | self.owed

    async def list_owed(self) -> list[PendingEnrichment]:
        return list(self.owed.values())

    async def settle(self, event: str) -> None:
        self.step("settle")
        self.owed.pop(event, None)


def told(event: registry.Departed | notifications.AlertRaised, offset: int = 0, **changes: Any) -> Event:
    """The event as it comes from its topic."""
    found = record(
        event.model_dump_json(exclude_none=True).encode(), envelope(event, **changes).headers(), offset=offset
    )
    return decode(found.headers, found.value, found)


def persons(around: Around) -> Delivery:
    return Delivery(CopyBuilder(RING, NAMES), around, around, around, lambda: selection(RECEIVER), yield_to_loop)


def alerts(around: Around) -> AlertDelivery:
    return AlertDelivery(CopyBuilder(RING, NAMES), around, around, around, lambda: selection(RECEIVER))
