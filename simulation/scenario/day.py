"""One day's plan: who takes which course, what is sent of each, and where each must stand in the end. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from contracts.codes import missions, regency_organisation
from contracts.registry import Status
from simulation.scenario import records
from simulation.scenario.broken import WAYS, Way, ways
from simulation.scenario.cast import BORDER, IDENTITY, LOADER
from simulation.scenario.people import SimulatedPerson, people
from simulation.scenario.records import Record

SEED = 2026
BROKEN_SHARE = 50
"""Of so many registrations one is broken."""


class Course(StrEnum):
    """What happens to a worker, and in which order it is told."""

    WAITS = "registered, not placed yet"
    PLACED = "placed"
    DEPARTED = "placed, departed"
    DEPARTED_TWICE = "the departure reported again under its id, and once more under another"
    BORDER_FIRST = "the departure arrives before the placement"
    UNKNOWN_YET = "the departure arrives before the registration"
    UNPLACED = "departed without a placement"


_COURSES = (
    *[Course.WAITS] * 6,
    *[Course.PLACED] * 64,
    *[Course.DEPARTED] * 20,
    *[Course.BORDER_FIRST] * 4,
    *[Course.DEPARTED_TWICE] * 2,
    *[Course.UNPLACED] * 3,
    Course.UNKNOWN_YET,
)
_LEFT = frozenset(Course) - {Course.WAITS, Course.PLACED}
_NOT_PLACED = frozenset({Course.WAITS, Course.UNPLACED})


@dataclass(frozen=True, slots=True)
class Life:
    """One worker's part in the day. `matched` is Kemendagri's answer, None when it gives none."""

    person: SimulatedPerson
    course: Course
    matched: bool | None
    way: Way | None = None

    @property
    def status(self) -> Status:
        """Where the worker must stand when everything is settled."""
        if self.course in _LEFT:
            return "P1_DEPARTED"
        return "C1_REGISTERED" if self.course in _NOT_PLACED else "C4_PLACEMENT_AGREED"

    @property
    def flags(self) -> frozenset[str]:
        """Which guards must have failed in the end."""
        answered = {None: {"nik_unverified"}, False: {"nik_rejected"}, True: set[str]()}[self.matched]
        return frozenset(answered | ({"non_procedural"} if self.course is Course.UNPLACED else set()))

    @property
    def missions(self) -> tuple[str, ...]:
        """The missions that serve the destination, connected or not."""
        return missions(self.person.destination)

    @property
    def regency(self) -> str | None:
        """The local government at home."""
        return regency_organisation(self.person.home_regency)


@dataclass(frozen=True, slots=True)
class Day:
    """`lives` in the order in which they register; `load` registers in the bulk load. Times are before `now` (UTC)."""

    number: int
    lives: tuple[Life, ...]
    load: tuple[SimulatedPerson, ...]
    earlier: tuple[SimulatedPerson, ...]
    """Those of the days before."""
    now: datetime

    @property
    def sound(self) -> list[Life]:
        """Those whose registration is not broken."""
        return [life for life in self.lives if life.way is None]

    @property
    def everybody(self) -> list[SimulatedPerson]:
        """All that today's messages name."""
        return [*(life.person for life in self.lives), *self.load]

    def registrations(self) -> Iterator[tuple[Life, Record]]:
        """In the order of the day, broken ones among them."""
        for life in self.lives:
            sound = records.registration(LOADER, life.person, self.now - timedelta(days=30))
            yield life, life.way.spoil(sound, life.person) if life.way else sound

    def placements(self, tokens: Mapping[str, str]) -> Iterator[Record]:
        """Every second one about the id that KP2MI was given; `tokens` by record of registration."""
        for number, life in enumerate(self.sound):
            if life.course not in _NOT_PLACED:
                token = tokens.get(records.registered(life.person), "") if number % 2 else ""
                yield records.placement(LOADER, life.person, self.now - timedelta(days=20), by_token=token)

    def identities(self) -> Iterator[Record]:
        """Kemendagri's answers."""
        for life in self.sound:
            if life.matched is not None:
                yield records.identity(IDENTITY, life.person, self.now - timedelta(days=25), matched=life.matched)

    def departures(self, *courses: Course, counter: str = "1", coarse: bool = False) -> list[Record]:
        """Of the lives on these courses, by the border's counter."""
        at = self.now - timedelta(days=2)
        return [
            records.departure(BORDER, life.person, at, counter=counter, coarse=coarse)
            for life in self.sound
            if life.course in courses
        ]

    def bulk(self) -> list[Record]:
        """The load."""
        return [records.registration(LOADER, person, self.now - timedelta(days=10)) for person in self.load]


def plan(number: int, now: datetime, *, count: int = 2000, load: int = 10_000) -> Day:
    """Day `number` (from 1): other people than on the days before, reproducible; `count` of them in person."""
    size = count + load
    known = people(size * number, SEED)
    today = known[-size:]
    broken = ways(max(count // BROKEN_SHARE, len(WAYS)), among=count)
    lives = tuple(_life(index, person, broken.get(index)) for index, person in enumerate(today[:count]))
    return Day(number, lives, tuple(today[count:]), tuple(known[:-size]), now)


def _life(index: int, person: SimulatedPerson, way: Way | None) -> Life:
    matched = None if index % 40 == 1 else index % 60 != 2
    return Life(person, _COURSES[index * 37 % len(_COURSES)], matched, way)
