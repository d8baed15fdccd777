"""Steward cases: a pair of persons that might be one, which only a person decides."""

from __future__ import annotations

from typing import Literal

from contracts.model import Id, Model
from contracts.registry.merges import Because, Reason

Decision = Literal["same", "different"]


class ComparePair(Model):
    """The registry's own rule: compare these two as they now are. `versions` are those that made it ask."""

    type: Literal["registry.pair.compare.v1"] = "registry.pair.compare.v1"
    persons: tuple[Id, Id]
    versions: tuple[int, int]


class DecideCase(Model):
    """A steward says whether the two are one person; `same` merges them."""

    type: Literal["registry.case.decide.v1"] = "registry.case.decide.v1"
    case: Id
    decision: Decision
    reason: Reason
    ifversion: int | None = None


class ReopenCase(Model):
    """A decided case is open again; a merge that came of it is undone."""

    type: Literal["registry.case.reopen.v1"] = "registry.case.reopen.v1"
    case: Id
    reason: Reason
    ifversion: int | None = None


class CaseEvent(Model):
    """What every event of a case carries; its sequence is the case's version, its key the case."""

    case: Id
    persons: tuple[Id, Id]


class CaseOpened(CaseEvent):
    """A pair weighs between the limits, or may not be merged without a person. The weight itself is not told."""

    type: Literal["registry.case.opened.v1"] = "registry.case.opened.v1"
    weight_band: Literal["low", "middle", "high"] | None = None


class CaseDecided(CaseEvent):
    """The case is closed. `because` is `rule` when another merge had settled it."""

    type: Literal["registry.case.decided.v1"] = "registry.case.decided.v1"
    decision: Decision
    reason: Reason
    because: Because = "steward"


class CaseReopened(CaseEvent):
    """The decision before no longer stands."""

    type: Literal["registry.case.reopened.v1"] = "registry.case.reopened.v1"
    reason: Reason
