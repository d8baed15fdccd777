"""Aligning: the words of two names side by side."""

import numpy as np
import pytest

from linkage.comparing.word_alignment import ALIKE, INITIAL, NEAR, NONE, Alignment, WordRelations, align
from linkage.feature_extraction import extract_features
from linkage.features import Words
from tests.linkage.samples import Row, listed


def named(*names: str) -> Words:
    rows: list[Row] = [{"full_name": name} for name in names]
    feature = extract_features(listed(*rows)).words("name")
    assert feature is not None
    return feature


def aligned(one: str, other: str) -> Alignment:
    words = named(one, other)
    bits = np.full(max(1, len(words.words)), 4, dtype=np.float32)
    return align(words, words, (np.array([0]), np.array([1])), (bits, bits), WordRelations(words))


@pytest.mark.parametrize(
    ("one", "other", "relation"),
    [
        ("karso", "karsu", ALIKE),
        ("ratnawati", "ratna", ALIKE),
        ("susanto", "s", INITIAL),
        ("susanto", "susilo", NONE),
        ("martono", "hartono", NEAR),
        ("budi", "wayan", NONE),
        ("bill", "william", ALIKE),
        ("pepe", "jose", ALIKE),
        ("iyem", "sariyem", ALIKE),
        ("tini", "kartini", ALIKE),
        ("agus", "agustinus", ALIKE),
        ("wati", "susilowati", ALIKE),
        ("siti", "sutrisno", NONE),
    ],
)
def test_two_words_relate_the_same_either_way(one: str, other: str, relation: int) -> None:
    words = named(f"{one} {other}")
    relations = WordRelations(words)
    first, second = np.array([0], dtype=np.int32), np.array([1], dtype=np.int32)
    assert relations.between(first, second)[0] == relations.between(second, first)[0] == relation


def test_words_go_together_whatever_their_order_and_each_once() -> None:
    found = aligned("Siti Aminah Karso", "KARSO, Siti")
    assert (found.same[0], found.fewer[0], found.more[0]) == (2, 2, 3)
    assert found.rarity[0] == 8
    once = aligned("Karso", "Karso Karsu")
    assert (once.same[0], once.alike[0]) == (1, 0)


def test_what_is_only_alike_tells_less_than_what_is_the_same() -> None:
    same, alike, initial, none = (aligned("Karso", other).rarity[0] for other in ("Karso", "Karsu", "K", "Wayan"))
    assert same > alike > initial > none == 0


def test_a_name_without_words_goes_with_none() -> None:
    found = aligned("", "Karso")
    assert (found.fewer[0], found.more[0], found.rarity[0]) == (0, 1, 0)


def test_words_of_any_length_are_compared() -> None:
    found = aligned("x" * 10_000, "x" * 9_999 + "y")
    assert found.alike[0] == 1
