"""Estimates a model: by expectation maximisation from unlabelled candidate pairs, or from labelled matches.

Four classes of pairs are told apart: one person, two strangers, two members of one household, two twins. Strangers are
measured on pairs drawn at random. How the records of one person differ is learned, and held to the prior m
probabilities of the field while a list has few matches. (I. Fellegi, A. Sunter: A Theory for Record Linkage, 1969; W.
Winkler: Using the EM Algorithm for Weight Computation, 1988.)
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from linkage.comparing import MISSING, Comparer, Comparisons, birth_date_levels, name_levels
from linkage.comparing.fields import Field, SharedWith
from linkage.features import Features, Ints
from linkage.model.monotone import with_rising_weights
from linkage.model.parameters import FieldModel, Model

VERSION = "1"
RANDOM_PAIRS, CANDIDATE_PAIRS = 1_000_000, 1_500_000
"""How many pairs drawn at random, and how many candidate pairs, are compared."""

PRIOR_PAIRS, PRIOR_SHARE = 40.0, 0.3
"""The prior m probabilities count as so many observed matches at least, and as this share of those that are found."""

MAX_ITERATIONS, CONVERGED = 60, 1e-4
_LEVELS_PER_CODE, _LEVELS_OF_NUMBER = 16, 6
"""How many levels (of four bits) one 64-bit code holds, and how many of them the number of a pattern takes."""

TWINS_PER_MATCH = 1e-3
"""Pairs of twins per match, at least: a list in which none are found may have some."""

FEW_PAIRS = 30
"""Random pairs at a level from which on their mean rarity is trusted."""

SHARED_BY_OTHERS = 0.2
"""Share of equal values that lie between evidently different people, above which a field belongs to the household."""

Reals = NDArray[np.float64]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class RandomPairs:
    """One field in pairs drawn at random: the share of each level, and the mean rarity in bits at it."""

    shares: Reals
    rarity: Reals


@dataclass(frozen=True, slots=True)
class Patterns:
    """Distinct combinations of levels among the candidate pairs: `levels[i, k]` of field k; `counts[i]` pairs have
    them."""

    levels: Bytes
    counts: Reals


def learn(
    comparer: Comparer, left: Ints, right: Ints, *, seed: int = 0, labels: tuple[Ints, Ints] | None = None
) -> Model:
    """A model of the list from its candidate pairs (left[i], right[i]).

    `labels` are pairs known to be matches: then m is counted in them and not learned. The same arguments give the same
    model.
    """
    rng = np.random.default_rng(seed)
    fields, features = comparer.fields, comparer.features
    random_pairs = comparer.compare(*_draw_pairs(features, rng))
    at_random = [_at_random(field, random_pairs) for field in fields]
    labelled = comparer.compare(*labels) if labels is not None else None
    sampled = _sample(left, right, rng)
    candidates = comparer.compare(*sampled)
    patterns = _patterns(fields, candidates, len(left) / max(1, len(sampled[0])))
    start = [
        _prior_model(field, chance, _shared_with(field, candidates))
        for field, chance in zip(fields, at_random, strict=True)
    ]
    model = Model(VERSION, tuple(start), *_first_priors(features), frequencies={})
    if labelled is not None:
        model = replace(model, fields=tuple(_m_from_labels(field, labelled) for field in model.fields))
    pairs = max(1.0, number_of_pairs(features))
    return with_rising_weights(_maximise(model, at_random, patterns, pairs, fixed_m=labelled is not None))


def number_of_pairs(features: Features) -> float:
    """How many pairs there are: across two lists, or within one."""
    if features.second is not None:
        return float(features.second) * (features.size - features.second)
    return features.size * (features.size - 1) / 2


def _first_priors(features: Features) -> tuple[float, float, float]:
    """Where EM starts: one match per five records, as many pairs within households, a tenth as many twins."""
    prior = min(0.1, 0.2 * max(1, features.size) / max(1.0, number_of_pairs(features)))
    return prior, prior, prior / 10


def _draw_pairs(features: Features, rng: np.random.Generator) -> tuple[Ints, Ints]:
    size, second = features.size, features.second
    count = int(min(RANDOM_PAIRS, number_of_pairs(features) * 2))
    if not count:
        return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32)
    if second is not None:
        left = rng.integers(0, second, count, dtype=np.int32)
        return left, rng.integers(second, size, count, dtype=np.int32)
    left, right = (rng.integers(0, size, count, dtype=np.int32) for _ in range(2))
    different = left != right
    return left[different], right[different]


def _sample(left: Ints, right: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    if len(left) <= CANDIDATE_PAIRS:
        return left, right
    chosen = np.sort(rng.choice(len(left), CANDIDATE_PAIRS, replace=False))
    return left[chosen], right[chosen]


def _at_random(field: Field, comparisons: Comparisons) -> RandomPairs:
    levels, rarity = comparisons.levels[field.name], comparisons.rarity[field.name]
    size = len(field.spec.levels)
    counts = np.bincount(levels, minlength=size + 1)[1:].astype(np.float64)
    total = max(1.0, counts.sum())
    shares = np.maximum(counts, 0.5) / total
    sums = np.bincount(levels, weights=rarity, minlength=size + 1)[1:]
    mean = np.where(counts >= FEW_PAIRS, sums / np.maximum(counts, 1), -np.log2(shares))
    return RandomPairs(counts / total, mean)


def _shared_with(field: Field, comparisons: Comparisons) -> SharedWith:
    """Whose value it is: a number that evidently different people often have in common is the household's."""
    spec = field.spec
    if spec.shared_with != "nobody" or field.kind not in ("id", "email", "text"):
        return spec.shared_with
    same = comparisons.levels[field.name] == len(spec.levels)
    name = comparisons.levels.get("given", comparisons.levels.get("name"))
    birth = comparisons.levels.get("birth")
    if name is None or birth is None or same.sum() < FEW_PAIRS:
        return spec.shared_with
    other_name = (name <= name_levels.NEAR) & (name != MISSING)
    other_birth = (birth <= birth_date_levels.DIFFERENT) & (birth != MISSING)
    between_others = (other_name & other_birth & same).sum()
    return "household" if between_others > SHARED_BY_OTHERS * same.sum() else spec.shared_with


def _prior_model(field: Field, at_random: RandomPairs, shared_with: SharedWith) -> FieldModel:
    spec = field.spec
    return FieldModel(
        name=field.name,
        kind=field.kind,
        levels=spec.levels,
        m=spec.prior_m,
        u=_u(spec.prior_m, at_random, spec.min_u, 0.0),
        rarity=tuple(float(bits) for bits in at_random.rarity),
        rarity_weight=spec.rarity_weight,
        shared_with=shared_with,
        m_household=spec.prior_m_household,
        m_twins=spec.prior_m_twins,
    )


def _u(m: Sequence[float], at_random: RandomPairs, min_u: Sequence[float], prior: float) -> tuple[float, ...]:
    """The u probabilities: the levels of random pairs, less those of the matches among them."""
    shares = np.maximum(at_random.shares - prior * np.array(m), 0.05 * at_random.shares)
    shares = np.maximum(shares, np.array(min_u))
    return tuple(float(share) for share in shares / shares.sum())


def _patterns(fields: Sequence[Field], comparisons: Comparisons, scale: float) -> Patterns:
    """`scale` is how many candidate pairs stand for each compared one. Levels are packed into 64 bits, and where these
    are full, the pattern so far is replaced by its number."""
    code, filled = np.zeros(len(comparisons), dtype=np.uint64), 0
    for field in fields:
        if filled == _LEVELS_PER_CODE:
            code, filled = np.unique(code, return_inverse=True)[1].astype(np.uint64), _LEVELS_OF_NUMBER
        code |= comparisons.levels[field.name].astype(np.uint64) << np.uint64(4 * filled)
        filled += 1
    _, first, counts = np.unique(code, return_index=True, return_counts=True)
    levels = np.stack([comparisons.levels[field.name][first] for field in fields], axis=1)
    return Patterns(levels, counts.astype(np.float64) * scale)


def _m_from_labels(field: FieldModel, labelled: Comparisons) -> FieldModel:
    counts = np.bincount(labelled.levels[field.name], minlength=len(field.levels) + 1)[1:]
    return replace(field, m=_held_to_prior(np.asarray(counts, dtype=np.float64), field.m))


def _held_to_prior(counts: Reals, prior_m: Sequence[float]) -> tuple[float, ...]:
    """Shares of the counts after the prior probabilities have been added as so many pairs."""
    prior_pairs = max(PRIOR_PAIRS, PRIOR_SHARE * counts.sum())
    shares = (counts + prior_pairs * np.array(prior_m)) / (counts.sum() + prior_pairs)
    return tuple(float(share) for share in shares)


def _maximise(model: Model, at_random: list[RandomPairs], patterns: Patterns, pairs: float, *, fixed_m: bool) -> Model:
    """Expectation maximisation until the prior stays the same. `pairs` is how many pairs the list has in all."""
    start = model.fields
    for _ in range(MAX_ITERATIONS):
        matches, household, twins = _expected_counts(model, patterns)
        previous_prior = model.prior
        prior = _bounded(matches.sum() / pairs)
        model = replace(
            model,
            prior=prior,
            prior_household=_bounded(household.sum() / pairs),
            prior_twins=max(_bounded(twins.sum() / pairs), TWINS_PER_MATCH * prior),
        )
        fields = []
        for number, field in enumerate(model.fields):
            levels, size = patterns.levels[:, number], len(field.levels)
            m = field.m if fixed_m else _held_to_prior(_histogram(levels, matches, size), start[number].m)
            m_household: tuple[float, ...] = ()
            if field.m_household:
                m_household = _held_to_prior(_histogram(levels, household, size), start[number].m_household)
            min_u = Field(field.name, field.kind).spec.min_u
            u = _u(m, at_random[number], min_u, model.prior)
            m_twins = _m_twins(field, start[number].m_twins, m_household)
            fields.append(replace(field, m=m, u=u, m_household=m_household, m_twins=m_twins))
        model = replace(model, fields=tuple(fields))
        if abs(model.prior - previous_prior) < CONVERGED * previous_prior:
            break
    return model


def _m_twins(field: FieldModel, prior_m: Sequence[float], m_household: Sequence[float]) -> tuple[float, ...]:
    """Of a whole name, twins whose given names are not alike share what other relatives share: the family name.

    Half of the prior stays: there are many relatives and few twins, and names of twins resemble each other more.
    """
    if field.kind != "name":
        return field.m_twins
    unlike = slice(name_levels.SWAPPED - 1)
    share = sum(prior_m[unlike]) / sum(m_household[unlike])
    levels = ((prior + share * level) / 2 for prior, level in zip(prior_m[unlike], m_household[unlike], strict=True))
    return (*levels, *prior_m[name_levels.SWAPPED - 1 :])


def _histogram(levels: Bytes, weights: Reals, size: int) -> Reals:
    """The sum of the weights at each level; missing values are left out."""
    return np.asarray(np.bincount(levels, weights=weights, minlength=size + 1)[1:], dtype=np.float64)


def _expected_counts(model: Model, patterns: Patterns) -> tuple[Reals, Reals, Reals]:
    """How many candidate pairs of each pattern are expected to be of one person, of one household, of twins."""
    logs = np.zeros((4, len(patterns.counts)))
    for number, field in enumerate(model.fields):
        levels = patterns.levels[:, number]
        by_class = (field.m, field.u, field.between_household_members(), field.between_twins())
        for row, probabilities in enumerate(by_class):
            logs[row] += np.concatenate([[0.0], np.log(probabilities)])[levels]
    strangers = 1.0 - model.prior - model.prior_household - model.prior_twins
    logs += np.log([[model.prior], [strangers], [model.prior_household], [model.prior_twins]])
    shares = np.exp(logs - logs.max(axis=0))
    shares *= patterns.counts / shares.sum(axis=0)
    return shares[0], shares[2], shares[3]


def _bounded(share: float) -> float:
    return float(min(0.3, max(1e-12, share)))
