"""One day's plan: which journey each worker takes, and what is sent of it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from simulation.population.constructed_numbers import make_nik
from simulation.scenario import partner_messages
from simulation.scenario.invalid_registrations import DEFECTS, Defect, spread_defects
from simulation.scenario.participants import BORDER_CONTROL, IDENTITY_AUTHORITY, REGISTRY_OWNER
from simulation.scenario.partner_messages import PartnerMessage
from simulation.scenario.people import SimulatedPerson, people

SEED = 2026
REGISTRATIONS_PER_DEFECT = 50
"""One of so many registrations is invalid."""
LOOKALIKES = 6
"""Registrations of a day that resemble an earlier one, so that a steward has pairs to decide."""
_LOOKALIKE_DISTRICT = 97
"""Of their NIK: like 99, a district that no regency has."""


class Journey(StrEnum):
    """What happens to a worker, and in which order it is reported."""

    REGISTERED = "registered, not placed yet"
    PLACED = "placed"
    DEPARTED = "placed, departed"
    DEPARTED_TWICE = "the departure reported again under its id, and once more under another"
    DEPARTED_BEFORE_PLACEMENT = "the departure arrives before the placement"
    DEPARTED_BEFORE_REGISTRATION = "the departure arrives before the registration"
    DEPARTED_UNPLACED = "departed without a placement"


_JOURNEYS = (
    *[Journey.REGISTERED] * 6,
    *[Journey.PLACED] * 64,
    *[Journey.DEPARTED] * 20,
    *[Journey.DEPARTED_BEFORE_PLACEMENT] * 4,
    *[Journey.DEPARTED_TWICE] * 2,
    *[Journey.DEPARTED_UNPLACED] * 3,
    Journey.DEPARTED_BEFORE_REGISTRATION,
)
_NOT_PLACED = frozenset({Journey.REGISTERED, Journey.DEPARTED_UNPLACED})
_STAYED = frozenset({Journey.REGISTERED, Journey.PLACED})


@dataclass(frozen=True, slots=True)
class WorkerPlan:
    """One worker's part in the day. `matched` is Kemendagri's answer, None when it gives none."""

    person: SimulatedPerson
    journey: Journey
    matched: bool | None
    defect: Defect | None = None

    @property
    def departs(self) -> bool:
        """Whether the border sees them leave, in whatever order it is reported."""
        return self.journey not in _STAYED


@dataclass(frozen=True, slots=True)
class DayPlan:
    """`workers` in the order in which they register; `load` registers in bulk. Times are before `now` (UTC)."""

    number: int
    workers: tuple[WorkerPlan, ...]
    lookalikes: tuple[WorkerPlan, ...]
    """Registered after all others: each resembles one of the workers, and has an NIK of their own."""
    load: tuple[SimulatedPerson, ...]
    earlier: tuple[SimulatedPerson, ...]
    """Those of the days before."""
    now: datetime

    @property
    def registered_at(self) -> datetime:
        """When the workers registered, as copies tell it: no record of anybody else has this time."""
        return _seconds(self.now - timedelta(days=30))

    @property
    def load_registered_at(self) -> datetime:
        """When those of the load did."""
        return _seconds(self.now - timedelta(days=10))

    @property
    def valid(self) -> list[WorkerPlan]:
        """Those whose registration is valid."""
        return [*(worker for worker in self.workers if worker.defect is None), *self.lookalikes]

    @property
    def everybody(self) -> list[SimulatedPerson]:
        """All that today's messages name."""
        return [*(worker.person for worker in (*self.workers, *self.lookalikes)), *self.load]

    def registrations(self) -> Iterator[tuple[WorkerPlan, PartnerMessage]]:
        """In the order of the day, invalid ones among them."""
        for worker in self.workers:
            message = self._registration(worker.person, self.registered_at)
            yield worker, worker.defect.apply(message, worker.person) if worker.defect else message

    def lookalike_registrations(self) -> list[PartnerMessage]:
        return [self._registration(worker.person, self.registered_at) for worker in self.lookalikes]

    def placements(self, tokens: Mapping[str, str]) -> Iterator[PartnerMessage]:
        """Every second one about the id that KP2MI was given; `tokens` by record of registration."""
        for number, worker in enumerate(self.valid):
            token = tokens.get(partner_messages.registration_id(worker.person), "") if number % 2 else ""
            yield from self._placement(worker, token)

    def identity_answers(self) -> Iterator[PartnerMessage]:
        """Kemendagri's."""
        for worker in self.valid:
            yield from self._identity_answer(worker)

    def departures(self, *journeys: Journey) -> list[PartnerMessage]:
        """First reports, of the workers on these journeys."""
        return [self._departure(worker) for worker in self.valid if worker.journey in journeys]

    def second_departures(self) -> list[PartnerMessage]:
        """The same crossings under another number of the border's, known by their date only."""
        return [self._departure_again(worker) for worker in self.valid if worker.journey is Journey.DEPARTED_TWICE]

    def bulk(self) -> list[PartnerMessage]:
        """The load."""
        return [self._registration(person, self.load_registered_at) for person in self.load]

    def facts_about(self, worker: WorkerPlan) -> Iterator[tuple[str, PartnerMessage]]:
        """What institutions say of a worker whose registration is valid, each fact once: (organisation, message)."""
        yield REGISTRY_OWNER, self._registration(worker.person, self.registered_at)
        yield from ((IDENTITY_AUTHORITY, message) for message in self._identity_answer(worker))
        yield from ((REGISTRY_OWNER, message) for message in self._placement(worker))
        if worker.departs:
            yield BORDER_CONTROL, self._departure(worker)
        if worker.journey is Journey.DEPARTED_TWICE:
            yield BORDER_CONTROL, self._departure_again(worker)

    def _registration(self, person: SimulatedPerson, at: datetime) -> PartnerMessage:
        return partner_messages.registration(REGISTRY_OWNER, person, at)

    def _placement(self, worker: WorkerPlan, token: str = "") -> Iterator[PartnerMessage]:
        if worker.journey not in _NOT_PLACED:
            at = self.now - timedelta(days=20)
            yield partner_messages.placement(REGISTRY_OWNER, worker.person, at, by_token=token)

    def _identity_answer(self, worker: WorkerPlan) -> Iterator[PartnerMessage]:
        if worker.matched is not None:
            at = self.now - timedelta(days=25)
            yield partner_messages.identity_answer(IDENTITY_AUTHORITY, worker.person, at, matched=worker.matched)

    def _departure(self, worker: WorkerPlan) -> PartnerMessage:
        return partner_messages.departure(BORDER_CONTROL, worker.person, self._left, counter="1")

    def _departure_again(self, worker: WorkerPlan) -> PartnerMessage:
        return partner_messages.departure(BORDER_CONTROL, worker.person, self._left, counter="2", date_only=True)

    @property
    def _left(self) -> datetime:
        return self.now - timedelta(days=2)


def _seconds(at: datetime) -> datetime:
    return at.astimezone(partner_messages.WIB).replace(microsecond=0)


def plan_day(number: int, now: datetime, *, count: int = 2000, load: int = 10_000) -> DayPlan:
    """Day `number` (from 1): other people than on the days before, reproducible; `count` of them in person."""
    size = count + LOOKALIKES + load
    all_days = people(size * number, SEED)
    today = all_days[-size:]
    defects = spread_defects(max(count // REGISTRATIONS_PER_DEFECT, len(DEFECTS)), among=count)
    workers = tuple(_worker(index, person, defects.get(index)) for index, person in enumerate(today[:count]))
    valid = (worker.person for worker in workers if worker.defect is None)
    fresh = today[count : count + LOOKALIKES]
    lookalikes = tuple(_lookalike(serial, *pair) for serial, pair in enumerate(zip(fresh, valid, strict=False), 1))
    return DayPlan(number, workers, lookalikes, tuple(today[count + LOOKALIKES :]), tuple(all_days[:-size]), now)


def _worker(index: int, person: SimulatedPerson, defect: Defect | None) -> WorkerPlan:
    matched = None if index % 40 == 1 else index % 60 != 2
    return WorkerPlan(person, _JOURNEYS[index * 37 % len(_JOURNEYS)], matched, defect)


def _lookalike(serial: int, fresh: SimulatedPerson, original: SimulatedPerson) -> WorkerPlan:
    """Name, birth and home of a known person; numbers of their own, so that no rule may say who it is."""
    nik = make_nik(original.home_regency, original.birth_date, original.sex, serial, _LOOKALIKE_DISTRICT)
    person = replace(original, nik=nik, passport=fresh.passport, phone=fresh.phone)
    return WorkerPlan(person, Journey.REGISTERED, None)
