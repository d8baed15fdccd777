"""What is noted while the scenario runs: what was sent, and what partners and officers saw."""

from dataclasses import dataclass, field
from typing import Any

from contracts.outcomes import Fault
from simulation.scenario.day_plan import DayPlan, WorkerPlan
from simulation.scenario.people import SimulatedPerson


@dataclass(frozen=True, slots=True)
class ExpectedRefusal:
    """The first problem that a sender must be told of a record."""

    code: str
    pointer: str
    fault: Fault


@dataclass
class DistressCall:
    """One call; times in seconds since 1970. `recipients`: those whom the routing names and who are connected."""

    person: SimulatedPerson
    record: str
    recipients: tuple[str, ...]
    sent_at: float
    alert: str = ""
    arrivals: dict[str, float] = field(default_factory=dict)
    load_pending: int = 0
    """Records of the load without a receipt when the last copy arrived."""

    @property
    def complete(self) -> bool:
        """Whether every recipient has it."""
        return set(self.recipients) <= set(self.arrivals)

    @property
    def latency(self) -> float:
        """Milliseconds from sending to the last of the copies; infinite while one is missing."""
        return (max(self.arrivals.values()) - self.sent_at) * 1000 if self.complete else float("inf")


@dataclass
class AcknowledgedCall:
    """The call that is followed to its acknowledgement, in one trace."""

    call: DistressCall
    trace_id: str
    mission: str
    """The organisation whose duty officer takes it."""
    api_milliseconds: float = 0
    status: int = 0


@dataclass
class RoundObservations:
    """The assessment round. Completeness by institution, as the coordinator saw it before the due time and after."""

    id: str
    due: float
    before_due: dict[str, dict[str, Any]] = field(default_factory=dict)
    after_due: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused_statuses: list[int] = field(default_factory=list)
    """HTTP statuses of answers over the api that were not taken."""


@dataclass(frozen=True, slots=True)
class ForbiddenAttempt:
    """Something that a partner tried on the broker, and the error that it got; empty when it succeeded."""

    action: str
    error: str


@dataclass(frozen=True, slots=True)
class ApiRead:
    """A read over the api, the status it got, and the one it must get."""

    what: str
    status: int
    expected: int


@dataclass(frozen=True, slots=True)
class StatisticsDay:
    """What statistics was told before its day was over; `whole` unless a midnight came in the middle of the run."""

    early: int
    whole: bool


@dataclass
class Observations:
    """All of it. `sent` has, by organisation and record id, when each record was handed to the broker."""

    day: DayPlan
    sent: dict[str, dict[str, float]] = field(default_factory=dict)
    expected_refusals: dict[tuple[str, str], ExpectedRefusal] = field(default_factory=dict)
    """By organisation and record id; every other record must be applied."""
    load: dict[str, float] = field(default_factory=dict)
    idle_calls: list[DistressCall] = field(default_factory=list)
    load_calls: list[DistressCall] = field(default_factory=list)
    acknowledged: AcknowledgedCall | None = None
    round: RoundObservations | None = None
    statistics_day: StatisticsDay | None = None
    forbidden: list[ForbiddenAttempt] = field(default_factory=list)
    stream: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """What the coordinator's stream showed: name and data."""
    reads: list[ApiRead] = field(default_factory=list)
    facts_read: list[tuple[WorkerPlan, dict[str, Any]]] = field(default_factory=list)
    """A worker of every journey, and the facts that the institution that registered them read over the api."""
    in_review: set[str] = field(default_factory=set)
    """KP2MI's ids of persons who are in a pair that waits for a steward."""

    def note_sent(self, organisation: str, sent: dict[str, float]) -> None:
        """Remember when records were sent first; a repetition does not change it."""
        self.sent[organisation] = sent | self.sent.get(organisation, {})

    @property
    def calls(self) -> list[DistressCall]:
        return [*self.idle_calls, *self.load_calls]
