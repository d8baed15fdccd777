"""Fits a model that was learned from a list for the registry, which judges one record at a time."""

from dataclasses import replace

from linkage.model import Model
from linkage.model.frequencies import frequencies
from linkage.model.thresholds import LOWEST, Accepted, choose
from linkage.result import Linkage
from linkage.scoring.match_weights import probability, score

ACCEPTED = Accepted(false_links=0.001, missed_links=0.005, review=0.05)
"""Stricter than for a list that somebody cleans: here nobody looks before two become one."""


class NotFit(Exception):
    """The model cannot judge single records: it lacks limits, or how common values are."""


def fitted(linkage: Linkage, registered: int, accepted: Accepted = ACCEPTED) -> Model:
    """The model of a linkage, for a registry of so many persons among whom a record is looked up.

    A pair drawn by chance from more people is less often one person, or kin. How common values are comes along, since
    single records say nothing of it; only values that several records have are named.
    """
    assert linkage.comparer is not None
    share = len(linkage.people) / registered
    model = replace(
        linkage.model,
        prior=linkage.model.prior * share,
        household=linkage.model.household * share,
        twins=linkage.model.twins * share,
        frequencies=frequencies(linkage.comparer.features),
    )
    compared = linkage.comparer.compare(linkage.pairs.left, linkage.pairs.right)
    chances = probability(score(compared, model).total)
    return replace(model, limits=choose(chances[chances >= LOWEST], accepted, len(linkage.people)))


def check_fit(model: Model) -> None:
    """Raises NotFit."""
    if model.limits is None or not model.frequencies:
        raise NotFit("the model has no limits, or not how common names are: make it with `simpul link --for-registry`")
