"""What linking a list, or two, came to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from linkage.comparing import Comparer
from linkage.features import Ints
from linkage.model import Limits, Model
from linkage.people import People

Decision = Literal["no", "review", "link"]
DECISIONS: tuple[Decision, ...] = ("no", "review", "link")


@dataclass(frozen=True, slots=True)
class Line:
    """One step of an explanation. `weight` is in bits (log2 of how much likelier the level is for one person than for
    two), `total` the sum so far. Values are as the lists have them."""

    field: str
    left: str
    right: str
    level: str
    weight: float
    total: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a pair weighs what it weighs: the lines add up to `weight`. `rule` names the rule that decided, if any."""

    lines: tuple[Line, ...]
    weight: float
    probability: float
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class KeyReport:
    """What one blocking key did: pairs it proposed (and how many only it did), the share of all likely matches it
    found, how many over-frequent values were refined, and how many pairs remained left out after that."""

    name: str
    pairs: int
    alone: int
    recall: float
    refined: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of records, best first: `left` < `right` index the people, `decision` indexes DECISIONS."""

    left: Ints
    right: Ints
    weight: NDArray[np.float32]
    probability: NDArray[np.float32]
    decision: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.left)


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many candidate pairs weigh how much: `counts[k]` between `edges[k]` and `edges[k + 1]` bits."""

    edges: Sequence[float]
    counts: Sequence[int]


@dataclass(frozen=True, slots=True)
class Linkage:
    """Everything a report shows. `pairs` holds what is linked or to be reviewed, and the best of the rest;
    `clusters[i]` is the number of the person that record i is of. `comparer` compares pairs anew, to explain them."""

    people: People
    model: Model
    pairs: Pairs
    limits: Limits
    clusters: Ints
    keys: tuple[KeyReport, ...]
    compared: int
    weights: Histogram
    warnings: tuple[str, ...] = ()
    comparer: Comparer | None = field(default=None, repr=False, compare=False)
