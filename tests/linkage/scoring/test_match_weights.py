"""Scores: what is missing weighs nothing, more agreement never weighs less, and the parts add up."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.comparing import Comparisons
from linkage.comparing.fields import SPECS, Kind
from linkage.model import FieldModel, Model
from linkage.model.monotone import with_rising_weights
from linkage.scoring.match_weights import field_weights, score

KINDS = list(SPECS)
shares = st.floats(1e-9, 1.0)


def field_of(kind: Kind, m: list[float] | None = None, u: list[float] | None = None) -> FieldModel:
    spec = SPECS[kind]
    size = len(spec.levels)
    return FieldModel(
        name=kind,
        kind=kind,
        levels=spec.levels,
        m=tuple(m or spec.prior_m),
        u=tuple(u or (0.9, *(0.1 / (size - 1) for _ in range(size - 1)))),
        rarity=tuple(4.0 * level for level in range(size)),
        rarity_weight=spec.rarity_weight,
        shared_with=spec.shared_with,
        m_household=spec.prior_m_household,
        m_twins=spec.prior_m_twins,
    )


def model_of(*fields: FieldModel) -> Model:
    return with_rising_weights(
        Model("test", fields, prior=1e-4, prior_household=1e-3, prior_twins=1e-5, frequencies={})
    )


@st.composite
def models(draw: st.DrawFn) -> Model:
    fields = []
    for kind in draw(st.lists(st.sampled_from(KINDS), unique=True, min_size=1, max_size=6)):
        size = len(SPECS[kind].levels)
        m, u = (draw(st.lists(shares, min_size=size, max_size=size)) for _ in range(2))
        fields.append(field_of(kind, [x / sum(m) for x in m], [x / sum(u) for x in u]))
    return model_of(*fields)


def compared(model: Model, levels: dict[str, int], rarity: float) -> Comparisons:
    return Comparisons(
        {field.name: np.array([levels[field.name]], dtype=np.uint8) for field in model.fields},
        {field.name: np.array([rarity], dtype=np.float32) for field in model.fields},
    )


@given(models(), st.data(), st.floats(0, 40))
def test_more_agreement_never_lowers_the_score(model: Model, data: st.DataObject, rarity: float) -> None:
    levels = {field.name: data.draw(st.integers(1, len(field.levels))) for field in model.fields}
    raised = data.draw(st.sampled_from(model.fields))
    higher = levels | {raised.name: min(levels[raised.name] + 1, len(raised.levels))}
    before, after = (score(compared(model, one, rarity), model).total[0] for one in (levels, higher))
    assert after >= before - 1e-3


@given(models(), st.data(), st.floats(0, 40))
def test_the_parts_add_up_to_the_score(model: Model, data: st.DataObject, rarity: float) -> None:
    levels = {field.name: data.draw(st.integers(0, len(field.levels))) for field in model.fields}
    found = score(compared(model, levels, rarity), model)
    parts = found.prior + sum(float(weight[0]) for weight in found.fields.values()) + float(found.household[0])
    assert found.total[0] == pytest.approx(parts, abs=1e-2)
    assert found.household[0] <= 0


def test_what_is_missing_neither_helps_nor_hurts() -> None:
    whole = model_of(field_of("birth"), field_of("sex"))
    without = model_of(field_of("birth"))
    levels = {"birth": 7, "sex": 0}
    assert score(compared(whole, levels, 5), whole).total == pytest.approx(
        score(compared(without, levels, 5), without).total
    )


def test_a_rare_name_tells_more_than_a_common_one() -> None:
    field = field_of("given")
    same = np.full(2, len(field.levels), dtype=np.uint8)
    rare, common = field_weights(field, same, np.array([14.0, 3.0], dtype=np.float32))
    assert rare > common


def test_what_a_household_shares_does_not_make_its_members_one_person() -> None:
    model = model_of(field_of("given"), field_of("address"), field_of("phone"), field_of("mother"))
    levels = {"given": 1, "address": 7, "phone": 3, "mother": 7}
    assert score(compared(model, levels, 12), model).probability()[0] < 0.05


def test_twins_stay_two() -> None:
    model = model_of(*(field_of(kind) for kind in ("name", "address", "phone", "mother", "birth", "nik", "sex")))
    levels = {"name": 1, "address": 7, "phone": 3, "mother": 7, "birth": 7, "nik": 1, "sex": 2}
    assert score(compared(model, levels, 12), model).probability()[0] < 0.05


def test_without_kin_the_same_levels_would_have_made_them_one() -> None:
    model = model_of(field_of("given"), field_of("address"), field_of("phone"), field_of("mother"))
    only_here = replace(model, prior_household=1e-12, prior_twins=1e-12)
    levels = {"given": 1, "address": 7, "phone": 3, "mother": 7}
    assert score(compared(only_here, levels, 16), only_here).probability()[0] > 0.5
