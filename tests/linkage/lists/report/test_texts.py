"""The texts of the report: both languages say everything, and write figures in their own way."""

import re
from datetime import UTC, datetime
from typing import get_args

import pytest

from linkage.clustering.contradictions import REASONS
from linkage.comparing.fields import SPECS, Kind
from linkage.lists.report.texts import LANGUAGES, Language, Texts, catalogue
from linkage.result import LinkageWarning
from linkage.scoring.deterministic_rules import RULES

IN_BOTH_LANGUAGES = pytest.mark.parametrize("language", LANGUAGES)
EN, ID = Texts("en"), Texts("id")


def test_both_languages_have_the_same_texts_with_the_same_values() -> None:
    english, indonesian = catalogue("en"), catalogue("id")
    assert english.keys() == indonesian.keys()
    for key, text in english.items():
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", indonesian[key])), key
        assert text
        assert indonesian[key]


@IN_BOTH_LANGUAGES
def test_everything_that_the_engine_says_has_words(language: Language) -> None:
    texts = catalogue(language)
    in_words = Texts(language)
    for kind in get_args(Kind):
        for level in (*SPECS[kind].levels, "missing"):
            assert in_words.level(kind, level) in texts.values(), (kind, level)
    for reason in REASONS[1:]:
        assert f"reason.{reason.replace(' ', '_')}" in texts
    assert len({in_words.rule(rule) for rule in RULES[1:]} & set(texts.values())) == len(RULES) - 1
    for kind_of_warning in get_args(LinkageWarning.__annotations__["kind"]):
        assert in_words.warning(LinkageWarning(kind_of_warning, count=1, key="name word"))


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (EN.percent(0.0), "0%"),
        (EN.percent(0.00001), "under 0.01%"),
        (EN.percent(0.0042), "0.42%"),
        (ID.percent(0.0042), "0,42%"),
        (EN.percent(0.5), "50.0%"),
        (EN.percent(0.9978), "99.78%"),
        (EN.percent(0.999999), "over 99.99%"),
        (ID.percent(0.999999), "lebih dari 99,99%"),
        (EN.percent(float("nan")), "not known"),
        (EN.odds(0.5), "50.0%"),
        (EN.odds(1 / 25_300), "1 in 25,000"),
        (ID.odds(1 / 25_300), "1 dari 25.000"),
        (EN.probability(1.0), "over 99%"),
        (EN.probability(0.0), "under 1%"),
        (EN.probability(0.25), "25%"),
        (EN.bits(-3.14), "−3.1"),
        (ID.bits(-3.14), "−3,1"),
        (EN.bits(-0.01), "0"),
        (EN.count(1, "person"), "1 person"),
        (EN.count(1204, "person"), "1,204 persons"),
        (ID.count(1204, "person"), "1.204 orang"),
        (EN.duration(59.96), "1 min 00 s"),
        (EN.duration(3.21), "3.2 s"),
        (ID.duration(3.21), "3,2 detik"),
        (EN.moment(datetime(2026, 3, 1, 9, 5, tzinfo=UTC)), "1 March 2026, 09:05 UTC"),
        (ID.moment(datetime(2026, 12, 24, 9, 5, tzinfo=UTC)), "24 Desember 2026, 09:05 UTC"),
        (EN.blocking_key("half of id:no_bpjs + name word"), "half of no_bpjs + word of the name"),
        (ID.blocking_key("village + name word"), "desa/kelurahan + kata nama"),
        (EN.field("id:no_bpjs"), "no_bpjs"),
    ],
)
def test_figures_and_names_are_written_as_people_write_them(shown: str, expected: str) -> None:
    assert shown == expected
