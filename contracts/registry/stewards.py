"""What stewards see of duplicate reviews: the queue, one pair side by side, workload, agreement. Times are UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from contracts.model import Id, Model
from contracts.registry.duplicates import Decision
from contracts.registry.merges import Because, Reason
from contracts.registry.reads import PersonState

Band = Literal["low", "middle", "high"]
"""How much speaks for one person: closer to the lower limit, between, at or above the upper one."""
Hold = Literal["child", "nik", "sex", "size", "records", "identifier"]
"""Why a pair above the upper limit is not merged without a person: one may be under 18 now or when registered, both
have a NIK of their own, the sexes differ, together they would have too many facts, or some of their records agree and
others speak against it. `identifier`: both carry one passport, and nothing else was compared."""
DuplicateStatus = Literal["open", "decided"]
DuplicateOrder = Literal["age", "weight"]
"""Oldest first, or heaviest first."""


class DuplicateSummary(Model):
    """A review in the queue, without personal values. `weight` is in bits; `version` is what `ifversion` means."""

    duplicate: Id
    version: int
    persons: tuple[Id, Id]
    status: DuplicateStatus
    opened_at: datetime
    weight: float
    probability: float
    band: Band
    hold: Hold | None = None
    model: str


class DuplicatePage(Model):
    """Answer to GET /duplicates?status=&order=&after=&limit=; `after` is the cursor of the next page."""

    duplicates: tuple[DuplicateSummary, ...]
    after: str | None = None


class Evidence(Model):
    """One step of the explanation, compared anew. Values are personal; `weight` in bits, `total` the sum so far."""

    field: str
    values: tuple[str, str]
    level: str
    weight: float
    total: float


class DuplicateStep(Model):
    """One step of a duplicate review's history. `by` is an organisation code, `user` an opaque user id."""

    kind: Literal["OPENED", "DECIDED", "REOPENED"]
    at: datetime
    by: str
    user: str | None = None
    because: Because
    decision: Decision | None = None
    reason: Reason | None = None


class DuplicateDetail(DuplicateSummary):
    """Answer to GET /duplicates/{duplicate}: both persons as they are now (one of them twice when they are one by now).

    `evidence` compares what is on record now, with today's model; `weight` is what the review was opened with.
    """

    sides: tuple[PersonState, PersonState]
    evidence: tuple[Evidence, ...]
    history: tuple[DuplicateStep, ...]


class AgeBand(Model):
    """Open duplicate reviews by age: those older than so many days, and younger than the next band's."""

    older_than_days: int
    duplicates: int


class DuplicateDay(Model):
    """A UTC day: duplicate reviews opened on it, and those whose latest decision by a steward is of it."""

    day: str
    opened: int
    decided: int


class DuplicateWorkload(Model):
    """Answer to GET /duplicates/workload, the newest day first."""

    open: tuple[AgeBand, ...]
    days: tuple[DuplicateDay, ...]


class BandAgreement(Model):
    """Stewards' standing decisions of one band: how many, how many on the model's side (same from probability 0.5)."""

    band: Band
    decided: int
    agreed: int


class DuplicateAgreement(Model):
    """Answer to GET /duplicates/agreement?month=: by the month (YYYY-MM) of the decision.

    Decisions of rules do not count. `redecided`: reviews decided again after they were opened again; `upheld`: those
    where the decision stayed.
    """

    month: str
    bands: tuple[BandAgreement, ...]
    redecided: int
    upheld: int
