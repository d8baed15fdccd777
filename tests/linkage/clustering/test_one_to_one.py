from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from linkage.clustering.one_to_one import MOST_FOR_OPTIMUM, assign
from linkage.features import Ints

Pair = tuple[int, int]
weighed = st.dictionaries(
    st.tuples(st.integers(0, 4), st.integers(5, 9)), st.integers(-20, 100).map(lambda n: n / 4), max_size=9
)


def chosen(pairs: dict[Pair, float]) -> set[Pair]:
    left, right = _ends(list(pairs))
    kept = assign(left, right, np.array(list(pairs.values()), dtype=np.float64))
    return {pair for pair, keep in zip(pairs, kept.tolist(), strict=True) if keep}


def _ends(pairs: list[Pair]) -> tuple[Ints, Ints]:
    ends = np.array(pairs, dtype=np.int32).reshape(-1, 2)
    return ends[:, 0], ends[:, 1]


def _one_to_one(pairs: set[Pair] | tuple[Pair, ...]) -> bool:
    return all(len({pair[side] for pair in pairs}) == len(pairs) for side in (0, 1))


@given(weighed)
def test_nothing_one_to_one_weighs_more(pairs: dict[Pair, float]) -> None:
    kept = chosen(pairs)
    every = (some for n in range(len(pairs) + 1) for some in combinations(pairs, n) if _one_to_one(some))
    assert _one_to_one(kept)
    assert sum(pairs[pair] for pair in kept) == max(sum(pairs[pair] for pair in some) for some in every)
    assert all(pairs[pair] > 0 for pair in kept)


@given(weighed, st.randoms(use_true_random=False))
def test_the_order_of_pairs_does_not_count(pairs: dict[Pair, float], chance: object) -> None:
    shuffled = list(pairs)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis' own Random
    assert chosen({pair: pairs[pair] for pair in shuffled}) == chosen(pairs)


def test_two_good_pairs_are_better_than_the_best_and_nothing() -> None:
    assert chosen({(0, 5): 10.0, (0, 6): 9.0, (1, 5): 9.0}) == {(0, 6), (1, 5)}


def test_where_very_many_hang_together_the_heaviest_goes_first() -> None:
    size = MOST_FOR_OPTIMUM
    chain = {(n, size + n): 2.0 for n in range(size)} | {(n, size + n + 1): 1.0 for n in range(size - 1)}
    assert chosen(chain) == {(n, size + n) for n in range(size)}


def test_a_full_component_of_the_greatest_size_is_solved() -> None:
    half = MOST_FOR_OPTIMUM // 2
    full = {(n, half + m): 100.0 - abs(n - m) for n in range(half) for m in range(half)}
    assert chosen(full) == {(n, half + n) for n in range(half)}
