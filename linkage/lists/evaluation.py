"""How well a linkage found the known truth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.blocking import propose_pairs
from linkage.feature_extraction import extract_features
from linkage.features import Ints
from linkage.lists.truth import Truth
from linkage.result import Linkage


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Linked pairs against true pairs: within clusters for one list, links across for two. Shares are 0 to 1.

    `blocking_recall` is the share of true pairs that were compared at all, `review_share` that of records of which a
    person has to look at one pair or more.
    """

    precision: float
    recall: float
    f1: float
    true_pairs: int
    true_positives: int
    wrong: int
    missed: int
    blocking_recall: float
    review_share: float


def evaluate(linkage: Linkage, truth: Truth, candidates: tuple[Ints, Ints]) -> Evaluation:
    """`candidates` are all pairs that were compared."""
    size, pairs = len(linkage.people), linkage.pairs
    true = _pair_numbers(truth.left, truth.right, size)
    link, review = pairs.decided("link"), pairs.decided("review")
    if linkage.people.second is None:
        true_positives = int((linkage.clusters[truth.left] == linkage.clusters[truth.right]).sum())
        sizes = np.bincount(linkage.clusters).astype(np.int64)
        linked = int((sizes * (sizes - 1) // 2).sum())
    else:
        links = _pair_numbers(pairs.left[link], pairs.right[link], size)
        linked, true_positives = len(links), int(np.isin(links, true).sum())
    compared = int(np.isin(true, _pair_numbers(*candidates, size)).sum())
    reviewed = np.union1d(pairs.left[review], pairs.right[review])
    precision, recall = _share(true_positives, linked), _share(true_positives, len(true))
    return Evaluation(
        precision=precision,
        recall=recall,
        f1=_share(2 * precision * recall, precision + recall, 0.0),
        true_pairs=len(true),
        true_positives=true_positives,
        wrong=linked - true_positives,
        missed=len(true) - true_positives,
        blocking_recall=_share(compared, len(true)),
        review_share=_share(len(reviewed), size, 0.0),
    )


def candidates_of(linkage: Linkage, budget: int) -> tuple[Ints, Ints]:
    """All candidate pairs of a linkage, which itself keeps only those that may matter. `budget` as it was linked
    with."""
    features = linkage.comparer.features if linkage.comparer else extract_features(linkage.people)
    candidates = propose_pairs(features, budget=budget)
    return candidates.left, candidates.right


def _share(part: float, whole: float, of_nothing: float = 1.0) -> float:
    return part / whole if whole else of_nothing


def _pair_numbers(left: Ints, right: Ints, size: int) -> NDArray[np.int64]:
    return left.astype(np.int64) * size + right
