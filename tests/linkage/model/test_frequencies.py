"""Frequencies: how common values are, without telling who is in the list."""

from linkage.feature_extraction import extract_features
from linkage.model.frequencies import FEWEST_RECORDS, common_values
from tests.linkage.samples import Row, crowd, listed


def test_a_word_is_listed_with_the_share_of_records_that_have_it() -> None:
    rows: list[Row] = [{"full_name": "Siti Aminah" if n % 4 == 0 else "Budi"} for n in range(100)]
    table = common_values(extract_features(listed(*rows)))["name"]
    assert (table["aminah"], table["budi"]) == (0.25, 0.75)
    assert table[""] == 0.01


def test_a_value_that_few_have_is_never_listed() -> None:
    rare: list[Row] = [{"full_name": "Rukmini Wonoseno", "nik": "3307995205900001"}] * (FEWEST_RECORDS - 1)
    table = common_values(extract_features(listed(*crowd(400), *rare)))
    assert "wonoseno" not in table["name"]
    assert set(table["nik"]) == set(table["passport"]) == set(table["phone"]) == {""}


def test_shares_are_of_those_who_have_a_value() -> None:
    rows: list[Row] = [{"sex": ("L", "P", "")[n % 3]} for n in range(99)]
    assert common_values(extract_features(listed(*rows)))["sex"]["P"] == 0.5


def test_of_nobody_nothing_is_known() -> None:
    assert common_values(extract_features(listed({"full_name": ""})))["name"] == {"": 1.0}
