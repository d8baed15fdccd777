"""Learns a model: from unlabelled candidates by expectation and maximisation, or from labelled pairs.

Four kinds of pairs are told apart: one person, strangers, two members of a household, twins. Strangers are known from
pairs drawn by chance; how one person's records differ is what is learned, held to what is believed of each kind of
field while a list says little. (I. Fellegi, A. Sunter: A Theory for Record Linkage, 1969; W. Winkler: Using the EM
Algorithm for Weight Computation, 1988.)
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from linkage.comparing import MISSING, Compared, Comparer, birth_date_levels, name_levels
from linkage.comparing.fields import Bond, Field
from linkage.features import Features, Ints
from linkage.model import FieldModel, Model

VERSION = "1"
CHANCE_PAIRS, LEARNED_PAIRS = 1_000_000, 1_500_000
"""How many pairs by chance, and how many candidates, are looked at."""

HELD, HELD_SHARE = 40.0, 0.3
"""How many pairs of one person the beliefs count as at least, and as a share of those that are found."""

ROUNDS, STILL = 60, 1e-4
_PACKED, _NUMBERED = 16, 6
"""How many levels one code holds, and how many of them the number of a pattern takes."""

TWINS = 1e-3
"""Pairs of twins for each pair of one person, at least: a list that shows none may have some."""

RARE = 30
"""Pairs by chance at a level from which their mean rarity is trusted."""

Reals = NDArray[np.float64]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Chance:
    """What pairs drawn by chance look like: how often each level, and how rare what agrees is at it (bits)."""

    levels: Reals
    told: Reals


@dataclass(frozen=True, slots=True)
class Patterns:
    """Candidates with the same levels throughout, counted: `levels[i, k]` of field k, `counts[i]` of all candidates."""

    levels: Bytes
    counts: Reals


def learn(
    comparer: Comparer, left: Ints, right: Ints, *, seed: int = 0, labels: tuple[Ints, Ints] | None = None
) -> Model:
    """A model of the list, from its candidates; `labels` are pairs known to be one person."""
    rng = np.random.default_rng(seed)
    fields, features = comparer.fields, comparer.features
    compared = comparer.compare(*_by_chance(features, rng))
    chance = [_chance(field, compared) for field in fields]
    known = comparer.compare(*labels) if labels is not None else None
    sampled = _sampled(left, right, rng)
    found = comparer.compare(*sampled)
    patterns = _patterns(fields, found, len(left) / max(1, len(sampled[0])))
    start = [_model(field, one, _bond(field, found)) for field, one in zip(fields, chance, strict=True)]
    model = Model(VERSION, tuple(start), *_priors(features), frequencies={})
    if known is not None:
        model = replace(model, fields=tuple(_taught(one, known) for one in model.fields))
    return _steady(_learned(model, chance, patterns, max(1.0, pairs_of(features)), fixed=known is not None))


def pairs_of(features: Features) -> float:
    """How many pairs there are: across two lists, or within one."""
    if features.second is not None:
        return float(features.second) * (features.size - features.second)
    return features.size * (features.size - 1) / 2


def _priors(features: Features) -> tuple[float, float, float]:
    some = min(0.1, 0.2 * max(1, features.size) / max(1.0, pairs_of(features)))
    return some, some, some / 10


def _by_chance(features: Features, rng: np.random.Generator) -> tuple[Ints, Ints]:
    size, second = features.size, features.second
    count = int(min(CHANCE_PAIRS, pairs_of(features) * 2))
    if not count:
        return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32)
    if second is not None:
        left = rng.integers(0, second, count, dtype=np.int32)
        return left, rng.integers(second, size, count, dtype=np.int32)
    left, right = (rng.integers(0, size, count, dtype=np.int32) for _ in range(2))
    apart = left != right
    return left[apart], right[apart]


def _sampled(left: Ints, right: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    if len(left) <= LEARNED_PAIRS:
        return left, right
    chosen = np.sort(rng.choice(len(left), LEARNED_PAIRS, replace=False))
    return left[chosen], right[chosen]


def _chance(field: Field, compared: Compared) -> Chance:
    levels, told = compared.levels[field.name], compared.told[field.name]
    size = len(field.spec.levels)
    counts = np.bincount(levels, minlength=size + 1)[1:].astype(np.float64)
    total = max(1.0, counts.sum())
    shares = np.maximum(counts, 0.5) / total
    sums = np.bincount(levels, weights=told, minlength=size + 1)[1:]
    mean = np.where(counts >= RARE, sums / np.maximum(counts, 1), -np.log2(shares))
    return Chance(counts / total, mean)


def _bond(field: Field, compared: Compared) -> Bond:
    """Whose value it is: a number that different people share as a rule is the household's."""
    spec = field.spec
    if spec.bond != "self" or field.kind not in ("id", "email", "text"):
        return spec.bond
    same = compared.levels[field.name] == len(spec.levels)
    name = compared.levels.get("given", compared.levels.get("name"))
    birth = compared.levels.get("birth")
    if name is None or birth is None or same.sum() < RARE:
        return spec.bond
    others = (
        (name <= name_levels.NEAR) & (name != MISSING) & (birth <= birth_date_levels.DIFFERENT) & (birth != MISSING)
    )
    return "family" if (others & same).sum() > 0.2 * same.sum() else spec.bond


def _model(field: Field, chance: Chance, bond: Bond) -> FieldModel:
    spec = field.spec
    return FieldModel(
        name=field.name,
        kind=field.kind,
        levels=spec.levels,
        m=spec.believed,
        u=_unlike(spec.believed, chance, spec.least, 0.0),
        told=tuple(float(bits) for bits in chance.told),
        damped=spec.damped,
        bond=bond,
        kin=spec.kin or (),
        twin=spec.twin or (),
    )


def _unlike(m: Sequence[float], chance: Chance, least: Sequence[float], prior: float) -> tuple[float, ...]:
    """Levels between two people: pairs by chance, less those of one person among them."""
    shares = np.maximum(chance.levels - prior * np.array(m), 0.05 * chance.levels)
    shares = np.maximum(shares, np.array(least))
    return tuple(float(share) for share in shares / shares.sum())


def _patterns(fields: Sequence[Field], compared: Compared, scale: float) -> Patterns:
    code, filled = np.zeros(len(compared.levels[fields[0].name]), dtype=np.uint64), 0
    for field in fields:
        if filled == _PACKED:
            code, filled = np.unique(code, return_inverse=True)[1].astype(np.uint64), _NUMBERED
        code |= compared.levels[field.name].astype(np.uint64) << np.uint64(4 * filled)
        filled += 1
    _, first, counts = np.unique(code, return_index=True, return_counts=True)
    levels = np.stack([compared.levels[field.name][first] for field in fields], axis=1)
    return Patterns(levels, counts.astype(np.float64) * scale)


def _taught(field: FieldModel, known: Compared) -> FieldModel:
    counts = np.bincount(known.levels[field.name], minlength=len(field.levels) + 1)[1:]
    return replace(field, m=_held(np.asarray(counts, dtype=np.float64), field.m))


def _held(counts: Reals, believed: Sequence[float]) -> tuple[float, ...]:
    held = max(HELD, HELD_SHARE * counts.sum())
    shares = (counts + held * np.array(believed)) / (counts.sum() + held)
    return tuple(float(share) for share in shares)


def _learned(model: Model, chance: list[Chance], patterns: Patterns, pairs: float, *, fixed: bool) -> Model:
    """Expectation and maximisation until the prior stands still."""
    believed = [field.m for field in model.fields]
    kin_believed, twin_believed = [field.kin for field in model.fields], [field.twin for field in model.fields]
    for _ in range(ROUNDS):
        same, kin, twins = _expected(model, patterns)
        before = model.prior
        model = replace(
            model,
            prior=_bounded(same.sum() / pairs),
            household=_bounded(kin.sum() / pairs),
            twins=max(_bounded(twins.sum() / pairs), TWINS * _bounded(same.sum() / pairs)),
        )
        fields = []
        for number, field in enumerate(model.fields):
            counts = _histogram(patterns.levels[:, number], same, len(field.levels))
            m = field.m if fixed else _held(counts, believed[number])
            least = Field(field.name, field.kind).spec.least
            among_kin = _histogram(patterns.levels[:, number], kin, len(field.levels))
            relatives = _held(among_kin, kin_believed[number]) if field.kin else ()
            unlike = _unlike(m, chance[number], least, model.prior)
            twin = _half_as_kin(field, twin_believed[number], relatives)
            fields.append(replace(field, m=m, u=unlike, kin=relatives, twin=twin))
        model = replace(model, fields=tuple(fields))
        if abs(model.prior - before) < STILL * before:
            break
    return model


def _half_as_kin(field: FieldModel, believed: Sequence[float], kin: Sequence[float]) -> tuple[float, ...]:
    """Twins whose given names are not alike share of a whole name what other relatives share: the family's part.

    Half of what is believed stays: there are many relatives and few twins, whose names resemble each other more.
    """
    if field.kind != "name":
        return field.twin
    apart = slice(name_levels.SWAPPED - 1)
    share = sum(believed[apart]) / sum(kin[apart])
    levels = ((held + share * level) / 2 for held, level in zip(believed[apart], kin[apart], strict=True))
    return (*levels, *believed[name_levels.SWAPPED - 1 :])


def _histogram(levels: Bytes, weights: Reals, size: int) -> Reals:
    """How much of the weights lies at each level; what is missing is left out."""
    return np.asarray(np.bincount(levels, weights=weights, minlength=size + 1)[1:], dtype=np.float64)


def _expected(model: Model, patterns: Patterns) -> tuple[Reals, Reals, Reals]:
    """How many candidates of each pattern are one person, kin, twins."""
    logs = np.zeros((4, len(patterns.counts)))
    for number, field in enumerate(model.fields):
        levels = patterns.levels[:, number]
        for kind, shares in enumerate((field.m, field.u, field.between_kin(), field.between_twins())):
            logs[kind] += np.concatenate([[0.0], np.log(shares)])[levels]
    strangers = 1.0 - model.prior - model.household - model.twins
    logs += np.log([[model.prior], [strangers], [model.household], [model.twins]])
    shares = np.exp(logs - logs.max(axis=0))
    shares *= patterns.counts / shares.sum(axis=0)
    return shares[0], shares[2], shares[3]


def _bounded(share: float) -> float:
    return float(min(0.3, max(1e-12, share)))


def _steady(model: Model) -> Model:
    """More agreement never weighs less: levels that break the order are taken together."""
    fields = []
    for field in model.fields:
        m, u = _pooled(field.m, field.u)
        kin, twin = (_pooled_under(m, field.m, other) for other in (field.kin, field.twin))
        fields.append(replace(field, m=m, u=u, kin=kin, twin=twin))
    return replace(model, fields=tuple(fields))


def _pooled(over: Sequence[float], under: Sequence[float]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Adjacent levels whose ratio falls share one ratio, their sums kept."""
    groups = [[a, b, 1.0] for a, b in zip(over, under, strict=True)]
    at = 1
    while at < len(groups):
        (a, b, _), (c, d, _) = groups[at - 1], groups[at]
        if a * d > c * b * (1 + 1e-12):
            groups[at - 1 : at + 1] = [[a + c, b + d, groups[at - 1][2] + groups[at][2]]]
            at = max(1, at - 1)
        else:
            at += 1
    out_over: list[float] = []
    out_under: list[float] = []
    start = 0
    for a, b, size in groups:
        share = sum(under[start : start + int(size)])
        for level in under[start : start + int(size)]:
            out_under.append(level * b / share)
            out_over.append(level * a / share)
        start += int(size)
    return tuple(out_over), tuple(out_under)


def _pooled_under(over: Sequence[float], before: Sequence[float], under: Sequence[float]) -> tuple[float, ...]:
    """`under` changed with `over`, which was `before`: their ratio stays, taken together where it would fall."""
    if not under:
        return ()
    pooled = np.array(_pooled(before, under))
    return tuple(float(share) for share in np.array(over) / np.maximum(pooled[0] / pooled[1], over))
