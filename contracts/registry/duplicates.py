"""Duplicate reviews: a pair of persons that might be one, which only a person decides."""

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


class DecideDuplicate(Model):
    """A steward says whether the two are one person; `same` merges them."""

    type: Literal["registry.duplicate.decide.v1"] = "registry.duplicate.decide.v1"
    duplicate: Id
    decision: Decision
    reason: Reason
    ifversion: int | None = None


class ReopenDuplicate(Model):
    """A decided review is open again; a merge that came of it is undone."""

    type: Literal["registry.duplicate.reopen.v1"] = "registry.duplicate.reopen.v1"
    duplicate: Id
    reason: Reason
    ifversion: int | None = None


class DuplicateEvent(Model):
    """What every event of a duplicate review carries; its sequence is the review's version, its key the review."""

    duplicate: Id
    persons: tuple[Id, Id]


class DuplicateOpened(DuplicateEvent):
    """A pair weighs between the limits, or may not be merged without a person. The weight itself is not told."""

    type: Literal["registry.duplicate.opened.v1"] = "registry.duplicate.opened.v1"
    weight_band: Literal["low", "middle", "high"] | None = None


class DuplicateDecided(DuplicateEvent):
    """The review is closed. `because` is `rule` when another merge had settled it."""

    type: Literal["registry.duplicate.decided.v1"] = "registry.duplicate.decided.v1"
    decision: Decision
    reason: Reason
    because: Because = "steward"


class DuplicateReopened(DuplicateEvent):
    """The decision before no longer stands."""

    type: Literal["registry.duplicate.reopened.v1"] = "registry.duplicate.reopened.v1"
    reason: Reason
