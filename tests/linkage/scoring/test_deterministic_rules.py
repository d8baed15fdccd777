"""Rules: an identifier that two records share decides by itself, unless what else they say speaks against it."""

import numpy as np
import pytest

from linkage.comparing import Comparer
from linkage.feature_extraction import extract_features
from linkage.judge_pairs import judge
from linkage.model.estimation import learn
from linkage.scoring.deterministic_rules import (
    NO_RULE,
    RULES,
    SAME_ISSUER_NUMBER,
    SAME_NIK,
    SAME_PASSPORT,
    SHARED_IDENTIFIER,
    apply_rules,
)
from tests.linkage.samples import Row, aminah, crowd, listed, registry_model

SOMEBODY = {"full_name": "Bambang Utomo", "mother_name": "Sri Wijaya", "sex": "L", "birth_date": "1971-02-03"}
NO_NUMBERS: Row = {"nik": "", "passport": "", "phone": "", "email": ""}


def rule(one: Row, other: Row) -> int:
    at = np.array([0], dtype=np.int32), np.array([1], dtype=np.int32)
    return int(judge(listed(one, other, *crowd(5)), *at, registry_model()).rule[0])


def test_each_rule_has_its_words() -> None:
    assert len(RULES) == 5
    assert not RULES[NO_RULE]


@pytest.mark.parametrize(
    ("field", "expected"),
    [("nik", SAME_NIK), ("passport", SAME_PASSPORT)],
)
def test_a_number_that_is_checked_by_birth_date_decides(field: str, expected: int) -> None:
    other = aminah(**NO_NUMBERS | {field: aminah()[field]})  # type: ignore[operator, index]
    assert rule(aminah(), other) == expected


def test_a_shared_nik_with_another_sex_and_birth_date_is_a_warning() -> None:
    assert rule(aminah(), aminah(**SOMEBODY)) == SHARED_IDENTIFIER
    assert rule(aminah(["nik"]), aminah(["nik"], **SOMEBODY)) == SHARED_IDENTIFIER


def test_a_shared_nik_with_another_birth_date_alone_decides_nothing() -> None:
    assert rule(aminah(["passport"]), aminah(["passport"], birth_date="1971-02-03")) == NO_RULE
    assert rule(aminah(["passport"]), aminah(["passport"], sex="L")) == NO_RULE
    assert rule(aminah(["passport"]), aminah(["passport", "birth_date"])) == NO_RULE


def test_a_passport_alone_with_nothing_that_checks_it_decides_nothing() -> None:
    bare: Row = {"passport": "Z1234567", "phone": "083412345678"}
    assert rule(bare, bare) == NO_RULE
    assert rule(aminah(["nik"]), aminah(["nik"], full_name="Endang Pratama")) == NO_RULE


def test_whoever_shares_no_number_is_no_rules_matter() -> None:
    nameless = {**NO_NUMBERS, "nik": "3307995205900777"}
    assert rule(aminah(), aminah(**nameless)) == NO_RULE


def test_the_number_of_one_issuer_decides_unless_a_household_shares_it() -> None:
    own = [{**row, "other_id": f"BP-{n:06}"} for n, row in enumerate(crowd(300))]
    shared = [{**row, "other_id": f"KK-{n // 4:06}"} for n, row in enumerate(crowd(300))]
    for rows, expected in ((own, SAME_ISSUER_NUMBER), (shared, NO_RULE)):
        people = listed(*rows, *({**row, **NO_NUMBERS} for row in rows))
        comparer = Comparer(extract_features(people))
        left, right = (side.astype(np.int32) for side in np.triu_indices(len(people), 1))
        same = (left + 300 == right) | (left // 4 == right // 4)
        model = learn(comparer, left[same], right[same])
        at = np.array([0], dtype=np.int32), np.array([300], dtype=np.int32)
        assert apply_rules(comparer, comparer.compare(*at), model)[0] == expected
