from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.blocking import CandidatePairs, propose_pairs, registry_keys
from linkage.blocking.candidate_pairs import UnusedKey
from linkage.features import Features
from tests.linkage.builders import features

NAMES = ("siti aminah", "budi santoso", "aminah", "wayan sudarta", "maria goreti", "siti", "")
BORN = ("1990-05-12", "1990-12-05", "1991-05-12", "1985-01-01", "0-0-0")
NIKS = ("3201015205900001", "3201015205900002", "3302016512850003", "")
PLACES = ("32.01", "33.02", "")
row = st.tuples(*map(st.sampled_from, (NAMES, BORN, NIKS, PLACES, PLACES)))
lists = st.lists(row, min_size=1, max_size=60)


def people(rows: Sequence[tuple[str, ...]], second: int | None = None) -> Features:
    values = [list(column) for column in zip(*rows, strict=True)] or [[]] * 5
    columns = dict(zip(("name", "birth", "nik", "regency", "street"), values, strict=True))
    return features(len(rows), columns, second)


def pairs(found: CandidatePairs) -> set[tuple[int, int]]:
    return set(zip(found.left.tolist(), found.right.tolist(), strict=True))


@settings(deadline=None)
@given(lists, st.integers(0, 6))
def test_pairs_are_unique_ordered_and_within_the_budget(rows: list[tuple[str, ...]], budget: int) -> None:
    found = propose_pairs(people(rows), budget=budget)
    assert len(pairs(found)) == len(found) <= budget * len(rows)
    assert (found.left < found.right).all()
    assert (found.left >= 0).all()
    assert (found.right < len(rows)).all()


@settings(deadline=None)
@given(lists, lists, st.integers(0, 6))
def test_pairs_of_two_lists_are_across_them(
    one: list[tuple[str, ...]], other: list[tuple[str, ...]], budget: int
) -> None:
    found = propose_pairs(people(one + other, second=len(one)), budget=budget)
    assert len(pairs(found)) == len(found) <= budget * len(one + other)
    assert (found.left < len(one)).all()
    assert (found.right >= len(one)).all()


def test_of_few_records_every_pair_is_compared() -> None:
    assert pairs(propose_pairs(features(4, {"sex": ["L", "P", "", "L"]}))) == {
        (0, 1),
        (0, 2),
        (0, 3),
        (1, 2),
        (1, 3),
        (2, 3),
    }
    assert pairs(propose_pairs(features(3, {"name": ["siti", "budi", "ayu"]}, 1))) == {(0, 1), (0, 2)}


@pytest.mark.parametrize("second", [None, 200])
def test_whoever_shares_an_identifier_is_proposed(second: int | None) -> None:
    size = 500
    chosen = Random(1)
    passports = [chosen.choice(["", f"C{chosen.randrange(300):07}"]) for _ in range(size)]
    names = [chosen.choice(["siti", "budi"]) for _ in range(size)]
    found = pairs(propose_pairs(features(size, {"name": names, "passport": passports}, second), budget=20))
    for n in range(size):
        for m in range(n + 1, size):
            across = second is None or n < second <= m
            assert not (across and passports[n] and passports[n] == passports[m]) or (n, m) in found


ERRORS = {
    "a letter of a name": {"name": "siti aninah karso"},
    "another order, and a word less": {"name": "karso aminah"},
    "day and month swapped": {"birth": "1990-12-05"},
    "a year off": {"birth": "1991-05-12"},
    "an unknown day": {"birth": "1990-01-01"},
    "a digit of the NIK": {"nik": "3201015205900081"},
    "a lost phone and NIK": {"nik": "", "phone": ""},
    "moved": {"regency": "33.02", "street": "jalan kenanga"},
    "married": {"name": "siti santoso", "phone": ""},
    "another name": {"name": "wati", "nik": "", "phone": ""},
}


@pytest.mark.parametrize("error", ERRORS)
def test_a_duplicate_with_an_error_shares_two_keys(error: str) -> None:
    true = {
        "name": "siti aminah karso",
        "birth": "1990-05-12",
        "nik": "3201015205900001",
        "phone": "628123456789",
        "regency": "32.01",
        "street": "jalan melati",
        "mother": "sri wahyuni",
    }
    crowd = _crowd(300)
    for column, values in crowd.items():
        values[:2] = true[column], ERRORS[error].get(column, true[column])
    found = propose_pairs(features(300, crowd), budget=30)
    at = np.flatnonzero((found.left == 0) & (found.right == 1))
    assert len(at) == 1
    assert int(found.proposed_by[at[0]]).bit_count() >= 2


def _crowd(size: int, seed: int = 0) -> dict[str, list[str]]:
    chosen = Random(seed)
    consonants, vowels = "bdgjklmnprstw", "aiueo"

    def word() -> str:
        return "".join(chosen.choice(consonants) + chosen.choice(vowels) for _ in range(chosen.randint(2, 4)))

    known = [word() for _ in range(400)]
    some = [int(chosen.paretovariate(0.8)) % 400 for _ in range(6 * size)]
    return {
        "name": [" ".join(known[k] for k in some[6 * n : 6 * n + chosen.randint(1, 3)]) for n in range(size)],
        "birth": [str(date(1960, 1, 1) + timedelta(days=chosen.randrange(15000))) for _ in range(size)],
        "nik": [f"{chosen.randrange(10**15, 10**16)}" for _ in range(size)],
        "phone": [f"62812{chosen.randrange(10**7, 10**8)}" for _ in range(size)],
        "regency": [f"{chosen.randint(11, 94)}.{chosen.randint(1, 20):02}" for _ in range(size)],
        "street": [f"jalan {known[some[6 * n + 3]]}" for n in range(size)],
        "mother": [" ".join(known[k] for k in some[6 * n + 4 : 6 * n + 6]) for n in range(size)],
    }


@pytest.mark.parametrize("second", [None, 1, 5_000])
def test_ten_thousand_identical_rows_stay_bounded(second: int | None) -> None:
    rows = [(NAMES[0], BORN[0], NIKS[0], PLACES[0], "melati")] * 10_000
    found = propose_pairs(people(rows, second), budget=10)
    assert 0 < len(found) <= 100_000
    assert len(found.keys) == 1 or all(key.refined and key.left_out for key in found.keys)
    joined = {n for pair in pairs(found) for n in pair}
    assert len(joined) == 10_000


def test_among_many_called_siti_the_likely_ones_are_found() -> None:
    size = 6_000
    crowd = _crowd(size)
    crowd["birth"][1] = crowd["birth"][0]
    found = propose_pairs(features(size, {"name": ["siti"] * size, "birth": crowd["birth"]}), budget=10)
    assert (0, 1) in pairs(found)
    assert len(found) <= 10 * size
    assert any(key.left_out for key in found.keys)


def test_a_constant_and_an_empty_column_are_said_to_be_of_no_use() -> None:
    size = 2_000
    crowd = _crowd(size)
    found = propose_pairs(features(size, {"name": crowd["name"], "passport": [""] * size, "id:batch": ["7"] * size}))
    assert UnusedKey("passport", "no shared value") in found.unused
    assert UnusedKey("id:batch", "one value") in found.unused
    assert {"passport", "id:batch"}.isdisjoint(key.name for key in found.keys)


@pytest.mark.parametrize("size", [0, 1])
@pytest.mark.parametrize("second", [None, 0])
def test_nobody_and_one_make_no_pairs(size: int, second: int | None) -> None:
    assert len(propose_pairs(people([(NAMES[0], BORN[0], NIKS[0], "", "")] * size, second))) == 0


def test_lists_of_nothing_but_texts_have_keys() -> None:
    crowd = _crowd(500)
    crowd["name"][1] = crowd["name"][0] = "warung sederhana"
    assert (0, 1) in pairs(propose_pairs(features(500, {"text:what": crowd["name"]}), budget=5))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_counts_add_up(seed: int) -> None:
    found = propose_pairs(features(300, _crowd(300, seed)), budget=12)
    for k, key in enumerate(found.keys):
        mine = (found.proposed_by >> np.uint64(k) & np.uint64(1)).astype(bool)
        assert key.pairs == mine.sum()
        assert key.only_here == (mine & (found.proposed_by == np.uint64(1 << k))).sum()
    assert (found.proposed_by > 0).all()
    likely = found.left % 2 == 0
    for key, report in zip(found.keys, found.reports(likely), strict=True):
        assert (report.name, report.pairs, report.left_out) == (key.name, key.pairs, key.left_out)
        assert 0 <= report.recall <= 1


def test_twenty_thousand_records_keep_their_duplicates_in_reach() -> None:
    size = 20_000
    crowd = _crowd(size)
    for values in crowd.values():
        values[size // 2 :] = values[: size // 2]
    crowd["nik"][: size // 2] = [""] * (size // 2)
    crowd["birth"][: size // 4] = ["1970-01-01"] * (size // 4)
    told: list[float] = []
    found = propose_pairs(features(size, crowd, size // 2), progress=told.append)
    assert (found.right - found.left == size // 2).sum() == size // 2
    assert len(found) <= 40 * size
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_the_same_records_give_the_same_candidates() -> None:
    crowd = _crowd(400)
    one, other = (propose_pairs(features(400, crowd), budget=9) for _ in range(2))
    assert (one.left == other.left).all()
    assert (one.proposed_by == other.proposed_by).all()
    assert one.keys == other.keys


def test_a_persons_keys_are_texts_and_few() -> None:
    said = {
        "name": "siti aminah karso sudarto",
        "birth": "1990-05-12",
        "phone": "6281234567890",
        "mother": "sri wahyuni",
    }
    one = features(1, {column: [value] for column, value in said.items()})
    assert registry_keys(one) == [
        [
            "phone:34567890",
            "birth+word+regency:1990-05-12:sdrt:",
            "birth+word+initial:1990-05-12:amn:s",
            "birth+mother+initial:1990-05-12:waiuni:s",
            "words+year+regency:amn+sdrt:1990:",
            "words+mother+regency:amn+sdrt:waiuni:",
        ]
    ]


def test_of_a_coarse_birth_date_the_year_and_the_regency_count() -> None:
    rows = features(
        2, {"name": ["siti aminah", "budi"], "birth": ["1990-01-01", "0-0-0"], "regency": ["32.01", "33.02"]}
    )
    assert registry_keys(rows) == [["words+year+regency:amn+siti:1990:32.01"], []]


@settings(deadline=None)
@given(lists)
def test_a_persons_keys_depend_on_nobody_else(rows: list[tuple[str, ...]]) -> None:
    only_here = [registry_keys(people([row]))[0] for row in rows]
    assert registry_keys(people(rows)) == only_here
    assert all(len(keys) <= 6 for keys in only_here)
