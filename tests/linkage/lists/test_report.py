import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from linkage.lists.persons import persons
from linkage.lists.report.charts import ticks
from linkage.lists.report.examples import examples
from linkage.lists.report.page import page
from linkage.lists.report.run import Run
from linkage.lists.report.wording import bits, chance, count, duration, likelihood, percent
from linkage.result import Decision, Linkage, LinkageWarning
from tests.linkage.lists.builders import EVALUATION, NO_MODEL, RUN, a_linkage, explained

SECTIONS = ("summary", "warnings", "reading", "scores", "examples", "weights", "clusters", "unlinked", "keys", "making")
VOID = {"meta"}


class Page(HTMLParser):
    """Reads a page and fails where elements are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.inside: dict[str, set[str]] = {}
        self.text = ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        for outer in self.open:
            self.inside.setdefault(outer, set()).add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def report(linkage: Linkage, run: Run = RUN) -> str:
    return page(linkage, persons(linkage), run, explained)


def many(second: int | None = None) -> Linkage:
    """Forty records, the first with the last and so on, ever more weakly."""

    def decision(n: int) -> Decision:
        return "link" if n < 8 else "review" if n < 16 else "no"

    pairs = [(n, 39 - n, 18.0 - 1.5 * n, decision(n)) for n in range(20)]
    return a_linkage(
        ids=[f"r{n}" for n in range(40)], pairs=pairs, second=second, warnings=(LinkageWarning("shared identifier", 3),)
    )


LINKAGES = {
    "full": many(),
    "two lists": many(second=20),
    "one pair": a_linkage(),
    "no pairs": a_linkage(pairs=[], keys=(), model=NO_MODEL),
    "one record": a_linkage(ids=("1",), pairs=[], keys=()),
    "no records": a_linkage(ids=(), pairs=[], keys=(), model=NO_MODEL),
    "no second list": a_linkage(ids=("1",), pairs=[], second=1),
    "limits at the ends": replace(a_linkage(), thresholds=replace(a_linkage().thresholds, link=1.0, review=0.0)),
}
EACH = pytest.mark.parametrize("linkage", LINKAGES.values(), ids=LINKAGES.keys())


@EACH
def test_every_section_is_there_and_the_navigation_leads_to_it(linkage: Linkage) -> None:
    found = Page(report(linkage))
    assert tuple(section["id"] for section in found.all("section")) == SECTIONS
    ids = [attributes["id"] for _, attributes in found.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {link["href"].removeprefix("#") for link in found.all("a")} <= set(ids)
    assert {section["aria-labelledby"] for section in found.all("section")} <= set(ids)


@EACH
def test_it_asks_for_nothing_from_outside(linkage: Linkage) -> None:
    text = report(linkage)
    found = Page(text)
    assert not re.search(r"https?:|\bsrc=|url\(|@import|//[a-z]+\.", text)
    assert {name for name, _ in found.elements}.isdisjoint({"link", "img", "iframe", "object", "form", "base"})
    assert all(link["href"].startswith("#") for link in found.all("a"))
    assert any("default-src 'none'" in meta.get("content", "") for meta in found.all("meta"))


@EACH
def test_it_can_be_read_aloud(linkage: Linkage) -> None:
    found = Page(report(linkage))
    assert {"header", "nav", "main", "footer"} <= {name for name, _ in found.elements}
    assert len(found.all("h1")) == 1
    assert len(found.all("caption")) == len(found.all("table"))
    assert all("scope" in head for head in found.all("th"))
    charts = [svg for svg in found.all("svg") if "aria-hidden" not in svg]
    assert len(found.all("title")) >= 1 + len(charts)
    assert all(svg["role"] == "img" for svg in charts)


HOSTILE = "<script>alert('x')</script>\"&amp;\x00"


def test_values_are_text_wherever_they_stand() -> None:
    linkage = a_linkage(
        ids=(HOSTILE, "2", "3"),
        names=[HOSTILE] * 3,
        warnings=(LinkageWarning("one value", key=HOSTILE),),
        keys=(replace(a_linkage().keys[0], name=HOSTILE),),
    )
    field = replace(linkage.model.fields[0], name=HOSTILE, levels=(HOSTILE, "same"))
    linkage = replace(linkage, model=replace(linkage.model, version=HOSTILE, fields=(field,)))
    text = report(linkage, Run(HOSTILE, RUN.at, mapping=HOSTILE))
    found = Page(text)
    assert len(found.all("script")) == 1
    assert text.count("<script>") == 1
    assert "\x00" not in text
    assert found.text.count("<script>alert('x')</script>\"&amp;\ufffd") >= 7


def test_the_summary_counts_what_was_found() -> None:
    told = Page(report(many(second=20), replace(RUN, seconds=74.2, evaluation=EVALUATION))).text
    for fact in (
        "40 records, 32 persons",
        "A 20 · B 20",
        "1 min 14 s",
        "0.40% of them wrong",
        "1.3% of all matches missed here",
        "Measured against the truth",
        "0.9859",
        "shared identifier",
        "Personal data.",
    ):
        assert fact in told


def test_limits_that_are_one_are_shown_once() -> None:
    linkage = many()
    text = report(replace(linkage, thresholds=replace(linkage.thresholds, review=linkage.thresholds.link)))
    assert "contradictions only" in text
    assert "review from probability" not in text


def test_without_a_truth_nothing_is_measured() -> None:
    assert "Measured against the truth" not in report(many())


def test_records_that_nothing_links_are_counted_and_the_first_fifty_named() -> None:
    told = Page(report(a_linkage(ids=[f"r{n:03}" for n in range(200)]))).text
    assert "198 of 200 records (99.0%), 1 of them with a pair to review." in told
    assert "The first 50 of 197" in told
    assert "r052" in told
    assert "r053" not in told


def test_a_cluster_of_many_records_shows_some_and_counts_the_rest() -> None:
    told = Page(report(a_linkage(ids=[f"r{n:02}" for n in range(30)], pairs=[], clusters=[4] * 30))).text
    assert "r11, and 18 more" in told


def test_examples_come_from_both_sides_of_each_limit_and_from_the_ends() -> None:
    linkage = many()
    groups = {group.title: group.pairs for group in examples(linkage)}
    assert groups == {
        "Near the limit for linking": (7, 8, 9, 10),
        "Near the limit for review": (12, 13, 14, 15),
        "The strongest of all": (0, 1),
        "The strongest that are not linked": (16, 17),
    }


def test_few_pairs_are_each_shown_once() -> None:
    shown = [pair for group in examples(a_linkage()) for pair in group.pairs]
    assert sorted(shown) == [0, 1]


def test_an_example_shows_both_values_and_the_running_total() -> None:
    text = report(a_linkage(names=["Siti Aminah", "Aminah, Siti", "Joko"]))
    assert '<bdi dir="auto">Siti Aminah</bdi><bdi dir="auto">Aminah, Siti</bdi>' in text
    assert "<title>name: +18.0 bits, +8.0 in all</title>" in text
    assert "<title>prior: −10.0 bits, −10.0 in all</title>" in text


@pytest.mark.parametrize(
    ("read", "told"),
    [
        (percent(0.0), "0%"),
        (percent(0.00001), "under 0.01%"),
        (percent(0.0042), "0.42%"),
        (percent(0.5), "50.0%"),
        (percent(0.9978), "99.78%"),
        (percent(0.999999), "over 99.99%"),
        (percent(float("nan")), "not known"),
        (chance(0.5), "50.0%"),
        (chance(1 / 25_300), "1 in 25,000"),
        (likelihood(1.0), "over 0.9999"),
        (likelihood(0.0), "under 0.0001"),
        (likelihood(0.25), "0.2500"),
        (bits(-3.14), "−3.1"),
        (bits(-0.01), "0"),
        (count(1, "person"), "1 person"),
        (count(1204, "person"), "1,204 persons"),
        (duration(59.96), "1 min 00 s"),
        (duration(3.21), "3.2 s"),
    ],
)
def test_numbers_read_as_people_say_them(read: str, told: str) -> None:
    assert read == told


def test_ticks_are_round_and_inside() -> None:
    assert ticks(-23.0, 41.0) == [-20, -10, 0, 10, 20, 30, 40]
    assert ticks(3.0, 3.0) == [3.0]
