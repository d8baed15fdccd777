"""What strikes when: drawn from a seed, so that the same seed strikes the same processes at the same seconds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal, get_args

Fault = Literal["kill", "kill_two", "freeze", "slow", "hole", "disk", "broker", "clock"]
ALL: tuple[Fault, ...] = get_args(Fault)
"""SIGKILL of one process or two at once · SIGSTOP while a second process takes over · a database slowed to 1 s an
operation · a network that swallows what a database is asked · a full disk · the broker away · a clock set back."""

WARM_UP, PAUSE = 8.0, (2.0, 8.0)
"""Seconds before the first strike, and between two."""
KILLED = (0.5, 15.0)
"""Seconds that a killed process stays away."""
LONGEST: dict[Fault, float] = {"freeze": 60.0, "slow": 30.0, "hole": 25.0, "disk": 30.0, "broker": 300.0, "clock": 60.0}
"""Seconds a fault lasts at most; a run shorter than an hour has shorter ones, down to the seconds in SHORTEST."""
SHORTEST: dict[Fault, float] = {"freeze": 14.0, "slow": 8.0, "hole": 8.0, "disk": 8.0, "broker": 15.0, "clock": 8.0}
LARGEST_SHARE = 8
"""No fault lasts longer than this part of the run."""
SET_BACK = (30, 240)
"""Seconds; records are refused for a clock that differs by more than 300 s from their sender's."""


@dataclass(frozen=True)
class Places:
    """Names of the processes that can be struck; `full`: those whose disk can be filled."""

    services: tuple[str, ...]
    databases: tuple[str, ...]
    brokers: tuple[str, ...]
    full: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.services, *self.databases, *self.brokers)


@dataclass(frozen=True)
class Strike:
    """`at` and `seconds`: since the beginning, and how long; `back`: seconds by which a clock is set back."""

    at: float
    fault: Fault
    targets: tuple[str, ...]
    seconds: float
    back: int = 0

    def __str__(self) -> str:
        set_back = f" set back by {self.back} s" if self.back else ""
        return f"{self.at:7.1f} s  {self.fault} {' and '.join(self.targets)}{set_back} for {self.seconds:.1f} s"


def draw(seed: int, seconds: float, faults: Sequence[Fault], places: Places) -> list[Strike]:
    """Every fault once in random order, then again, until the time is over; now and then a kill strikes within another.

    Each strike is over before `seconds` have passed.
    """
    random = Random(seed)
    strikes: list[Strike] = []
    at = WARM_UP
    for fault in _decks(random, faults):
        strike = _draw(random, fault, at, seconds, places)
        if strike.at + strike.seconds > seconds:
            return strikes
        strikes.append(strike)
        if fault in LONGEST and "kill" in faults and random.random() < 0.5:
            strikes.append(_kill_within(random, strike, places))
        at += strike.seconds + random.uniform(*PAUSE)
    return strikes


def _decks(random: Random, faults: Sequence[Fault]) -> Iterator[Fault]:
    while faults:
        yield from random.sample(faults, len(faults))


def _draw(random: Random, fault: Fault, at: float, run: float, places: Places) -> Strike:
    if fault in ("kill", "kill_two"):
        count = 2 if fault == "kill_two" else 1
        return Strike(at, fault, tuple(random.sample(places.all, count)), random.uniform(*KILLED))
    candidates = {
        "freeze": places.services,
        "slow": places.databases,
        "hole": places.databases,
        "disk": places.full,
        "broker": places.brokers,
        "clock": places.services,
    }[fault]
    longest = max(SHORTEST[fault], min(LONGEST[fault], run / LARGEST_SHARE))
    lasting = random.uniform(SHORTEST[fault], longest)
    back = random.randint(*SET_BACK) if fault == "clock" else 0
    return Strike(at, fault, (random.choice(candidates),), lasting, back)


def _kill_within(random: Random, around: Strike, places: Places) -> Strike:
    """Of another process, which is back before the other fault is over."""
    target = random.choice([name for name in places.all if name not in around.targets])
    away = random.uniform(0.5, around.seconds / 3)
    return Strike(around.at + random.uniform(0.5, around.seconds / 2), "kill", (target,), away)
