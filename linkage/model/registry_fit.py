"""Fits a model that was learned from a list for the registry, which judges one record at a time."""

from dataclasses import replace

from linkage.model.frequencies import common_values
from linkage.model.parameters import Model
from linkage.model.thresholds import LOWEST_REVIEW, AcceptedErrors, choose_thresholds
from linkage.result import Linkage
from linkage.scoring.match_weights import probability, score

ACCEPTED = AcceptedErrors(false_links=0.001, missed_links=0.005, review=0.05)
"""Stricter than for a list that somebody cleans: in the registry nobody looks before two records become one person."""


class NotFit(Exception):
    """The model cannot judge single records: it lacks thresholds, or how common values are."""


def fit_for_registry(linkage: Linkage, registered: int, accepted: AcceptedErrors = ACCEPTED) -> Model:
    """The model of a linkage, for a registry in which `registered` persons are compared with each new record.

    Among more people two records drawn at random are less often of one person, or of one household. The model gets the
    frequencies of values, since a single record does not show them; only values that several records have are listed.
    """
    assert linkage.comparer is not None
    share = len(linkage.people) / registered
    model = replace(
        linkage.model,
        prior=linkage.model.prior * share,
        prior_household=linkage.model.prior_household * share,
        prior_twins=linkage.model.prior_twins * share,
        frequencies=common_values(linkage.comparer.features),
    )
    comparisons = linkage.comparer.compare(linkage.pairs.left, linkage.pairs.right)
    probabilities = probability(score(comparisons, model).total)
    possible = probabilities[probabilities >= LOWEST_REVIEW]
    return replace(model, thresholds=choose_thresholds(possible, accepted, len(linkage.people)))


def check_fit(model: Model) -> None:
    """Raises NotFit."""
    if model.thresholds is None or not model.frequencies:
        raise NotFit("the model lacks thresholds, or how common names are: make it with `simpul link --for-registry`")
