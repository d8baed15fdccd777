"""Chooses the two limits by the wrong links and the missed matches that are accepted."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from linkage.comparing.word_alignment import Floats
from linkage.model import Limits

EVEN = 0.5
LOWEST = 0.02
"""Probability under which nothing is worth a steward's time."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """Shares, 0 to 1: of wrong links among all links, of matches left under the review limit, and of records that a
    steward is sent at most."""

    false_links: float = 0.03
    missed_links: float = 0.02
    review: float = 0.03


def choose(probability: Floats, accepted: Accepted, records: int) -> Limits:
    """Limits from the probabilities of all pairs that may be one person, if these are right.

    A pair is linked when that is likelier than not, and only while the wrong links expected among all linked stay
    within what is accepted. The review limit lies as low as it must to leave no more matches than accepted under it,
    and as high as it must to send a steward no more records than accepted. Limits stand at tenths of a bit: pairs that
    weigh alike are treated alike.
    """
    ordered = np.sort(probability.astype(np.float64))[::-1]
    if not len(ordered):
        return Limits(EVEN, EVEN, 0.0, 0.0)
    wrong = np.cumsum(1.0 - ordered) / np.arange(1, len(ordered) + 1)
    even = int(np.searchsorted(-ordered, -EVEN, side="right"))
    within = np.flatnonzero(wrong[:even] <= accepted.false_links)
    links = int(within[-1]) + 1 if len(within) else 0
    link = EVEN if links == even else _at_tenth(ordered[links - 1], np.ceil) if links else 1.0
    links = int(np.searchsorted(-ordered, -link, side="right"))
    total = max(float(ordered.sum()), 1e-9)
    found = np.cumsum(ordered)
    enough = int(np.searchsorted(found, total * (1.0 - accepted.missed_links))) + 1
    most = links + int(accepted.review * records / 2)
    seen = max(links, min(enough, most, int(np.searchsorted(-ordered, -LOWEST, side="right"))))
    review = min(link, _at_tenth(ordered[seen - 1], np.floor)) if seen > links else link
    seen = int(np.searchsorted(-ordered, -review, side="right"))
    return Limits(
        link=link,
        review=review,
        false_links=float(wrong[links - 1]) if links else 0.0,
        missed_links=float(max(0.0, 1.0 - found[seen - 1] / total)) if seen else 1.0,
    )


def _at_tenth(probability: float, rounded: Callable[[float], float]) -> float:
    """The probability at the next tenth of a bit."""
    bits = float(np.log2(probability) - np.log2(max(1.0 - probability, 1e-15)))
    return float(1.0 / (1.0 + np.exp2(-rounded(bits * 10) / 10)))
