"""Learning: from candidates or labels, the same twice, and never a level that weighs less than a lower one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.comparing import Comparer
from linkage.feature_extraction import extract_features
from linkage.features import Ints
from linkage.model import Model
from linkage.model.estimation import learn
from linkage.people import Role
from tests.linkage.samples import Row, crowd, listed

COUNT = 200
FEW = 80
"""Enough for what holds whatever is learned."""


def same_of(count: int) -> tuple[Ints, Ints]:
    """The pairs that are of one person."""
    return np.arange(count, dtype=np.int32), np.arange(count, 2 * count, dtype=np.int32)


def learned(changes: list[Row], labels: tuple[Ints, Ints] | None = None, seed: int = 0, count: int = COUNT) -> Model:
    """A model of people who stand twice in a list, the second time changed; candidates are all pairs of neighbours."""
    rows = crowd(count)
    people = listed(*rows, *({**row, **changes[n % len(changes)]} for n, row in enumerate(rows)))
    others = np.arange(2 * count - 1, dtype=np.int32)
    same = same_of(count)
    left, right = np.concatenate([same[0], others]), np.concatenate([same[1], others + 1])
    return learn(Comparer(extract_features(people)), left, right, seed=seed, labels=labels)


ROLES: list[Role] = ["phone", "email", "sex", "birth_date", "full_name"]
changed = st.dictionaries(st.sampled_from(ROLES), st.sampled_from(["", "L", "2001-02-03"]))
spoiled: st.SearchStrategy[list[Row]] = st.lists(changed, min_size=1, max_size=4)


@settings(max_examples=12, deadline=None)
@given(spoiled, st.booleans())
def test_more_agreement_never_weighs_less_whatever_was_learned(changes: list[Row], labelled: bool) -> None:
    model = learned(changes, same_of(FEW) if labelled else None, count=FEW)
    for field in model.fields:
        others = (field.u, field.m_household, field.m_twins)
        for other in filter(None, others):
            assert (np.diff(np.log2(np.array(field.m) / np.array(other))) >= -1e-6).all(), field.name
        for shares in filter(None, (field.m, *others)):
            assert all(0 < share <= 1 for share in shares), field.name
    assert 0 < model.prior + model.prior_household + model.prior_twins < 1


def test_the_same_is_learned_twice() -> None:
    changes: list[Row] = [{"phone": ""}, {"email": ""}]
    assert learned(changes) == learned(changes)


def test_what_often_differs_in_one_person_weighs_little_against_it() -> None:
    often, never = learned([{"phone": "083499999999"}]), learned([{}])
    differs = [next(field.m[0] for field in model.fields if field.name == "phone") for model in (often, never)]
    assert differs[0] > 0.6 > 0.3 > differs[1]


def test_as_many_pairs_are_one_person_as_there_are() -> None:
    model = learned([{}])
    assert model.prior * (2 * COUNT) * (2 * COUNT - 1) / 2 == pytest.approx(COUNT, rel=0.1)


def test_labels_are_believed_over_what_the_list_suggests() -> None:
    strangers = np.arange(0, COUNT - 1, dtype=np.int32), np.arange(1, COUNT, dtype=np.int32)
    birth = next(field for field in learned([{}], labels=strangers).fields if field.name == "birth")
    assert sum(birth.m[:2]) > 0.5
