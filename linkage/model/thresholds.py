"""Chooses the thresholds by the shares of wrong links and of missed matches that are accepted."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from linkage.comparing.level_arrays import Floats
from linkage.model.parameters import Thresholds

EVEN = 0.5
LOWEST_REVIEW = 0.02
"""Probability below which no pair is worth a person's time."""


@dataclass(frozen=True, slots=True)
class AcceptedErrors:
    """Shares, 0 to 1: of wrong links among all links, of matches below the threshold for review, and of the records
    that are sent to a person at most."""

    false_links: float = 0.03
    missed_links: float = 0.02
    review: float = 0.03


def choose_thresholds(probability: Floats, accepted: AcceptedErrors, records: int) -> Thresholds:
    """Thresholds from the probabilities of all pairs that may be one person, taking these as right.

    A pair is linked where that is likelier than not, and only while the expected share of wrong links stays within what
    is accepted. The threshold for review is as low as it must be to leave no more matches below it than accepted, and
    as high as it must be to send a person no more records than accepted. Thresholds lie at tenths of a bit, so that
    pairs of nearly the same weight are treated alike.
    """
    ordered = np.sort(probability.astype(np.float64))[::-1]
    if not len(ordered):
        return Thresholds(EVEN, EVEN, 0.0, 0.0)
    wrong_share = np.cumsum(1.0 - ordered) / np.arange(1, len(ordered) + 1)
    likelier_than_not = _count_from(ordered, EVEN)
    acceptable = np.flatnonzero(wrong_share[:likelier_than_not] <= accepted.false_links)
    links = int(acceptable[-1]) + 1 if len(acceptable) else 0
    limited_by_errors = _at_tenth_of_bit(ordered[links - 1], np.ceil) if links else 1.0
    link = EVEN if links == likelier_than_not else limited_by_errors
    links = _count_from(ordered, link)
    matches = max(float(ordered.sum()), 1e-9)
    matches_above = np.cumsum(ordered)
    needed = int(np.searchsorted(matches_above, matches * (1.0 - accepted.missed_links))) + 1
    most = links + int(accepted.review * records / 2)
    seen = max(links, min(needed, most, _count_from(ordered, LOWEST_REVIEW)))
    review = min(link, _at_tenth_of_bit(ordered[seen - 1], np.floor)) if seen > links else link
    seen = _count_from(ordered, review)
    return Thresholds(
        link=link,
        review=review,
        false_links=float(wrong_share[links - 1]) if links else 0.0,
        missed_links=float(max(0.0, 1.0 - matches_above[seen - 1] / matches)) if seen else 1.0,
    )


def _count_from(descending: Floats | np.ndarray, probability: float) -> int:
    return int(np.searchsorted(-descending, -probability, side="right"))


def _at_tenth_of_bit(probability: float, rounded: Callable[[float], float]) -> float:
    """The probability at the next tenth of a bit."""
    bits = float(np.log2(probability) - np.log2(max(1.0 - probability, 1e-15)))
    return float(1.0 / (1.0 + np.exp2(-rounded(bits * 10) / 10)))
