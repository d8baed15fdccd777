from collections.abc import Collection

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from linkage.clustering.clusters import MOST_RECORDS, Clustering, Contradict, cluster
from linkage.clustering.contradictions import REASONS, Contradictions, Reason
from linkage.features import Ints
from tests.linkage.builders import features

SIZE = 12
Pair = tuple[int, int]
pairs = st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)).filter(lambda pair: pair[0] < pair[1])
links = st.dictionaries(pairs, st.integers(0, 20).map(float), max_size=25)


def clustered(weighed: dict[Pair, float], contradicting: Collection[Pair] = (), size: int = SIZE) -> Clustering:
    ends = np.array(list(weighed), dtype=np.int32).reshape(-1, 2)
    weight = np.array(list(weighed.values()), dtype=np.float32)
    return cluster(size, ends[:, 0], ends[:, 1], weight, _contradicting(contradicting))


def _contradicting(contradicting: Collection[Pair]) -> Contradict:
    def contradict(left: Ints, right: Ints) -> NDArray[np.bool_]:
        found = [tuple(sorted(pair)) in contradicting for pair in zip(left.tolist(), right.tolist(), strict=True)]
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
    assert len(found.refused) == 0


@given(links, st.sets(pairs, max_size=8))
def test_no_chain_of_links_joins_what_contradicts(weighed: dict[Pair, float], contradicting: set[Pair]) -> None:
    labels = clustered(weighed, contradicting).labels
    assert not any(labels[a] == labels[b] for a, b in contradicting - weighed.keys())


@given(links, st.sets(pairs, max_size=8))
def test_a_link_joins_or_is_given_to_a_steward(weighed: dict[Pair, float], contradicting: set[Pair]) -> None:
    found = clustered(weighed, contradicting)
    refused = {list(weighed)[n] for n in found.refused.tolist()}
    assert refused == {(a, b) for a, b in weighed if found.labels[a] != found.labels[b]}
    assert all(_reached(weighed, a) & {n for pair in contradicting for n in pair} for a, _ in refused)


@given(links, st.sets(pairs, max_size=8))
def test_labels_are_numbered_by_first_record(weighed: dict[Pair, float], contradicting: set[Pair]) -> None:
    labels = clustered(weighed, contradicting).labels.tolist()
    assert list(dict.fromkeys(labels)) == list(range(len(set(labels))))


@given(links, st.sets(pairs, max_size=8))
def test_a_refused_link_names_the_contradiction_that_refused_it(weighed: dict[Pair, float], against: set[Pair]) -> None:
    found = clustered(weighed, against)
    for link, (a, b) in zip(found.refused.tolist(), found.contradicting, strict=True):
        left, right = list(weighed)[link]
        assert tuple(sorted((a, b))) in against
        assert found.labels[a] == found.labels[left]
        assert found.labels[b] == found.labels[right]


def test_a_forced_link_joins_whatever_contradicts_it() -> None:
    ends, weight = np.array([(0, 1), (1, 2)], dtype=np.int32), np.array([5.0, 9.0], dtype=np.float32)
    forced = np.array([True, True])
    found = cluster(3, ends[:, 0], ends[:, 1], weight, _contradicting({(0, 2)}), forced=forced)
    assert len(set(found.labels.tolist())) == 1


def test_records_that_are_different_are_never_joined() -> None:
    ends, weight = np.array([(0, 1), (1, 2)], dtype=np.int32), np.array([5.0, 9.0], dtype=np.float32)
    found = cluster(3, ends[:, 0], ends[:, 1], weight, _contradicting(()), different=[(0, 2)])
    assert found.labels[0] != found.labels[1] == found.labels[2]
    assert found.contradicting == [(0, 2)]


def test_the_heavier_link_wins() -> None:
    found = clustered({(0, 1): 5.0, (1, 2): 9.0}, {(0, 2)})
    assert found.labels[1] == found.labels[2] != found.labels[0]
    assert found.refused.tolist() == [0]


def test_nobody_is_nobody() -> None:
    assert clustered({}, size=0).labels.tolist() == []
    assert clustered({}, size=2).labels.tolist() == [0, 1]


def test_big_components_come_apart_at_links_between_those_who_contradict() -> None:
    half = MOST_RECORDS
    chain = {(n, n + 1): 9.0 for n in range(2 * half - 1)} | {(half - 1, half): 1.0}
    found = clustered(chain, {(half - 2, half)}, size=2 * half)
    assert [list(chain)[n] for n in found.refused.tolist()] == [(half - 1, half)]
    assert (np.diff(found.labels) != 0).sum() == 1


@pytest.mark.parametrize("hub", [False, True])
def test_ten_thousand_of_one_person_are_one(hub: bool) -> None:
    size = 10_000
    found = clustered({(0 if hub else n, n + 1): 1.0 for n in range(size - 1)}, size=size)
    assert found.labels.max() == 0


ONE = {"name": "siti aminah", "birth": "1990-05-12", "sex": "P", "nik": "3201015205900001", "mother": "sri wahyuni"}
OTHERS: dict[str, tuple[dict[str, str], Reason]] = {
    "another NIK": ({"nik": "3302024107880077"}, "nik"),
    "an NIK one slip apart": ({"nik": "3201015205900010"}, ""),
    "an NIK that is none": ({"nik": "9999"}, ""),
    "another sex": ({"sex": "L"}, ""),
    "another sex and name": ({"sex": "L", "name": "budi santoso"}, "sex"),
    "another sex and a letter of the name": ({"sex": "L", "name": "siti amina"}, ""),
    "a generation": ({"birth": "1965-03-02", "nik": ""}, "generation"),
    "a year written wrong": ({"birth": "1909-05-12", "nik": ""}, ""),
    "a generation, one NIK": ({"birth": "1965-03-02"}, ""),
    "a twin": ({"name": "ratna dewi", "nik": ""}, "twins"),
    "a twin, next in the office": ({"name": "siti aminoh", "nik": "3201015205900002"}, "twin niks"),
    "part of the name": ({"name": "aminah karso", "nik": ""}, ""),
    "nothing known": ({"name": "", "birth": "0-0-0", "sex": "", "nik": "", "mother": ""}, ""),
}


@pytest.mark.parametrize("other", OTHERS)
def test_what_one_person_cannot_be(other: str) -> None:
    differing, reason = OTHERS[other]
    rows = [ONE, ONE | differing]
    contradictions = Contradictions(features(2, {column: [row[column] for row in rows] for column in ONE}))
    first, second = np.array([0], dtype=np.int32), np.array([1], dtype=np.int32)
    reasons = [contradictions.between(*pair).tolist() for pair in ((first, second), (second, first))]
    assert reasons == [[REASONS.index(reason)]] * 2
