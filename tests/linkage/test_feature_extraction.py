"""Building: columns as they were written become features."""

import numpy as np
import pytest

from linkage.feature_extraction import NAME_WORDS, extract_features
from linkage.features import Words
from linkage.people import Column, People, concatenate
from tests.linkage.samples import Row, listed


def words(feature: Words | None, record: int) -> list[str]:
    assert feature is not None
    return [feature.words[n] for n in feature.ids[record] if n >= 0]


def test_given_name_and_surname_are_a_name_too() -> None:
    features = extract_features(
        listed({"given_name": "Siti", "surname": "Aminah"}, {"given_name": "Budi", "surname": ""})
    )
    assert words(features.words("name"), 0) == ["siti", "aminah"]
    assert words(features.words("given"), 1) == ["budi"]
    assert words(features.words("surname"), 1) == []


def test_a_list_without_surnames_is_compared_by_whole_names() -> None:
    parted = listed({"given_name": "Siti", "surname": "Aminah"})
    features = extract_features(concatenate(parted, listed({"full_name": "Siti Aminah"})))
    assert "given" not in features.by_name
    assert words(features.words("name"), 1) == ["siti", "aminah"]


def test_words_of_all_names_are_numbered_together() -> None:
    features = extract_features(listed({"full_name": "Siti Aminah", "alias": "Aminah", "mother_name": "Siti"}))
    numbers = [features.words(name) for name in ("name", "alias", "mother")]
    assert all(feature is not None and feature.words is numbers[0].words for feature in numbers if numbers[0])


def test_a_name_of_many_words_keeps_the_first() -> None:
    features = extract_features(listed({"full_name": "Raden Ajeng Siti Aminah Kartika Dewi Sekar Arum Wulan"}))
    assert len(words(features.words("name"), 0)) <= NAME_WORDS


@pytest.mark.parametrize(
    ("written", "expected", "coarse"),
    [
        ("1990-05-12", (1990, 5, 12), False),
        ("1990-02-31", (1990, 2, 31), False),
        ("1990-01-01", (1990, 1, 1), True),
        ("1990-06-30", (1990, 6, 30), True),
        ("1990-05", (1990, 5, 0), True),
        ("1990", (1990, 0, 0), True),
        ("", (0, 0, 0), True),
        ("kemarin", (0, 0, 0), True),
    ],
)
def test_dates_are_known_by_part(written: str, expected: tuple[int, int, int], coarse: bool) -> None:
    dates = extract_features(listed({"birth_date": written})).dates()
    assert dates is not None
    assert (dates.year[0], dates.month[0], dates.day[0]) == expected
    assert dates.coarse[0] == coarse


def test_a_code_is_one_however_it_is_written() -> None:
    rows: list[Row] = [{"phone": "+62 834-1234-5678"}, {"phone": "083412345678"}, {"phone": "-"}]
    phone = extract_features(listed(*rows)).codes("phone")
    assert phone is not None
    assert phone.ids.tolist() == [0, 0, -1]
    assert phone.counts.tolist() == [2]


def test_the_same_words_in_another_order_are_the_same_whole() -> None:
    name = extract_features(
        listed({"full_name": "Siti Aminah"}, {"full_name": "Aminah Siti"}, {"full_name": ""})
    ).words("name")
    assert name is not None
    assert name.sets[0] == name.sets[1] >= 0
    assert name.sets[2] == -1


def test_two_numbers_of_other_issuers_are_two_features() -> None:
    ids = [Column("other_id", "kk", ["A1"]), Column("other_id", "bpjs", ["B2"]), Column("phone", "hp", ["0834567890"])]
    features = extract_features(People(["1"], (*ids, Column("phone", "telp", ["0835678901"]))))
    assert {"id:kk", "id:bpjs", "phone", "phone:telp"} == set(features.by_name)


def test_nobody_has_features_too() -> None:
    features = extract_features(People([], (Column("full_name", "nama", []), Column("birth_date", "lahir", []))))
    assert features.size == 0
    name = features.words("name")
    assert name is not None
    assert np.size(name.ids) == 0
