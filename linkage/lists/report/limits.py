"""The two limits in bits, as the charts need them."""

import numpy as np
from numpy.typing import NDArray

from linkage.lists.report.charts import Mark
from linkage.result import Linkage


def marks(linkage: Linkage) -> tuple[Mark, ...]:
    """Where review begins, where that is not where linking does, and where linking begins."""
    review, link = linkage.thresholds.review, linkage.thresholds.link
    at = log_odds(np.array([review, link]))
    linking = Mark(float(at[1]), "link", f"link from probability {link:.4g}")
    return (
        (Mark(float(at[0]), "review", f"review from probability {review:.4g}"), linking)
        if review < link
        else (linking,)
    )


def log_odds(probability: NDArray[np.floating]) -> NDArray[np.float64]:
    """The bits at which a pair has a probability; those of 0 and 1 are held to ±40."""
    p = np.clip(probability.astype(np.float64), 2.0**-40, 1 - 2.0**-40)
    return np.log2(p / (1 - p))
