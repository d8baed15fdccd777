"""The pairs that a report shows as examples: near the limits, where a steward would look first, and at both ends."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.lists.report.limits import log_odds
from linkage.result import DECISIONS, Linkage

_SHOWN_AT_A_LIMIT = 4
_SHOWN_AT_AN_END = 2


@dataclass(frozen=True, slots=True)
class Group:
    """Pairs, as indices of `linkage.pairs`, and why they are shown together."""

    title: str
    pairs: tuple[int, ...]


def examples(linkage: Linkage) -> tuple[Group, ...]:
    """Up to twelve pairs, none twice; a group that has no pair is left out."""
    shown: set[int] = set()
    groups = []
    for title, ranked in (
        ("Near the limit for linking", _near(linkage, linkage.thresholds.link)),
        ("Near the limit for review", _near(linkage, linkage.thresholds.review)),
        ("The strongest of all", np.arange(len(linkage.pairs))[:16]),
        ("The strongest that are not linked", np.flatnonzero(linkage.pairs.decision == DECISIONS.index("no"))[:16]),
    ):
        most = _SHOWN_AT_A_LIMIT if title.startswith("Near") else _SHOWN_AT_AN_END
        chosen = [pair for pair in map(int, ranked) if pair not in shown][:most]
        shown.update(chosen)
        if chosen:
            groups.append(Group(title, tuple(sorted(chosen))))
    return tuple(groups)


def _near(linkage: Linkage, limit: float) -> NDArray[np.intp]:
    """Pairs from the limit outwards, taken from above and below in turn."""
    distance = log_odds(linkage.pairs.probability) - log_odds(np.asarray(limit))
    nearest = np.argsort(np.abs(distance), kind="stable")
    above = distance[nearest] >= 0
    turn = np.where(above, np.cumsum(above), np.cumsum(~above))
    return nearest[np.argsort(turn, kind="stable")]
