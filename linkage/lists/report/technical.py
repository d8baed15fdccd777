"""The technical details of a report: thresholds, histogram, weights, blocking keys, and how it was made."""

import math
from dataclasses import dataclass
from datetime import datetime

from linkage.lists.evaluation import Evaluation
from linkage.lists.report.charts import Scale, bar, threshold_marks, weight_histogram
from linkage.lists.report.html import Cell, Child, Markup, Number, scrolling, section, table, tag
from linkage.lists.report.texts import Texts
from linkage.model import FieldModel
from linkage.result import Linkage

_RAREST = 2.0**-50


@dataclass(frozen=True, slots=True)
class Run:
    """How a linkage was made: `command` as it was typed, `at` when it ended, in local time, `seconds` it took.

    `mapping` is the text of mapping.toml. `review` is the path of review.xlsx, as the command line takes it.
    """

    command: str
    at: datetime
    seconds: float | None = None
    evaluation: Evaluation | None = None
    mapping: str | None = None
    review: str = "review.xlsx"


def technical(linkage: Linkage, run: Run, texts: Texts) -> Markup:
    """Everything that only those need who want to know how the result came about; closed until it is opened."""
    lead = texts("technical.lead", prior=texts.odds(linkage.model.prior))
    return section(
        "technical",
        texts("technical.title"),
        tag("p", lead, class_="lead"),
        _part(texts("technical.thresholds"), _thresholds(linkage, run, texts)),
        _part(texts("technical.histogram"), _histogram(linkage, texts)),
        _part(texts("technical.fields"), _weights(linkage, texts)),
        _part(texts("technical.keys"), _keys(linkage, texts)),
        _part(texts("technical.making"), _making(linkage, run, texts)),
    )


def _part(title: str, content: list[Child]) -> Markup:
    return tag("details", tag("summary", title), *content)


def _thresholds(linkage: Linkage, run: Run, texts: Texts) -> list[Child]:
    thresholds, pairs = linkage.thresholds, linkage.pairs
    linked, reviewed = int(pairs.decided("link").sum()), int(pairs.decided("review").sum())
    bits = {mark.decision: Number(texts.bits(mark.bits), mark.bits) for mark in threshold_marks(linkage, texts)}
    link, review = texts.decimal(thresholds.link), texts.decimal(thresholds.review)
    between = texts("technical.between", low=review, high=link)
    others = max(linkage.compared - linked - reviewed, 0)
    rows: list[tuple[Cell, ...]] = [
        (
            texts("badge.link"),
            texts("technical.or_more", p=link),
            bits["link"],
            Number(texts.number(linked), linked),
            texts("technical.share_wrong", share=texts.percent(thresholds.false_links)),
        ),
        (
            texts("badge.review"),
            between if "review" in bits else texts("technical.contradictions_only"),
            bits.get("review", ""),
            Number(texts.number(reviewed), reviewed),
            "",
        ),
        (
            texts("badge.no"),
            texts("technical.under", p=review),
            "",
            Number(texts.number(others), others),
            texts("technical.share_missed", share=texts.percent(thresholds.missed_links)),
        ),
    ]
    heads = [texts(f"technical.{name}") for name in ("decision", "probability", "from_bits", "pairs", "error")]
    return [table(texts("technical.thresholds"), heads, rows, sortable=False), tag("p", _compared(linkage, run, texts))]


def _compared(linkage: Linkage, run: Run, texts: Texts) -> str:
    records, second = len(linkage.people), linkage.people.second
    possible = records * (records - 1) // 2 if second is None else second * (records - second)
    pairs, share = texts.count(linkage.compared, "pair"), texts.percent(linkage.compared / possible if possible else 0)
    if run.seconds is None:
        return texts("technical.compared_untimed", pairs=pairs, share=share)
    return texts("technical.compared", pairs=pairs, share=share, time=texts.duration(run.seconds))


def _histogram(linkage: Linkage, texts: Texts) -> list[Child]:
    histogram = linkage.weights
    if not sum(histogram.counts):
        return [tag("p", texts("pairs.none"), class_="soft")]
    legend = [tag("span", texts(f"badge.{decision}"), class_=decision) for decision in ("no", "review", "link")]
    rows = [
        (
            Number(texts.bits(histogram.edges[k]), histogram.edges[k]),
            Number(texts.bits(histogram.edges[k + 1]), histogram.edges[k + 1]),
            Number(texts.number(count), count),
        )
        for k, count in enumerate(histogram.counts)
        if count
    ]
    heads = [texts(f"technical.{name}") for name in ("from", "to", "pairs")]
    return [
        tag("p", texts("technical.histogram_lead"), class_="lead"),
        tag("p", legend, class_="legend"),
        scrolling(texts("technical.histogram"), weight_histogram(histogram, threshold_marks(linkage, texts), texts)),
        tag("details", tag("summary", texts("technical.as_table")), table(texts("technical.histogram"), heads, rows)),
    ]


def _weights(linkage: Linkage, texts: Texts) -> list[Child]:
    """Bars around zero, with m and u beside them."""
    fields = linkage.model.fields
    if not fields:
        return [tag("p", texts("technical.no_fields"), class_="soft")]
    largest = max(abs(level_weight(m, u)) for field in fields for m, u in zip(field.m, field.u, strict=True))
    scale = Scale(-math.ceil(largest), math.ceil(largest) or 1)
    ends = [tag("span", text) for text in (f"−{scale.high:.0f}", "0", f"+{scale.high:.0f}")]
    heads = [
        tag("th", texts("technical.level"), scope="col"),
        tag("th", tag("span", ends, class_="scale"), scope="col", class_="chart", aria_label=texts("technical.weight")),
        *(tag("th", text, scope="col", class_="n") for text in (texts("technical.bits"), "m", "u")),
    ]
    body = [_field_weights(field, scale, texts) for field in fields]
    caption = tag("caption", texts("technical.fields"))
    grid = tag("table", caption, tag("thead", tag("tr", heads)), body, class_="weights")
    return [tag("p", texts("technical.fields_lead"), class_="lead"), scrolling(texts("technical.fields"), grid)]


def level_weight(m: float, u: float) -> float:
    """log2(m/u) in bits, limited to ±50 where one of them is zero."""
    return math.log2(max(m, _RAREST) / max(u, _RAREST))


def _field_weights(field: FieldModel, scale: Scale, texts: Texts) -> Markup:
    name = tag("tr", tag("th", texts.field(field.name), scope="rowgroup", colspan=5), class_="field")
    rows = []
    for level, m, u in reversed(list(zip(field.levels, field.m, field.u, strict=True))):
        weight, in_words = level_weight(m, u), texts.level(field.kind, level)
        title = texts("technical.bar_title", field=texts.field(field.name), level=in_words, bits=texts.bits(weight))
        figures = (texts.bits(weight), texts.odds(m), texts.odds(u))
        cells = [tag("td", text, class_="n") for text in figures]
        head, chart = tag("th", in_words, scope="row"), tag("td", bar(weight, scale, title))
        rows.append(tag("tr", head, chart, cells, class_="level"))
    return tag("tbody", name, rows)


def _keys(linkage: Linkage, texts: Texts) -> list[Child]:
    rows = [
        (
            texts.blocking_key(key.name),
            Number(texts.number(key.pairs), key.pairs),
            Number(texts.number(key.only_here), key.only_here),
            Number(texts.percent(key.recall), key.recall),
            Number(texts.number(key.refined), key.refined),
            Number(texts.number(key.left_out), key.left_out),
        )
        for key in sorted(linkage.keys, key=lambda key: -key.recall)
    ]
    if not rows:
        return [tag("p", texts("technical.no_keys"), class_="soft")]
    heads = [texts(f"technical.{name}") for name in ("key", "pairs", "only_here", "recall", "refined", "left_out")]
    unused = [tag("li", texts.warning(warning)) for warning in linkage.warnings if warning.key]
    return [
        tag("p", texts("technical.keys_lead"), class_="lead"),
        table(texts("technical.keys"), heads, rows),
        tag("ul", unused, class_="notes") if unused else None,
    ]


def _making(linkage: Linkage, run: Run, texts: Texts) -> list[Child]:
    """Command, model and mapping, so that it can be done again."""
    model = texts("technical.model", version=linkage.model.version, n=len(linkage.model.fields))
    mapping = (
        tag("details", tag("summary", texts("technical.mapping")), tag("pre", run.mapping)) if run.mapping else None
    )
    return [tag("pre", run.command, class_="command"), tag("p", model), mapping]
