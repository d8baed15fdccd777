"""The report: every section in both languages, nothing from outside, and says what is to be decided and why."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from linkage.lists.persons import persons
from linkage.lists.report.charts import ticks
from linkage.lists.report.page import SECTIONS, page
from linkage.lists.report.pairs import MOST_TO_DECIDE, examples
from linkage.lists.report.technical import Run
from linkage.lists.report.texts import LANGUAGES, Language, Texts
from linkage.result import Contradiction, Decision, Linkage, LinkageWarning
from tests.linkage.lists.builders import EVALUATION, NO_MODEL, RUN, a_linkage, explanations

VOID = {"meta"}


class Page(HTMLParser):
    """Reads a page and fails where elements are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text += f"{data} "

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def report(linkage: Linkage, run: Run = RUN, language: Language = "en") -> str:
    return page(linkage, persons(linkage), run, explanations, Texts(language))


def text_of(linkage: Linkage, run: Run = RUN, language: Language = "en") -> str:
    return " ".join(Page(report(linkage, run, language)).text.split())


def many(second: int | None = None) -> Linkage:
    """Forty records, the first paired with the last and so on, ever more weakly."""

    def decision(n: int) -> Decision:
        return "link" if n < 8 else "review" if n < 16 else "no"

    pairs = [(n, 39 - n, 18.0 - 1.5 * n, decision(n)) for n in range(20)]
    warnings = (LinkageWarning("shared identifier", count=3), LinkageWarning("one value", key="name word"))
    return a_linkage(ids=[f"r{n}" for n in range(40)], pairs=pairs, second=second, warnings=warnings)


LINKAGES = {
    "full": many(),
    "two lists": many(second=20),
    "one pair": a_linkage(),
    "no pairs": a_linkage(pairs=[], keys=(), model=NO_MODEL),
    "one record": a_linkage(ids=("1",), pairs=[], keys=()),
    "no records": a_linkage(ids=(), pairs=[], keys=(), model=NO_MODEL),
    "no second list": a_linkage(ids=("1",), pairs=[], second=1),
    "thresholds at the ends": replace(a_linkage(), thresholds=replace(a_linkage().thresholds, link=1.0, review=0.0)),
}
EACH = pytest.mark.parametrize("linkage", LINKAGES.values(), ids=LINKAGES.keys())
IN_BOTH_LANGUAGES = pytest.mark.parametrize("language", LANGUAGES)


@EACH
@IN_BOTH_LANGUAGES
def test_every_section_is_there_and_the_navigation_leads_to_it(linkage: Linkage, language: Language) -> None:
    shown = Page(report(linkage, language=language))
    assert tuple(section["id"] for section in shown.all("section")) == SECTIONS
    ids = [attributes["id"] for _, attributes in shown.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {link["href"].removeprefix("#") for link in shown.all("a")} <= set(ids)
    assert {section["aria-labelledby"] for section in shown.all("section")} <= set(ids)
    assert shown.all("html") == [{"lang": language}]


@EACH
def test_it_asks_for_nothing_from_outside(linkage: Linkage) -> None:
    text = report(linkage)
    shown = Page(text)
    assert not re.search(r"https?:|\bsrc=|url\(|@import|//[a-z]+\.", text)
    assert {name for name, _ in shown.elements}.isdisjoint({"link", "img", "iframe", "object", "form", "base"})
    assert all(link["href"].startswith("#") for link in shown.all("a"))
    assert any("default-src 'none'" in meta.get("content", "") for meta in shown.all("meta"))


@EACH
def test_it_can_be_read_aloud(linkage: Linkage) -> None:
    shown = Page(report(linkage))
    assert {"header", "nav", "main", "footer"} <= {name for name, _ in shown.elements}
    assert len(shown.all("h1")) == 1
    assert len(shown.all("caption")) == len(shown.all("table"))
    assert all("scope" in head for head in shown.all("th"))
    charts = [svg for svg in shown.all("svg") if "aria-hidden" not in svg]
    assert len(shown.all("title")) >= 1 + len(charts)
    assert all(svg["role"] == "img" for svg in charts)
    signs = [span for span in shown.all("span") if span.get("role") == "img"]
    assert all(span["aria-label"] for span in signs)


HOSTILE = "<script>alert('x')</script>\"&amp;\x00"


def test_values_are_text_wherever_they_stand() -> None:
    linkage = a_linkage(
        ids=(HOSTILE, "2", "3"),
        names=[HOSTILE] * 3,
        warnings=(LinkageWarning("one value", key=HOSTILE),),
        keys=(replace(a_linkage().keys[0], name=HOSTILE),),
        contradictions={1: Contradiction(0, 2, "nik")},
    )
    field = replace(linkage.model.fields[0], levels=(HOSTILE, "same"))
    linkage = replace(linkage, model=replace(linkage.model, version=HOSTILE, fields=(field,)))
    text = report(linkage, Run(HOSTILE, RUN.at, mapping=HOSTILE, review=HOSTILE))
    shown = Page(text)
    assert len(shown.all("script")) == 1
    assert text.count("<script>") == 1
    assert "\x00" not in text
    assert shown.text.count("<script>alert('x')</script>\"&amp;\ufffd") >= 12


def test_the_summary_counts_what_was_found() -> None:
    text = text_of(many(second=20), replace(RUN, seconds=74.2, evaluation=EVALUATION))
    for fact in (
        "40 records, 32 persons",
        "list A 20, list B 20",
        "Pairs to decide 8",
        "about 0.40% may be wrong",
        "about 1.3% may be missing",
        "1 min 14 s",
        "Measured against the truth you gave",
        "0.9859",
        "3 pairs have an identifier in common",
        "Personal data.",
    ):
        assert fact in text


def test_the_summary_says_what_to_do_next() -> None:
    text = text_of(many(), replace(RUN, review="list-linked/review.xlsx"))
    assert "Open review.xlsx" in text
    assert "--decisions list-linked/review.xlsx" in text
    assert "There is no pair to decide." in text_of(a_linkage(pairs=[]))


def test_an_unused_blocking_key_is_a_technical_detail() -> None:
    text = text_of(many())
    assert "Please note 3 pairs have an identifier in common" in text
    assert "Not used to look for pairs: word of the name" in text.partition("Technical details For those")[2]


def test_the_report_is_in_indonesian_where_that_is_asked_for() -> None:
    text = text_of(many(), language="id")
    assert "40 data, 32 orang" in text
    assert "1 Maret 2026" in text
    assert "sekitar 0,40% mungkin keliru" in text
    assert "Kunci blocking" in text
    assert "tanggal lahir + kata nama" in text
    assert not re.search(r"\b(record|pair|threshold|person|weight)s?\b", text, re.IGNORECASE)


def test_every_pair_to_decide_is_shown_with_both_records() -> None:
    names = [f"Siti {n}" for n in range(40)]
    linkage = replace(many(), people=a_linkage(ids=[f"r{n}" for n in range(40)], names=names).people)
    shown = Page(report(linkage))
    decide = shown.text.partition("Pairs to decide\n")[2] or shown.text
    for n in range(8, 16):
        assert f"r{n} and r{39 - n}" in decide
        assert names[n] in decide
        assert names[39 - n] in decide


def test_where_there_are_too_many_pairs_to_decide_the_rest_is_counted() -> None:
    count = MOST_TO_DECIDE + 5
    pairs: list[tuple[int, int, float, Decision]] = [(2 * n, 2 * n + 1, -1.0, "review") for n in range(count)]
    text = text_of(a_linkage(ids=[str(n) for n in range(2 * count)], pairs=pairs))
    assert f"The first {MOST_TO_DECIDE} of {count} pairs are shown; review.xlsx holds all of them." in text


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "to link these two would also make one person of 1 and 3, and their NIKs differ."),
        ("id", "1 dan 3 ikut menjadi satu orang, padahal NIK-nya berbeda."),
    ],
)
def test_a_pair_that_contradictions_keep_apart_says_which_records_and_why(language: Language, expected: str) -> None:
    linkage = a_linkage(contradictions={1: Contradiction(0, 2, "nik")})
    assert expected in text_of(linkage, language=language)


def test_a_decision_of_the_person_is_shown_as_such() -> None:
    text = text_of(a_linkage(decided={0: True}))
    assert "You decided that this is one person." in text
    assert "Decided by you 1 1 the same person, 0 not" in text


def test_a_pair_shows_both_values_and_how_they_compare() -> None:
    text = report(a_linkage(names=["Siti Aminah", "Aminah, Siti", "Joko"]))
    assert '<td><bdi dir="auto">Siti Aminah</bdi></td><td><bdi dir="auto">Aminah, Siti</bdi></td>' in text
    assert "strong sign for one person" in text
    assert "One person with a probability of over 99%." in " ".join(Page(text).text.split())


def test_thresholds_that_are_one_are_shown_once() -> None:
    linkage = many()
    text = report(replace(linkage, thresholds=replace(linkage.thresholds, review=linkage.thresholds.link)))
    assert "contradictions and shared identifiers" in text
    assert "to decide from" not in text


def test_without_a_truth_nothing_is_measured() -> None:
    assert "Measured against the truth" not in report(many())


def test_records_without_a_partner_are_counted_and_the_first_fifty_named() -> None:
    text = text_of(a_linkage(ids=[f"r{n:03}" for n in range(200)]))
    assert "198 of 200 records (99.0%) are the only record of their person. 1 of them" in text
    assert "The first 50 of 197" in text
    assert "r052" in text
    assert "r053" not in text


def test_a_cluster_of_many_records_shows_some_and_counts_the_rest() -> None:
    text = text_of(a_linkage(ids=[f"r{n:02}" for n in range(30)], pairs=[], clusters=[4] * 30))
    assert "r11, and 18 more" in text


def test_examples_are_the_least_certain_links_and_the_nearest_of_the_others() -> None:
    groups = {group.name: group.pairs for group in examples(many())}
    assert groups == {"near_link": (4, 5, 6, 7), "near_review": (16, 17, 18, 19), "strongest": (0, 1)}


def test_no_pair_is_an_example_twice_or_to_be_decided() -> None:
    assert [pair for group in examples(a_linkage()) for pair in group.pairs] == [0]


def test_ticks_are_round_and_inside() -> None:
    assert ticks(-23.0, 41.0) == [-20, -10, 0, 10, 20, 30, 40]
    assert ticks(3.0, 3.0) == [3.0]
