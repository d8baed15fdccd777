"""The pairs that a report shows, two records side by side: all that are to be decided, and examples of the others."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.comparing.fields import Kind
from linkage.lists.persons import record_name
from linkage.lists.report.charts import log_odds
from linkage.lists.report.html import Child, Markup, section, tag
from linkage.lists.report.texts import Texts
from linkage.result import DECISIONS, Decision, Explanation, Line, Linkage
from linkage.scoring.explanations import HOUSEHOLD, PRIOR

Explain = Callable[[Linkage, Sequence[int]], Iterable[Explanation]]
"""Explains some of a linkage's pairs, in their order."""

MOST_TO_DECIDE = 200
_NEAR_THRESHOLD, _STRONGEST = 4, 2
_CANDIDATES = 16
_HOUSEHOLD_COUNTS = -1.0
"""Bits below which the weight of household or twins is mentioned."""

_SIGNS = ((6.0, "strong_for", "▲▲▲"), (3.0, "for", "▲▲"), (0.5, "weak_for", "▲"), (-0.5, "neutral", "·"),
          (-3.0, "weak_against", "▼"), (-6.0, "against", "▼▼"), (-np.inf, "strong_against", "▼▼▼"))  # fmt: skip
"""From how many bits on a field's weight is which sign."""


@dataclass(frozen=True, slots=True)
class Group:
    """Pairs that are shown together, as indices of `linkage.pairs`; `name` is the key of their heading."""

    name: str
    pairs: tuple[int, ...]


def pairs_to_decide(linkage: Linkage, explain: Explain, texts: Texts) -> Markup:
    """Every pair that is left for a person, up to 200: the most probable first."""
    review = np.flatnonzero(linkage.pairs.decided("review"))
    if not len(review):
        nothing = tag("p", texts("pairs.decide_none"), class_="soft")
        return section("decide", texts("pairs.decide_title"), nothing)
    shown = review[:MOST_TO_DECIDE].tolist()
    some = texts("pairs.decide_some", shown=len(shown), all=len(review)) if len(shown) < len(review) else ""
    lead = tag("p", f"{texts('pairs.decide_lead')} {some}".strip(), class_="lead")
    return section("decide", texts("pairs.decide_title"), lead, _cards(linkage, shown, explain, "h3", texts))


def pairs_to_check(linkage: Linkage, explain: Explain, texts: Texts) -> Markup:
    """Examples of pairs that are linked, and of pairs that nearly are."""
    parts: list[Child] = [tag("p", texts("pairs.linked_lead"), class_="lead")]
    groups = examples(linkage)
    for group in groups:
        parts += [tag("h3", texts(f"pairs.{group.name}")), _cards(linkage, group.pairs, explain, "h4", texts)]
    if not groups:
        parts = [tag("p", texts("pairs.none"), class_="soft")]
    return section("linked", texts("pairs.linked_title"), *parts)


def examples(linkage: Linkage) -> tuple[Group, ...]:
    """Up to ten pairs, none twice and none that is to be decided. A group without a pair is left out."""
    linked, apart = linkage.pairs.decided("link"), linkage.pairs.decided("no")
    shown: set[int] = set()
    groups = []
    for name, ranked, most in (
        ("near_link", _nearest(linkage, linked, linkage.thresholds.link), _NEAR_THRESHOLD),
        ("near_review", _nearest(linkage, apart, linkage.thresholds.review), _NEAR_THRESHOLD),
        ("strongest", np.flatnonzero(linked)[:_CANDIDATES], _STRONGEST),
    ):
        chosen = [pair for pair in map(int, ranked) if pair not in shown][:most]
        shown.update(chosen)
        if chosen:
            groups.append(Group(name, tuple(sorted(chosen))))
    return tuple(groups)


def short_reason(linkage: Linkage, pair: int, explanation: Explanation, texts: Texts) -> str:
    """Why a pair is as probable as it is, in one line: `Name: same; Birth date: one slip apart`."""
    kinds = _kinds(linkage)
    compared = [line for line in explanation.lines if line.field in kinds and line.level != "missing"]
    levels = "; ".join(f"{texts.field(line.field)}: {texts.level(kinds[line.field], line.level)}" for line in compared)
    return " ".join([*([f"{levels}."] if levels else []), *_remarks(linkage, pair, explanation, texts)])


def _nearest(linkage: Linkage, chosen: NDArray[np.bool_], threshold: float) -> NDArray[np.intp]:
    """Of the chosen pairs those that are nearest to a threshold."""
    at = np.flatnonzero(chosen)
    distance = np.abs(log_odds(linkage.pairs.probability[at]) - log_odds(np.asarray(threshold)))
    return at[np.argsort(distance, kind="stable")][:_CANDIDATES]


def _cards(linkage: Linkage, pairs: Sequence[int], explain: Explain, heading: str, texts: Texts) -> list[Markup]:
    explanations = zip(pairs, explain(linkage, pairs), strict=True)
    return [_card(linkage, pair, explanation, heading, texts) for pair, explanation in explanations]


def _card(linkage: Linkage, pair: int, explanation: Explanation, heading: str, texts: Texts) -> Markup:
    left, right = int(linkage.pairs.left[pair]), int(linkage.pairs.right[pair])
    names = record_name(linkage.people, left), record_name(linkage.people, right)
    title = texts("pairs.and", left=names[0], right=names[1])
    decision: Decision = DECISIONS[int(linkage.pairs.decision[pair])]
    badge = tag("span", texts(f"badge.{decision}"), class_=f"badge {decision}")
    likely = texts("pairs.likely", probability=texts.probability(explanation.probability))
    remarks = [tag("p", text) for text in (likely, *_remarks(linkage, pair, explanation, texts))]
    fields = _fields(linkage, explanation, title, texts)
    return tag("article", tag("header", badge, tag(heading, title)), remarks, fields, class_="pair")


def _remarks(linkage: Linkage, pair: int, explanation: Explanation, texts: Texts) -> list[str]:
    """What else there is to say of a pair: a decision, a rule, a contradiction, a link through others, a household."""
    remarks = []
    if pair in linkage.decided:
        remarks.append(texts("pairs.person_same" if linkage.decided[pair] else "pairs.person_different"))
    if explanation.rule:
        remarks.append(texts("pairs.rule", rule=texts.rule(explanation.rule)))
    if contradiction := linkage.contradictions.get(pair):
        ends = (record_name(linkage.people, record) for record in (contradiction.left, contradiction.right))
        reason = texts(f"reason.{contradiction.reason.replace(' ', '_')}")
        left, right = ends
        remarks.append(texts("pairs.contradiction", left=left, right=right, reason=reason))
    is_linked = DECISIONS[int(linkage.pairs.decision[pair])] == "link"
    if is_linked and not remarks and explanation.probability < linkage.thresholds.link:
        remarks.append(texts("pairs.through_others"))
    if any(line.field == HOUSEHOLD and line.weight < _HOUSEHOLD_COUNTS for line in explanation.lines):
        remarks.append(texts("pairs.household"))
    return remarks


def _fields(linkage: Linkage, explanation: Explanation, title: str, texts: Texts) -> Markup:
    """A row per field that one record has at least: its values side by side, and how they compare."""
    kinds = _kinds(linkage)
    heads = (texts(f"pairs.{name}") for name in ("field", "first", "second", "verdict"))
    rows = [
        _row(line, kinds[line.field], texts)
        for line in explanation.lines
        if line.field in kinds and (line.left or line.right)
    ]
    head = tag("thead", tag("tr", [tag("th", text, scope="col") for text in heads]))
    return tag("table", tag("caption", title, class_="hidden"), head, tag("tbody", rows), class_="fields")


def _row(line: Line, kind: Kind, texts: Texts) -> Markup:
    name, sign = next((name, sign) for bits, name, sign in _SIGNS if line.weight >= bits)
    mark = tag("span", sign, class_=name, title=texts(f"pairs.{name}"), role="img", aria_label=texts(f"pairs.{name}"))
    return tag(
        "tr",
        tag("th", texts.field(line.field), scope="row"),
        *(tag("td", tag("bdi", value or "–", dir="auto")) for value in (line.left, line.right)),
        tag("td", mark, " ", texts.level(kind, line.level), class_="verdict"),
    )


def _kinds(linkage: Linkage) -> dict[str, Kind]:
    """The kind of each field; the lines of an explanation that are no field (prior, household) are not in it."""
    return {field.name: field.kind for field in linkage.model.fields if field.name not in (PRIOR, HOUSEHOLD)}
