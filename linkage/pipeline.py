"""Links one list, or two: candidates, model, scores, limits, clusters."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.blocking import Candidates, candidates
from linkage.clustering.clusters import clusters
from linkage.clustering.contradictions import Contradictions
from linkage.clustering.one_to_one import assignment
from linkage.comparing import Comparer
from linkage.comparing.word_alignment import Floats
from linkage.feature_extraction import built
from linkage.features import Ints
from linkage.model import Model
from linkage.model.estimation import learn
from linkage.model.thresholds import Accepted, choose
from linkage.people import People
from linkage.result import DECISIONS, Histogram, Linkage, Pairs
from linkage.scoring.deterministic_rules import NO_RULE, SHARED, Rule, decided
from linkage.scoring.match_weights import probability, score

NO, REVIEW, LINK = (DECISIONS.index(decision) for decision in ("no", "review", "link"))
KEPT = 0.01
"""Probability from which a pair is kept, though it may be below both limits."""

SURE_BITS = 20.0
"""Added to weights before the best assignment is sought, which keeps no pair of negative weight."""

SURE = 0.9
FEW = 0.01
"""Two lists are free of duplicates when no more than this share of the surely linked records has a second partner."""

AGAINST = -8.0
"""Bits under which two records cannot be one person, whatever chain of links joins them."""

_CHUNK = 250_000
_EDGES = np.arange(-60.0, 61.0, 2.0)

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


class NothingToCompare(Exception):
    """No column of the list tells people apart."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a user may choose. `one_to_one`: each list is free of duplicates (None: see for yourself). `budget`:
    candidates per record."""

    false_links: float = 0.03
    missed_links: float = 0.02
    one_to_one: bool | None = None
    seed: int = 0
    budget: int = 40


DEFAULTS = Settings()


def silent(what: str, done: int, total: int) -> None:
    """Tells nobody."""


def link(
    people: People,
    *,
    settings: Settings = DEFAULTS,
    model: Model | None = None,
    labels: tuple[Ints, Ints] | None = None,
    progress: Progress = silent,
) -> Linkage:
    """Tell which records are one person. `labels` are pairs known to be. Raises NothingToCompare.

    The same people, settings and model give the same linkage.
    """
    progress("Reading names and dates", 0, 1)
    features = built(people)
    comparer = Comparer(features, model.frequencies if model else None)
    if not comparer.fields:
        raise NothingToCompare("no column says anything that tells people apart")
    progress("Reading names and dates", 1, 1)
    found = candidates(
        features, budget=settings.budget, progress=lambda done: progress("Looking for pairs", int(100 * done), 100)
    )
    if model is None:
        progress("Learning weights", 0, 1)
        model = learn(comparer, found.left, found.right, seed=settings.seed, labels=labels)
        progress("Learning weights", 1, 1)
    weighed = _weighed(comparer, model, found, progress)
    return _concluded(people, comparer, model, found, weighed, settings)


@dataclass(frozen=True, slots=True)
class _Weighed:
    """The pairs worth keeping, as indices of candidates, and how all of them spread."""

    at: NDArray[np.intp]
    weight: Floats
    rule: Rule
    histogram: Histogram


def _weighed(comparer: Comparer, model: Model, found: Candidates, progress: Progress) -> _Weighed:
    """Scores all candidates, by chunks on two threads, so that few arrays of pairs stand in memory at once."""

    def one(start: int) -> tuple[NDArray[np.intp], Floats, Rule, NDArray[np.int64]]:
        left, right = found.left[start : start + _CHUNK], found.right[start : start + _CHUNK]
        compared = comparer.compare(left, right)
        weights = score(compared, model).total
        rule = decided(comparer, compared, model)
        kept = np.flatnonzero((probability(weights) >= KEPT) | (rule != NO_RULE))
        counts = np.histogram(np.clip(weights, _EDGES[0], _EDGES[-1]), _EDGES)[0]
        return kept + start, weights[kept], rule[kept], counts

    starts = range(0, len(found), _CHUNK)
    parts = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for number, part in enumerate(pool.map(one, starts), 1):
            parts.append(part)
            progress("Comparing pairs", min(number * _CHUNK, len(found)), len(found))
    if not parts:
        none = np.zeros(0)
        return _Weighed(none.astype(np.intp), none.astype(np.float32), none.astype(np.uint8), Histogram((), ()))
    histogram = Histogram(
        [float(edge) for edge in _EDGES], [int(n) for n in np.sum([part[3] for part in parts], axis=0)]
    )
    at, weight, rule = (np.concatenate([part[k] for part in parts]) for k in range(3))
    return _Weighed(at, weight, rule, histogram)


def _concluded(
    people: People, comparer: Comparer, model: Model, found: Candidates, weighed: _Weighed, settings: Settings
) -> Linkage:
    chance = probability(weighed.weight)
    likely = np.where(weighed.rule == NO_RULE, chance, np.where(weighed.rule == SHARED, 0.0, 1.0))
    left, right = found.left[weighed.at], found.right[weighed.at]
    one_to_one = _one_to_one(people, left, right, likely) if settings.one_to_one is None else settings.one_to_one
    if one_to_one and people.second is not None:
        chosen = np.zeros(len(left), dtype=np.bool_)
        maybe = np.flatnonzero(likely >= KEPT)
        bits = np.where(weighed.rule == NO_RULE, weighed.weight, np.maximum(weighed.weight, 0.0)) + SURE_BITS
        chosen[maybe[assignment(left[maybe], right[maybe], bits[maybe])]] = True
        likely = np.where(chosen, likely, 0.0)
    accepted = Accepted(settings.false_links, settings.missed_links)
    limits = choose(likely[likely > 0], accepted, len(people))
    decision = np.full(len(left), NO, dtype=np.uint8)
    decision[likely >= limits.review] = REVIEW
    decision[likely >= limits.link] = LINK
    decision[weighed.rule == SHARED] = REVIEW
    labels, decision = _clustered(comparer, model, left, right, weighed.weight, decision)
    order = np.lexsort((right, left, -weighed.weight))
    pairs = Pairs(left[order], right[order], weighed.weight[order], chance[order], decision[order])
    reports = found.reports(_of_candidates(found, weighed, likely >= 0.5))
    warnings = tuple(_warnings(weighed.rule, one_to_one, people, found))
    return Linkage(
        people=people,
        model=model,
        pairs=pairs,
        limits=limits,
        clusters=labels,
        keys=reports,
        compared=len(found),
        weights=weighed.histogram,
        warnings=warnings,
        comparer=comparer,
    )


def _clustered(
    comparer: Comparer, model: Model, left: Ints, right: Ints, weight: Floats, decision: NDArray[np.uint8]
) -> tuple[Ints, NDArray[np.uint8]]:
    """Clusters of links; those that would contradict go to a steward, and pairs inside a cluster need none."""
    features, bars = comparer.features, Contradictions(comparer.features)

    def contradict(ones: Ints, others: Ints) -> NDArray[np.bool_]:
        compared = comparer.compare(ones, others)
        bits, rule = score(compared, model).total, decided(comparer, compared, model)
        against = (bits < AGAINST) | ((bits < 0) & bars.between(ones, others))
        return np.asarray(against & ((rule == NO_RULE) | (rule == SHARED)))

    linked = np.flatnonzero(decision == LINK)
    found = clusters(features.size, left[linked], right[linked], weight[linked], contradict)
    decision[linked[found.demoted]] = REVIEW
    inside = found.labels[left] == found.labels[right]
    if features.second is None:
        decision[inside & (decision == REVIEW)] = LINK
    return found.labels, decision


def _one_to_one(people: People, left: Ints, right: Ints, likely: Floats) -> bool:
    if people.second is None:
        return False
    sure = likely >= SURE
    if not sure.any():
        return False
    return all(len(np.unique(side)) >= (1 - FEW) * len(side) for side in (left[sure], right[sure]))


def _of_candidates(found: Candidates, weighed: _Weighed, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    mask = np.zeros(len(found), dtype=np.bool_)
    mask[weighed.at[chosen]] = True
    return mask


def _warnings(rule: Rule, one_to_one: bool, people: People, found: Candidates) -> Iterator[str]:
    shared = int((rule == SHARED).sum())
    if shared:
        yield f"{shared:,} pairs share an identifier though sex and birth date differ: a steward should look"
    if people.second is not None and one_to_one:
        yield "Each list was taken to be free of duplicates: a record was linked with one record of the other at most"
    for note in found.notes:
        yield f"Not used to look for pairs: {note}"
