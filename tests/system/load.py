"""A steady load on a running stack, and what must be true of it afterwards, whatever happened meanwhile."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from contracts.topics import Names
from deploy.local.stack import Stack
from simulation.scenario import partner_messages
from simulation.scenario.partners import KafkaPartner
from simulation.scenario.people import SimulatedPerson, people
from tests.eventually import eventually

SENDER, MISSION, REGENCY, INSURANCE, BORDER = "KP2MI", "KJRI_HKG", "KAB-33.07", "BPJS_TK", "KEMENIMIPAS"
CONNECTED = (SENDER, MISSION, REGENCY, INSURANCE, BORDER, "KEMLU")
RECEIVERS = (MISSION, REGENCY, INSURANCE)

FACTS = ("registry.person.registered.v1", "registry.episode.placement_recorded.v1")

PEOPLE_AT_ONCE, EVERY = 10, 0.2
"""About 100 records a second: a registration and a placement each."""
PROOF = 50
"""People by whom it is seen that records flow again."""


def workers(count: int, seed: int) -> list[SimulatedPerson]:
    """People from Wonosobo who go to Hong Kong: the same three receivers get copies about each."""
    return [replace(p, home_regency="33.07", destination="HK") for p in people(count, seed)]


class Load:
    """Registrations and placements of ever new people, until stopped."""

    def __init__(self, stack: Stack, seed: int = 1) -> None:
        names = Names(stack.prefix)
        self.partners = {
            code: KafkaPartner(code, stack.partners[code], names, urgent=code != INSURANCE) for code in CONNECTED
        }
        self.sent: dict[str, float] = {}
        self.people: list[SimulatedPerson] = []
        self._supply: Iterator[SimulatedPerson] = iter(workers(20_000, seed))
        self._running: asyncio.Task[None] | None = None
        self._enough = False

    @property
    def sender(self) -> KafkaPartner:
        return self.partners[SENDER]

    async def start(self) -> None:
        """Connect the partners and begin."""
        await asyncio.gather(*(partner.start() for partner in self.partners.values()))
        self._running = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while not self._enough:
            await self.send(PEOPLE_AT_ONCE)
            await asyncio.sleep(EVERY)

    async def send(self, count: int) -> list[str]:
        """Register and place the next people; returns the ids of the records."""
        batch = [next(self._supply) for _ in range(count)]
        at = datetime.now(UTC) - timedelta(days=3)
        registered = [partner_messages.registration(SENDER, p, at) for p in batch]
        placed = [partner_messages.placement(SENDER, p, at + timedelta(days=1)) for p in batch]
        sent = await self.sender.send([*registered, *placed])
        self.sent |= sent
        self.people += batch
        return list(sent)

    async def flows(self, within: float = 60) -> None:
        """The next people are all answered for: enough of them to reach every partition."""
        marker = len(self.people)

        def answered() -> bool:
            later = [f"{p.nik}/daftar" for p in self.people[marker : marker + PROOF]]
            return len(later) == PROOF and self.sender.inbox.final.issuperset(later)

        await eventually(answered, timeout=within, every=0.1)

    async def pause(self) -> None:
        """Send no more, once what is being sent is sent; that goes on."""
        self._enough = True
        if self._running:
            await self._running
            self._running = None

    async def stop(self) -> None:
        """Disconnect."""
        await self.pause()
        await asyncio.gather(*(partner.stop() for partner in self.partners.values()))

    async def settles(self, within: float = 180) -> None:
        """Every record has its final receipt, and every receiver both copies about every person."""
        await eventually(lambda: self.sender.inbox.final >= self.sent.keys(), timeout=within, every=0.2)
        await eventually(lambda: all(map(self._has_both, RECEIVERS)), timeout=within, every=0.2)

    def _has_both(self, receiver: str) -> bool:
        events = self.partners[receiver].inbox.events
        return min(events[fact] for fact in FACTS) >= len(self.people)

    def check_receipts(self) -> None:
        """Each record was applied, and no receipt says anything else."""
        results = Counter(r.result for one in self.sent for r in self.sender.inbox.receipts[one])
        assert results == {"applied": len(self.sent)}

    def check_copies(self) -> None:
        """Each receiver got each fact about each person once, in the order of the facts."""
        for code in RECEIVERS:
            told: dict[str, list[str]] = {}
            for copy in self.partners[code].inbox.of_type("exchange.person.copied.v1"):
                told.setdefault(copy.body["person"], []).append(copy.body["event"])
            assert len(told) == len(self.people), code
            assert all(events == list(FACTS) for events in told.values()), code
