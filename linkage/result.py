"""What a linkage gives: scored and decided pairs, clusters, and what explains them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from linkage.clustering.contradictions import Reason
from linkage.comparing import Comparer
from linkage.features import Ints
from linkage.model import Model, Thresholds
from linkage.people import People

Decision = Literal["no", "review", "link"]
DECISIONS: tuple[Decision, ...] = ("no", "review", "link")


@dataclass(frozen=True, slots=True)
class Line:
    """One step of an explanation. `weight` is in bits (log2 of how much likelier the level is for one person than for
    two), `total` the sum so far. `left` and `right` are the values as the lists have them."""

    field: str
    left: str
    right: str
    level: str
    weight: float
    total: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """The match weight of a pair, step by step: the lines add up to `weight`. `rule` names the rule that decided it."""

    lines: tuple[Line, ...]
    weight: float
    probability: float
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class DecidedPairs:
    """Pairs of records, `left` < `right`, each once, of which a person has decided whether they are one person. No
    chain of pairs that are the `same` joins two records that are not."""

    left: Ints
    right: Ints
    same: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Why a pair was not linked though it weighs enough: it would have made one person of the records `left` and
    `right`, which are other records than those of the pair."""

    left: int
    right: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class KeyReport:
    """What one blocking key did.

    `pairs` it proposed, `only_here` those that no other key proposed; `recall` is the share it proposed of all likely
    matches; `refined` counts values so frequent that a further feature split them, `left_out` the pairs dropped even
    so.
    """

    name: str
    pairs: int
    only_here: int
    recall: float
    refined: int
    left_out: int


@dataclass(frozen=True, slots=True)
class LinkageWarning:
    """What the person should know: `count` pairs share an identifier though sex and birth date differ; the lists were
    linked one to one; or the blocking key `key` was not used, because no two records share a value or nearly all do."""

    kind: Literal["shared identifier", "one to one", "no shared value", "one value"]
    count: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of records, the heaviest first: `left` < `right` index the people, `decision` indexes DECISIONS."""

    left: Ints
    right: Ints
    weight: NDArray[np.float32]
    probability: NDArray[np.float32]
    decision: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.left)

    def decided(self, decision: Decision) -> NDArray[np.bool_]:
        """Which pairs have this decision."""
        return np.asarray(self.decision == DECISIONS.index(decision))


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many candidate pairs have which weight: `counts[k]` between `edges[k]` and `edges[k + 1]` bits."""

    edges: Sequence[float]
    counts: Sequence[int]


@dataclass(frozen=True, slots=True)
class Linkage:
    """Everything that a report shows.

    `pairs` holds those that are linked or left for review, and the heaviest of the others. `clusters[i]` is the number
    of the person of record i, from 0. `compared` counts the candidate pairs, `weights` is their histogram.
    `contradictions` says by index of a pair why it was left for review although it weighs enough to be linked,
    `decided` by index of a pair whether a person has decided that it is one person. `comparer` compares pairs once
    more, to explain them.
    """

    people: People
    model: Model
    pairs: Pairs
    thresholds: Thresholds
    clusters: Ints
    keys: tuple[KeyReport, ...]
    compared: int
    weights: Histogram
    warnings: tuple[LinkageWarning, ...] = ()
    contradictions: Mapping[int, Contradiction] = field(default_factory=dict)
    decided: Mapping[int, bool] = field(default_factory=dict)
    comparer: Comparer | None = field(default=None, repr=False, compare=False)
