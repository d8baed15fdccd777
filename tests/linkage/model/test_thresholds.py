"""Limits: the more errors are accepted the lower they lie, and what they promise holds if the probabilities do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.comparing.level_arrays import Floats
from linkage.model.thresholds import EVEN, AcceptedErrors, choose_thresholds

probabilities = st.lists(st.floats(2**-7, 1, width=32), max_size=40).map(lambda some: np.array(some, dtype=np.float32))
shares = st.floats(0, 0.5)


@given(probabilities, shares, shares)
def test_more_accepted_false_links_never_raise_the_link_limit(probability: Floats, one: float, other: float) -> None:
    few, many = sorted((one, other))
    strict, lax = (choose_thresholds(probability, AcceptedErrors(false_links=share), 1_000) for share in (few, many))
    assert lax.link <= strict.link


@given(probabilities, shares, shares)
def test_more_accepted_missed_links_never_lower_the_review_limit(probability: Floats, one: float, other: float) -> None:
    few, many = sorted((one, other))
    strict, lax = (choose_thresholds(probability, AcceptedErrors(missed_links=share), 1_000) for share in (few, many))
    assert lax.review >= strict.review
    assert lax.missed_links >= strict.missed_links


@given(probabilities, shares, shares, st.integers(0, 2_000))
def test_what_is_promised_follows_from_the_probabilities(
    probability: Floats, wrong: float, missed: float, records: int
) -> None:
    accepted = AcceptedErrors(wrong, missed)
    thresholds = choose_thresholds(probability, accepted, records)
    linked, seen = probability[probability >= thresholds.link], probability[probability >= thresholds.review]
    assert 0 <= thresholds.review <= thresholds.link <= 1
    assert thresholds.false_links <= accepted.false_links + 1e-6
    if thresholds.false_links:
        assert thresholds.link > EVEN - 1e-6
        assert (1 - linked[linked > thresholds.link]).sum() <= (wrong + 1e-6) * max(1, len(linked))
    if len(seen) and records >= 2_000:
        lost = 1 - seen.sum() / probability.sum()
        assert lost <= thresholds.missed_links + 1e-3


@given(probabilities, st.integers(0, 200))
def test_a_steward_is_sent_no_more_records_than_accepted(probability: Floats, records: int) -> None:
    distinct = np.unique(probability)
    thresholds = choose_thresholds(distinct, AcceptedErrors(missed_links=0), records)
    sent = ((distinct >= thresholds.review) & (distinct < thresholds.link)).sum()
    assert 2 * sent <= 0.03 * records + 2


@pytest.mark.parametrize("probability", [[], [0.4], [0.4, 0.3]])
def test_nothing_is_linked_that_is_less_likely_than_not(probability: list[float]) -> None:
    thresholds = choose_thresholds(np.array(probability, dtype=np.float32), AcceptedErrors(false_links=1), 1_000)
    assert thresholds.link >= EVEN
    assert thresholds.false_links == 0
