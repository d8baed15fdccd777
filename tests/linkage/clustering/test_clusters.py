from collections.abc import Collection

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from linkage.clustering.clusters import MOST, Clustering, Contradict, clusters
from linkage.clustering.contradictions import Contradictions
from linkage.features import Ints
from tests.linkage.builders import features

SIZE = 12
Pair = tuple[int, int]
pairs = st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)).filter(lambda pair: pair[0] < pair[1])
links = st.dictionaries(pairs, st.integers(0, 20).map(float), max_size=25)


def clustered(weighed: dict[Pair, float], foes: Collection[Pair] = (), size: int = SIZE) -> Clustering:
    ends = np.array(list(weighed), dtype=np.int32).reshape(-1, 2)
    weight = np.array(list(weighed.values()), dtype=np.float32)
    return clusters(size, ends[:, 0], ends[:, 1], weight, _contradicting(foes))


def _contradicting(foes: Collection[Pair]) -> Contradict:
    def contradict(left: Ints, right: Ints) -> NDArray[np.bool_]:
        found = [tuple(sorted(pair)) in foes for pair in zip(left.tolist(), right.tolist(), strict=True)]
        return np.array(found, dtype=np.bool_)

    return contradict


def _reached(weighed: dict[Pair, float], start: int) -> set[int]:
    reached, new = {start}, {start}
    while new:
        new = {b for pair in weighed for a, b in (pair, pair[::-1]) if a in new} - reached
        reached |= new
    return reached


@given(links)
def test_without_contradictions_whoever_is_reached_by_links_is_one(weighed: dict[Pair, float]) -> None:
    found = clustered(weighed)
    for n in range(SIZE):
        assert set(np.flatnonzero(found.labels == found.labels[n]).tolist()) == _reached(weighed, n)
    assert len(found.demoted) == 0


@given(links, st.sets(pairs, max_size=8))
def test_no_chain_of_links_joins_what_contradicts(weighed: dict[Pair, float], foes: set[Pair]) -> None:
    labels = clustered(weighed, foes).labels
    assert not any(labels[a] == labels[b] for a, b in foes - weighed.keys())


@given(links, st.sets(pairs, max_size=8))
def test_a_link_joins_or_is_given_to_a_steward(weighed: dict[Pair, float], foes: set[Pair]) -> None:
    found = clustered(weighed, foes)
    demoted = {list(weighed)[n] for n in found.demoted.tolist()}
    assert demoted == {(a, b) for a, b in weighed if found.labels[a] != found.labels[b]}
    assert all(_reached(weighed, a) & {n for foe in foes for n in foe} for a, _ in demoted)


@given(links, st.sets(pairs, max_size=8))
def test_labels_are_numbered_by_first_record(weighed: dict[Pair, float], foes: set[Pair]) -> None:
    labels = clustered(weighed, foes).labels.tolist()
    assert list(dict.fromkeys(labels)) == list(range(len(set(labels))))


def test_the_heavier_link_wins() -> None:
    found = clustered({(0, 1): 5.0, (1, 2): 9.0}, {(0, 2)})
    assert found.labels[1] == found.labels[2] != found.labels[0]
    assert found.demoted.tolist() == [0]


def test_nobody_is_nobody() -> None:
    assert clustered({}, size=0).labels.tolist() == []
    assert clustered({}, size=2).labels.tolist() == [0, 1]


def test_big_components_come_apart_at_links_between_those_who_contradict() -> None:
    half = MOST
    chain = {(n, n + 1): 9.0 for n in range(2 * half - 1)} | {(half - 1, half): 1.0}
    found = clustered(chain, {(half - 2, half)}, size=2 * half)
    assert [list(chain)[n] for n in found.demoted.tolist()] == [(half - 1, half)]
    assert (np.diff(found.labels) != 0).sum() == 1


@pytest.mark.parametrize("hub", [False, True])
def test_ten_thousand_of_one_person_are_one(hub: bool) -> None:
    size = 10_000
    found = clustered({(0 if hub else n, n + 1): 1.0 for n in range(size - 1)}, size=size)
    assert found.labels.max() == 0


ONE = {"name": "siti aminah", "birth": "1990-05-12", "sex": "P", "nik": "3201015205900001", "mother": "sri wahyuni"}
OTHERS = {
    "another NIK": ({"nik": "3302024107880077"}, True),
    "an NIK one slip apart": ({"nik": "3201015205900010"}, False),
    "an NIK that is none": ({"nik": "9999"}, False),
    "another sex": ({"sex": "L"}, False),
    "another sex and name": ({"sex": "L", "name": "budi santoso"}, True),
    "another sex and a letter of the name": ({"sex": "L", "name": "siti amina"}, False),
    "a generation": ({"birth": "1965-03-02", "nik": ""}, True),
    "a year written wrong": ({"birth": "1909-05-12", "nik": ""}, False),
    "a generation, one NIK": ({"birth": "1965-03-02"}, False),
    "a twin": ({"name": "ratna dewi", "nik": ""}, True),
    "a twin, next in the office": ({"name": "siti aminoh", "nik": "3201015205900002"}, True),
    "part of the name": ({"name": "aminah karso", "nik": ""}, False),
    "nothing known": ({"name": "", "birth": "0-0-0", "sex": "", "nik": "", "mother": ""}, False),
}


@pytest.mark.parametrize("other", OTHERS)
def test_what_one_person_cannot_be(other: str) -> None:
    differing, contradicts = OTHERS[other]
    rows = [ONE, ONE | differing]
    bars = Contradictions(features(2, {column: [row[column] for row in rows] for column in ONE}))
    zero, one = np.array([0], dtype=np.int32), np.array([1], dtype=np.int32)
    assert bars.between(zero, one).tolist() == bars.between(one, zero).tolist() == [contradicts]
