"""Pairs judged one by one, as at intake: each weighs the same whoever else is judged with it."""

import numpy as np
import pytest

from linkage.judge_pairs import explain_pair, judge
from linkage.scoring.deterministic_rules import NO_RULE, SAME_NIK, SHARED_IDENTIFIER
from tests.linkage.samples import aminah, crowd, listed, registry_model

FIRST, SECOND = np.array([0], dtype=np.int32), np.array([1], dtype=np.int32)


def test_a_pair_weighs_the_same_whoever_is_judged_with_it() -> None:
    pair = aminah(["nik"]), aminah(["passport"], full_name="Aminah Karso", birth_date="1990-12-05")
    only_here = judge(listed(*pair), FIRST, SECOND, registry_model())
    among = judge(listed(*pair, *crowd(300)), FIRST, SECOND, registry_model())
    assert among.weight == pytest.approx(only_here.weight, abs=1e-3)
    assert among.probability == pytest.approx(only_here.probability, abs=1e-4)


def test_what_was_judged_is_explained_with_the_same_weight() -> None:
    people = listed(aminah(), aminah(full_name="Aminah", phone=""), *crowd(20))
    judged = judge(people, FIRST, SECOND, registry_model())
    assert explain_pair(people, 0, 1, registry_model()).weight == pytest.approx(float(judged.weight[0]), abs=1e-2)


def test_only_a_rule_that_links_is_certain() -> None:
    other = aminah(full_name="Bambang Utomo", sex="L", birth_date="1971-02-03")
    people = listed(aminah(), aminah(["passport"]), other, *crowd(1))
    left, right = np.array([0, 0, 0], dtype=np.int32), np.array([1, 2, 3], dtype=np.int32)
    judged = judge(people, left, right, registry_model())
    assert judged.rule.tolist() == [SAME_NIK, SHARED_IDENTIFIER, NO_RULE]
    assert judged.certain().tolist() == [True, False, False]


def test_nobody_is_judged_where_there_are_no_pairs() -> None:
    none = np.zeros(0, dtype=np.int32)
    assert len(judge(listed(aminah()), none, none, registry_model()).weight) == 0


def test_whoever_says_nothing_is_as_likely_as_anybody() -> None:
    judged = judge(listed({}, aminah()), FIRST, SECOND, registry_model())
    assert judged.probability[0] < 1e-5
    assert judged.rule[0] == NO_RULE
