"""What is known of a story as it is played: what was sent, and what the partners and people saw."""

from dataclasses import dataclass, field
from typing import Any

from contracts.outcomes import Fault
from simulation.scenario.day import Day, Life
from simulation.scenario.people import SimulatedPerson


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a sender must be told of a record: the first problem."""

    code: str
    pointer: str
    fault: Fault


@dataclass
class Call:
    """One distress call; times in seconds since 1970. `told`: whom the routing names, as far as they are connected."""

    person: SimulatedPerson
    record: str
    told: tuple[str, ...]
    sent: float
    alert: str = ""
    arrived: dict[str, float] = field(default_factory=dict)
    load_left: int = 0
    """Records of the load that had no receipt yet when the last copy was there."""

    @property
    def complete(self) -> bool:
        """Whether every told organisation has it."""
        return set(self.told) <= set(self.arrived)

    @property
    def latency(self) -> float:
        """Milliseconds from sending to the last of the copies; infinite while one is missing."""
        return (max(self.arrived.values()) - self.sent) * 1000 if self.complete else float("inf")


@dataclass
class Emergency:
    """The call that is followed to its acknowledgement, in one trace."""

    call: Call
    trace: str
    officer: str
    """The mission that takes it."""
    acknowledged: float = 0
    """Milliseconds that the api took to say so."""
    status: int = 0


@dataclass
class Round:
    """The assessment round; completeness as the coordinator saw it before the due time, and in the end."""

    id: str
    due: float
    before: dict[str, dict[str, Any]] = field(default_factory=dict)
    after: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: list[int] = field(default_factory=list)
    """Statuses of answers over the api that were not taken."""


@dataclass(frozen=True, slots=True)
class Trespass:
    """Something that a partner tried on the broker, and the error that it got; empty when it succeeded."""

    deed: str
    error: str


@dataclass
class Told:
    """The whole of it. `sent` has, by organisation and record id, when each record was handed to the broker."""

    day: Day
    sent: dict[str, dict[str, float]] = field(default_factory=dict)
    refusals: dict[tuple[str, str], Refusal] = field(default_factory=dict)
    """Of every record that must be refused, by organisation and record id."""
    load: dict[str, float] = field(default_factory=dict)
    idle_calls: list[Call] = field(default_factory=list)
    load_calls: list[Call] = field(default_factory=list)
    emergency: Emergency | None = None
    round: Round | None = None
    trespasses: list[Trespass] = field(default_factory=list)
    notices: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """What the coordinator's stream showed: name and data."""
    reads: dict[str, int] = field(default_factory=dict)
    """Statuses of reads over the api, by what was read."""
    states: list[tuple[Life, dict[str, Any]]] = field(default_factory=list)
    """A worker of every course, and the facts that the institution that registered them read over the api."""

    def note(self, organisation: str, sent: dict[str, float]) -> None:
        """Remember when records were sent; a repetition does not change it."""
        self.sent[organisation] = sent | self.sent.get(organisation, {})

    @property
    def calls(self) -> list[Call]:
        """All of them."""
        return [*self.idle_calls, *self.load_calls]
