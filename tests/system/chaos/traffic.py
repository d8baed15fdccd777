"""The load: records of several partners, twice and refused ones among them, alerts, answers, and people over HTTPS."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from aiokafka.errors import KafkaError

from contracts.topics import Names
from deploy.local.stack import Stack
from simulation.scenario import partner_messages
from simulation.scenario.partner_messages import PartnerMessage
from simulation.scenario.people import SimulatedPerson
from tests.system.chaos.officers import Officers
from tests.system.chaos.receiving import CountingPartner, Headers
from tests.system.load import BORDER, CONNECTED, INSURANCE, MISSION, SENDER, workers

FOREIGN = "KEMLU"
TOLD = (MISSION, FOREIGN, SENDER)
"""Who is told of a distress call from Hong Kong."""
"""Who gets a copy of every fact about these people."""

PEOPLE_EVERY, PEOPLE_AT_ONCE = 0.5, 4
DEPARTURES_EVERY, DEPARTURES_AT_ONCE = 1.0, 6
CALLS_EVERY, REFUSED_EVERY, ANSWERS_EVERY, OFFICERS_EVERY = 3.0, 2.0, 2.0, 1.5
"""Seconds."""
RECORDS_A_SECOND = 24.0
"""What this comes to, about."""
ODD: tuple[Headers, ...] = ((), (("ce_id", None), ("traceparent", None)), (("ce_id", b"\xff"), ("ce_id", b"2")))
"""Headers that no client library of a partner should send, and some do."""
PLACE = "at "
"""How the receipt of a record without readable id begins; the offset follows."""
AGAIN_AT_ONCE, AGAIN_LATER = 0.1, 0.1
"""Shares of the records that are sent twice: in one go, and some time later."""
RECORDS_REMEMBERED = 300


@dataclass
class Call:
    """A distress call: who was in distress, and when it was handed over (seconds since 1970)."""

    record: str
    person: SimulatedPerson
    sent: float


@dataclass
class Sent:
    """What one partner has sent, each record once, and the result that it must get."""

    expected: dict[str, str] = field(default_factory=dict)
    resent: int = 0


class Traffic:
    """Runs from `start` to `pause`; what was sent is then answered for.

    `pace`: how many times the usual load; `repeats`: some records are sent again later.
    """

    def __init__(self, stack: Stack, seed: int, seconds: float, *, pace: float = 1.0, repeats: bool = True) -> None:
        self.random, self.pace = Random(seed), pace
        self.later = AGAIN_LATER if repeats else 0.0
        names = Names(stack.prefix)
        self.partners = {code: CountingPartner(code, stack.partners[code], names) for code in CONNECTED}
        self.inboxes = {code: partner.counting for code, partner in self.partners.items()}
        self.sent = {code: Sent() for code in CONNECTED}
        count = int(pace * seconds * (PEOPLE_AT_ONCE / PEOPLE_EVERY + 1 / OFFICERS_EVERY)) + 1000
        self._supply: Iterator[SimulatedPerson] = iter(workers(count, seed))
        self.registered: list[SimulatedPerson] = []
        self.departed: list[SimulatedPerson] = []
        self.calls: list[Call] = []
        self.officers = Officers(stack, self._supply, self.inboxes[MISSION])
        self._again: deque[tuple[str, PartnerMessage]] = deque(maxlen=RECORDS_REMEMBERED)
        self._tasks: list[asyncio.Task[None]] = []
        self._enough = asyncio.Event()
        self._number = 0

    async def start(self) -> None:
        """Connect everybody and begin."""
        await asyncio.gather(*(partner.start() for partner in self.partners.values()))
        await self.officers.open_round()
        streams = (
            (PEOPLE_EVERY, self._register_and_place),
            (DEPARTURES_EVERY, self._let_depart),
            (REFUSED_EVERY, self._send_refused),
            (CALLS_EVERY, self._call),
            (ANSWERS_EVERY, self._answer),
            (OFFICERS_EVERY, self.officers.work),
        )
        self._tasks = [asyncio.create_task(self._repeat(every / self.pace, work)) for every, work in streams]

    async def _repeat(self, every: float, work: Callable[[], Awaitable[None]]) -> None:
        """Late work is not made up for: after an outage nobody sends a day's records at once."""
        while not self._enough.is_set():
            await work()
            try:
                await asyncio.wait_for(self._enough.wait(), every)
            except TimeoutError:
                continue

    async def pause(self, within: float = 180) -> None:
        """Send no more, once what is being sent is sent. Raises what ended a stream."""
        self._enough.set()
        async with asyncio.timeout(within):
            await asyncio.gather(*self._tasks)
            await self.officers.finish()

    async def stop(self) -> None:
        """Disconnect."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.officers.stop()
        await asyncio.gather(*(partner.stop() for partner in self.partners.values()), return_exceptions=True)

    # -- what partners send

    async def _send(self, code: str, batch: Sequence[PartnerMessage], result: str, *, urgent: bool = False) -> float:
        """Until the broker has it, as a partner's system would; returns when it was first handed over."""
        batch = [one for record in batch for one in [record] * (1 + (self.random.random() < AGAIN_AT_ONCE))]
        began = datetime.now(UTC).timestamp()
        self.sent[code].expected |= {record.id: result for record in batch}
        while True:
            try:
                await self.partners[code].send(batch, urgent=urgent)
            except KafkaError:
                self.sent[code].resent += len(batch)
                await asyncio.sleep(0.2)
            else:
                break
        if not urgent:
            self._again.extend((code, record) for record in batch if self.random.random() < self.later)
        return began

    async def _register_and_place(self) -> None:
        """Placements when the registrations are in the log: copies come in this order."""
        batch = [next(self._supply) for _ in range(PEOPLE_AT_ONCE)]
        at = datetime.now(UTC) - timedelta(days=3)
        await self._send(SENDER, [partner_messages.registration(SENDER, person, at) for person in batch], "applied")
        later = at + timedelta(days=1)
        await self._send(SENDER, [partner_messages.placement(SENDER, person, later) for person in batch], "applied")
        self.registered += batch

    async def _let_depart(self) -> None:
        """Of people whose records are applied: the border knows passports, and a stranger's opens a new person."""
        done = self.inboxes[SENDER].final
        waiting = self.registered[len(self.departed) : len(self.departed) + DEPARTURES_AT_ONCE]
        batch = []
        for person in waiting:
            if not {f"{person.nik}/daftar", f"{person.nik}/penempatan"} <= done:
                break
            batch.append(person)
        at = datetime.now(UTC) - timedelta(days=1)
        if batch:
            crossed = [partner_messages.departure(BORDER, person, at, counter="9") for person in batch]
            await self._send(BORDER, crossed, "applied")
            self.departed += batch
        for _ in range(min(3, len(self._again))):
            code, record = self._again.popleft()
            await self._resend(code, record)

    async def _resend(self, code: str, record: PartnerMessage) -> None:
        try:
            await self.partners[code].send([record])
        except KafkaError:
            self._again.append((code, record))

    async def _send_refused(self) -> None:
        """A departure that lacks everything, a placement by one who does not own such facts, and an odd message."""
        self._number += 1
        broken = partner_messages.partner_message(
            BORDER, f"rusak-{self._number}", "partner.departure.reported.v1", {"serial": 1}
        )
        await self._send(BORDER, [broken], "refused")
        if self.registered:
            person = self.random.choice(self.registered)
            foreign = partner_messages.placement(MISSION, person, datetime.now(UTC))
            await self._send(MISSION, [_renamed(foreign, f"asing-{self._number}")], "refused")
        await self._send_odd(self.random.choice(ODD))

    async def _send_odd(self, headers: Headers) -> None:
        """It has no id that could be read: its receipt names its place."""
        with suppress(KafkaError):
            offset = await self.partners[BORDER].append(headers)
            self.sent[BORDER].expected[f"{PLACE}{offset}"] = "refused"

    async def _call(self) -> None:
        """Somebody who has departed is in distress."""
        if self.departed:
            person = self.random.choice(self.departed)
            self._number += 1
            record = partner_messages.distress_call(SENDER, person, self._number)
            sent = await self._send(SENDER, [record], "applied", urgent=True)
            self.calls.append(Call(record.id, person, sent))

    async def _answer(self) -> None:
        """Social security answers its questions one after the other, and then again: a correction each."""
        questions = self.officers.questions(INSURANCE)
        if not questions or not self.officers.round_id:
            return
        self._number += 1
        indicator, kind = questions[self._number % len(questions)]
        given = partner_messages.round_answer(INSURANCE, self.officers.round_id, indicator, kind)
        await self._send(INSURANCE, [_renamed(given, f"jawaban-{self._number}")], "applied")


def _renamed(record: PartnerMessage, record_id: str) -> PartnerMessage:
    """The same under another id."""
    headers = tuple((name, record_id.encode() if name == "ce_id" else value) for name, value in record.headers)
    return replace(record, id=record_id, key=record_id.encode(), headers=headers)
