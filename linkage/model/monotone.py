"""Makes match weights rise with the level: more agreement never weighs less."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from linkage.model.parameters import Model

_ROUNDING = 1e-12


def with_rising_weights(model: Model) -> Model:
    """Adjacent levels whose m/u would fall are given one ratio, their sums kept."""
    fields = []
    for field in model.fields:
        m, u = _pool(field.m, field.u)
        m_household, m_twins = (_pool_with(m, field.m, other) for other in (field.m_household, field.m_twins))
        fields.append(replace(field, m=m, u=u, m_household=m_household, m_twins=m_twins))
    return replace(model, fields=tuple(fields))


def _pool(m: Sequence[float], u: Sequence[float]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    groups = [(m_sum, u_sum, 1) for m_sum, u_sum in zip(m, u, strict=True)]
    at = 1
    while at < len(groups):
        (m_below, u_below, size_below), (m_above, u_above, size_above) = groups[at - 1], groups[at]
        if m_below * u_above > m_above * u_below * (1 + _ROUNDING):
            groups[at - 1 : at + 1] = [(m_below + m_above, u_below + u_above, size_below + size_above)]
            at = max(1, at - 1)
        else:
            at += 1
    pooled_m: list[float] = []
    pooled_u: list[float] = []
    start = 0
    for m_sum, u_sum, size in groups:
        levels = u[start : start + size]
        share = sum(levels)
        pooled_m += [level * m_sum / share for level in levels]
        pooled_u += [level * u_sum / share for level in levels]
        start += size
    return tuple(pooled_m), tuple(pooled_u)


def _pool_with(pooled_m: Sequence[float], m: Sequence[float], other: Sequence[float]) -> tuple[float, ...]:
    """`other` changed as m was changed to `pooled_m`: the ratio of m to it stays, and is pooled where it would fall."""
    if not other:
        return ()
    pooled = np.array(_pool(m, other))
    return tuple(float(share) for share in np.array(pooled_m) / np.maximum(pooled[0] / pooled[1], pooled_m))
