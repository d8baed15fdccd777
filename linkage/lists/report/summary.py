"""Sections for everybody: what came out, what to be careful with, how to read it and how it was made."""

from string import Template

import numpy as np

from linkage.lists.persons import Persons
from linkage.lists.report.limits import marks
from linkage.lists.report.markup import Markup, joined, resource, tag
from linkage.lists.report.run import Run
from linkage.lists.report.tables import Cell, Number, section, table, tiles
from linkage.lists.report.wording import bits, chance, count, duration, percent
from linkage.lists.truth import Evaluation
from linkage.result import DECISIONS, Decision, Linkage

PRIVATE = (
    "This file holds personal data of the lists: names, dates and numbers of people. Keep it, and the files beside it, "
    "as you keep the lists themselves; delete it when it is no longer needed."
)


def header(linkage: Linkage, found: Persons, run: Run) -> Markup:
    """The result in one line, and what must be known before reading on."""
    records = len(linkage.people)
    title = f"{count(records, 'record')}, {count(len(found), 'person')}"
    of = "duplicates in one list" if linkage.people.second is None else "two lists linked"
    made = run.at.strftime("%d %B %Y, %H:%M %Z").strip()
    return joined(
        (
            tag("h1", title),
            tag("p", f"{of.capitalize()} · {made}", class_="soft"),
            tag("p", tag("strong", "Personal data. "), PRIVATE, class_="private", role="note"),
        )
    )


def summary(linkage: Linkage, found: Persons, run: Run) -> Markup:
    """Counts, the two limits with their estimated errors, and the evaluation when the truth was given."""
    records, second = len(linkage.people), linkage.people.second
    possible = records * (records - 1) // 2 if second is None else second * (records - second)
    lists = "" if second is None else f"A {second:,} · B {records - second:,}"
    share = f"{percent(linkage.compared / possible)} of all possible" if possible else ""
    facts = [
        ("Records", count(records), lists),
        ("Persons", count(len(found)), f"{count(int((found.sizes > 1).sum()))} with several records"),
        ("Pairs linked", count(_decided(linkage, "link")), ""),
        ("Pairs to review", count(_decided(linkage, "review")), "for a steward to decide"),
        ("Pairs compared", count(linkage.compared), share),
        ("Time", duration(run.seconds), "") if run.seconds is not None else None,
    ]
    return section(
        "summary",
        "Summary",
        tiles(fact for fact in facts if fact),
        _limits(linkage),
        _evaluation(run.evaluation) if run.evaluation else None,
    )


def warnings(linkage: Linkage) -> Markup:
    """What the engine warned of."""
    told = tag("ul", [tag("li", text.kind) for text in linkage.warnings], class_="warnings")
    return section("warnings", "Warnings", told if linkage.warnings else tag("p", "None.", class_="soft"))


def reading(linkage: Linkage) -> Markup:
    """How to read it, in plain words."""
    text = Template(resource("reading.html")).substitute(prior=tag("b", chance(linkage.model.prior)))
    return section("reading", "How to read this report", Markup(text))


def making(linkage: Linkage, run: Run) -> Markup:
    """Command, mapping and model, so that it can be done again."""
    mapping = tag("details", tag("summary", "mapping.toml"), tag("pre", run.mapping)) if run.mapping else None
    told = f"Model {linkage.model.version}, {count(len(linkage.model.fields), 'field')}."
    return section("making", "How it was made", tag("pre", run.command, class_="command"), tag("p", told), mapping)


def _decided(linkage: Linkage, decision: Decision) -> int:
    return int(np.count_nonzero(linkage.pairs.decision == DECISIONS.index(decision)))


def _limits(linkage: Linkage) -> Markup:
    limits, linked, reviewed = linkage.thresholds, _decided(linkage, "link"), _decided(linkage, "review")
    from_bits = {mark.decision: Number(bits(mark.bits), mark.bits) for mark in marks(linkage)}
    between = f"{limits.review:.4g} to {limits.link:.4g}" if "review" in from_bits else "contradictions only"
    others = max(linkage.compared - linked - reviewed, 0)
    missed = f"{percent(limits.missed_links)} of all matches missed here"
    rows: list[tuple[Cell, ...]] = [
        (
            "Linked",
            f"{limits.link:.4g} or more",
            from_bits["link"],
            linked,
            f"{percent(limits.false_links)} of them wrong",
        ),
        ("To review", between, from_bits.get("review", ""), reviewed, ""),
        ("Not linked", f"under {limits.review:.4g}", "", others, missed),
    ]
    heads = ("Decision", "Probability", "From bits", "Pairs", "Estimated error")
    return table("What was done with a pair, and how often that is wrong", heads, rows, sortable=False)


def _evaluation(found: Evaluation) -> Markup:
    rows: list[tuple[Cell, ...]] = [
        ("Precision", Number(percent(found.precision), found.precision), "of the links are right"),
        ("Recall", Number(percent(found.recall), found.recall), "of the true pairs are linked"),
        ("F1", Number(f"{found.f1:.4f}", found.f1), "both in one figure"),
        ("True pairs", found.true_pairs, "in the truth that was given"),
        ("Found", found.found, "true pairs that are linked"),
        ("Wrong", found.wrong, "links that are not true pairs"),
        ("Missed", found.missed, "true pairs that are not linked"),
        (
            "Recall of blocking",
            Number(percent(found.blocking_recall), found.blocking_recall),
            "of the true pairs were compared at all",
        ),
        ("Review", Number(percent(found.review_share), found.review_share), "of the records wait for a steward"),
    ]
    return table("Measured against the truth", ("Measure", "Value", "Meaning"), rows, sortable=False)
