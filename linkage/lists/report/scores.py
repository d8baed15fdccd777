"""Sections on pairs: how the weights spread, and examples of how they came about."""

from collections.abc import Callable, Iterable, Sequence

from linkage.lists.persons import list_of
from linkage.lists.report.charts import Mark, Scale, bar, histogram
from linkage.lists.report.examples import examples
from linkage.lists.report.limits import marks
from linkage.lists.report.markup import Child, Markup, tag
from linkage.lists.report.tables import Number, scrolling, section, table
from linkage.lists.report.wording import bits, likelihood
from linkage.result import DECISIONS, Explanation, Line, Linkage

Explain = Callable[[Linkage, Sequence[int]], Iterable[Explanation]]
"""Explains some of a linkage's pairs, in their order."""

_SEEN = 0.05
"""Bits from which a step without values is shown."""

BADGES = {"link": "linked", "review": "to review", "no": "not linked"}


def distribution(linkage: Linkage) -> Markup:
    """The histogram of weights, with both limits."""
    found = linkage.weights
    if not sum(found.counts):
        return section("scores", "How the weights spread", tag("p", "No pair was compared.", class_="soft"))
    legend = [
        tag("span", text, class_=kind)
        for kind, text in (("no", "not linked"), ("review", "to review"), ("link", "linked"))
    ]
    rows = [
        (Number(bits(found.edges[k]), found.edges[k]), Number(bits(found.edges[k + 1]), found.edges[k + 1]), count)
        for k, count in enumerate(found.counts)
        if count
    ]
    lead = (
        "Pairs of one person gather on the right, pairs of two on the left; the fewer lie between the limits, the "
        "clearer the lists are. Each line upwards is ten times as many pairs."
    )
    return section(
        "scores",
        "How the weights spread",
        tag("p", lead, class_="lead"),
        tag("p", legend, class_="legend"),
        scrolling("Histogram of weights", histogram(found, marks(linkage))),
        tag(
            "details",
            tag("summary", "The same as a table"),
            table("Compared pairs by weight", ("From bits", "To", "Pairs"), rows),
        ),
    )


def explained(linkage: Linkage, explain: Explain) -> Markup:
    """Example pairs, each as a waterfall of its fields."""
    lead = (
        "Each row adds the bits of one field, from the top down. What stands above is the first record's value, "
        "beneath it the second's. Dashed lines are the limits for review and for linking."
    )
    parts: list[Child] = [tag("p", lead, class_="lead")]
    groups = examples(linkage)
    for group in groups:
        parts.append(tag("h3", group.title))
        explanations = zip(group.pairs, explain(linkage, group.pairs), strict=True)
        parts.append([_pair(linkage, pair, explanation) for pair, explanation in explanations])
    if not groups:
        parts = [tag("p", "No pair came near enough to be kept.", class_="soft")]
    return section("examples", "Examples, step by step", *parts)


def _pair(linkage: Linkage, pair: int, explanation: Explanation) -> Markup:
    pairs, people = linkage.pairs, linkage.people
    left, right = int(pairs.left[pair]), int(pairs.right[pair])
    decision = DECISIONS[int(pairs.decision[pair])]
    named = [
        f"{list_of(people, i).upper()} {people.ids[i]}" if people.second is not None else people.ids[i]
        for i in (left, right)
    ]
    facts = f"{bits(explanation.weight)} bits, probability {likelihood(explanation.probability)}"
    rule = tag("span", f"decided by rule: {explanation.rule}", class_="soft") if explanation.rule else None
    head = tag(
        "header",
        tag("span", BADGES[decision], class_=f"badge {decision}"),
        tag("h4", f"{named[0]} and {named[1]}"),
        tag("span", facts, class_="soft"),
        rule,
    )
    caption = f"Why {named[0]} and {named[1]} weigh what they do"
    return tag("article", head, _waterfall(explanation.lines, marks(linkage), caption), class_="pair")


def _waterfall(lines: Sequence[Line], limits: Sequence[Mark], caption: str) -> Markup:
    totals = [0.0, *(line.total for line in lines), *(mark.bits for mark in limits)]
    room = 0.04 * (max(totals) - min(totals))
    scale = Scale(min(totals) - room, max(totals) + room)
    return tag(
        "table",
        tag("caption", caption, class_="hidden"),
        tag(
            "thead",
            tag(
                "tr",
                tag("th", "Field", scope="col", class_="what"),
                tag("th", "Values", scope="col"),
                tag("th", "Bits", scope="col", class_="n bits"),
                tag("th", "Running total", scope="col", class_="total"),
            ),
        ),
        tag("tbody", [_step(line, scale, limits) for line in lines if abs(line.weight) >= _SEEN or _values(line)]),
    )


def _values(line: Line) -> tuple[str, ...]:
    return (line.left, line.right) if line.left or line.right else ()


def _step(line: Line, scale: Scale, limits: Sequence[Mark]) -> Markup:
    before = line.total - line.weight
    title = f"{line.field}: {bits(line.weight)} bits, {bits(line.total)} in all"
    return tag(
        "tr",
        tag("th", line.field, tag("span", line.level), scope="row"),
        tag("td", [tag("bdi", value, dir="auto") for value in _values(line)]),
        tag("td", bits(line.weight), class_="n"),
        tag("td", bar(before, line.total, scale, title, limits)),
    )
