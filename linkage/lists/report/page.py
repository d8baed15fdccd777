"""The page: summary, pairs to decide, links to check, persons, technical details; style and script in the file
itself."""

from base64 import b64encode
from hashlib import sha256
from string import Template

import numpy as np

from linkage.lists.evaluation import Evaluation
from linkage.lists.persons import Persons, record_name
from linkage.lists.report.html import Cell, Markup, Number, joined, resource, section, table, tag, tiles, with_code
from linkage.lists.report.pairs import Explain, pairs_to_check, pairs_to_decide
from linkage.lists.report.technical import Run, technical
from linkage.lists.report.texts import Texts
from linkage.result import Linkage

SECTIONS = ("summary", "decide", "linked", "persons", "alone", "technical")
_LARGEST, _MEMBERS, _ALONE = 20, 12, 50
"""How many clusters, members of one, and records without a partner are shown."""


def page(linkage: Linkage, persons: Persons, run: Run, explain: Explain, texts: Texts) -> str:
    """The whole report. A content security policy in it forbids it to fetch or send anything."""
    sections = (
        _summary(linkage, persons, run, texts),
        pairs_to_decide(linkage, explain, texts),
        pairs_to_check(linkage, explain, texts),
        _persons(linkage, persons, texts),
        _alone(linkage, persons, texts),
        technical(linkage, run, texts),
    )
    style, script = resource("page.css"), resource("page.js")
    return Template(resource("page.html")).substitute(
        language=texts.language,
        style_digest=_digest(style),
        script_digest=_digest(script),
        title=tag("title", texts("page.title")),
        brand=joined([texts("page.title")]),
        skip=tag("a", texts("page.skip"), href="#summary", class_="skip"),
        footer=tag("footer", texts("page.footer")),
        style=style,
        script=script,
        header=_header(linkage, persons, run, texts),
        nav=_navigation(texts),
        sections=joined(sections),
    )


def _navigation(texts: Texts) -> Markup:
    links = [tag("li", tag("a", texts(f"nav.{name}"), href=f"#{name}")) for name in SECTIONS]
    return tag("nav", tag("ul", links), aria_label=texts("page.sections"))


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _header(linkage: Linkage, persons: Persons, run: Run, texts: Texts) -> Markup:
    """The result in one line, and that the file holds personal data."""
    title = f"{texts.count(len(linkage.people), 'record')}, {texts.count(len(persons), 'person')}"
    lists = texts("page.one_list" if linkage.people.second is None else "page.two_lists")
    privacy = (tag("strong", texts("page.private_lead")), " ", texts("page.private"))
    return joined(
        (
            tag("h1", title),
            tag("p", f"{lists} · {texts.moment(run.at)}", class_="soft"),
            tag("p", privacy, class_="private", role="note"),
        )
    )


def _summary(linkage: Linkage, persons: Persons, run: Run, texts: Texts) -> Markup:
    records, second = len(linkage.people), linkage.people.second
    sizes = ""
    if second is not None:
        sizes = texts("summary.list_sizes", first=second, second=records - second)
    linked, review = (int(linkage.pairs.decided(name).sum()) for name in ("link", "review"))
    several = texts("summary.with_several", n=int((persons.sizes > 1).sum()))
    facts = [
        (texts("summary.records"), texts.number(records), sizes),
        (texts("summary.persons"), texts.number(len(persons)), several),
        (texts("summary.linked"), texts.number(linked), texts("summary.linked_note")),
        (texts("summary.review"), texts.number(review), texts("summary.review_note")),
    ]
    if linkage.decided:
        same = sum(linkage.decided.values())
        note = texts("summary.decided_note", same=same, different=len(linkage.decided) - same)
        facts.append((texts("summary.decided"), texts.number(len(linkage.decided)), note))
    return section(
        "summary",
        texts("summary.title"),
        tiles(facts),
        tag("h3", texts("summary.next")),
        _next_steps(review, run, texts),
        tag("h3", texts("summary.errors")),
        tag("p", _expected_errors(linkage, texts)),
        _notes(linkage, texts),
        _evaluation(run.evaluation, texts) if run.evaluation else None,
    )


def _next_steps(review: int, run: Run, texts: Texts) -> Markup:
    column, option = texts("review.same_person"), f"--decisions {run.review}"
    decide = texts("summary.nothing_to_decide")
    if review:
        decide = texts("summary.decide", file="review.xlsx", column=column, path=run.review)
    clusters = texts("summary.clusters", file="clusters.csv", column="cluster")
    words = ("review.xlsx", "clusters.csv", "cluster", "--false-links", column, option)
    steps = [with_code(text, words) for text in (decide, clusters, texts("summary.check"))]
    return tag("ol", [tag("li", step) for step in steps], class_="steps")


def _expected_errors(linkage: Linkage, texts: Texts) -> str:
    wrong, missed = (
        texts.percent(share) for share in (linkage.thresholds.false_links, linkage.thresholds.missed_links)
    )
    return texts("summary.errors_text", wrong=wrong, missed=missed)


def _notes(linkage: Linkage, texts: Texts) -> Markup | None:
    warnings = [warning for warning in linkage.warnings if not warning.key]
    if not warnings:
        return None
    notes = tag("ul", [tag("li", texts.warning(warning)) for warning in warnings], class_="notes")
    return joined((tag("h3", texts("summary.notes")), notes))


def _evaluation(evaluation: Evaluation, texts: Texts) -> Markup:
    shares = {
        "precision": evaluation.precision,
        "recall": evaluation.recall,
        "blocking": evaluation.blocking_recall,
        "review": evaluation.review_share,
    }
    counts = {
        "true_pairs": evaluation.true_pairs,
        "found": evaluation.true_positives,
        "wrong": evaluation.wrong,
        "missed": evaluation.missed,
    }
    cells: dict[str, Cell] = {name: Number(texts.percent(share), share) for name, share in shares.items()}
    cells |= {name: Number(texts.number(count), count) for name, count in counts.items()}
    cells["f1"] = Number(texts.decimal(evaluation.f1), evaluation.f1)
    order = ("precision", "recall", "f1", "true_pairs", "found", "wrong", "missed", "blocking", "review")
    rows = [(texts(f"evaluation.{name}"), cells[name], texts(f"evaluation.{name}_note")) for name in order]
    heads = [texts(f"evaluation.{name}") for name in ("measure", "value", "meaning")]
    return table(texts("evaluation.title"), heads, rows, sortable=False)


def _persons(linkage: Linkage, persons: Persons, texts: Texts) -> Markup:
    """Persons by number of records, and the largest clusters."""
    sizes, how_many = np.unique(persons.sizes, return_counts=True)
    by_size = [
        tuple(Number(texts.number(n), n) for n in (int(size), int(count), int(size * count)))
        for size, count in zip(sizes, how_many, strict=True)
    ]
    largest = [int(n) for n in np.argsort(-persons.sizes, kind="stable")[:_LARGEST] if persons.sizes[n] > 1]
    rows = [(persons.names[n], _size(persons, n, texts), _ids(linkage, persons.records_of(n), texts)) for n in largest]
    by_size_heads = [texts(f"persons.{name}") for name in ("size", "count", "records")]
    heads = [texts(f"persons.{name}") for name in ("cluster", "records", "ids")]
    return section(
        "persons",
        texts("persons.title"),
        tag("p", texts("persons.lead"), class_="lead"),
        table(texts("persons.by_size"), by_size_heads, by_size),
        table(texts("persons.largest"), heads, rows) if rows else None,
    )


def _size(persons: Persons, person: int, texts: Texts) -> Number:
    size = int(persons.sizes[person])
    return Number(texts.number(size), size)


def _ids(linkage: Linkage, records: list[int], texts: Texts) -> str:
    shown = [record_name(linkage.people, record) for record in records[:_MEMBERS]]
    more = [texts("persons.more", n=len(records) - _MEMBERS)] if len(records) > _MEMBERS else []
    return ", ".join([*shown, *more])


def _alone(linkage: Linkage, persons: Persons, texts: Texts) -> Markup:
    """Records that are the only one of their person, and how many of them are in a pair to decide."""
    alone = np.flatnonzero(persons.sizes[persons.person_of] == 1)
    review = linkage.pairs.decided("review")
    in_review = np.concatenate((linkage.pairs.left[review], linkage.pairs.right[review]))
    waiting = np.intersect1d(alone, in_review)
    rest, second, every = np.setdiff1d(alone, waiting), linkage.people.second, len(linkage.people)
    lead = texts(
        "alone.lead",
        n=len(alone),
        all=texts.count(every, "record"),
        share=texts.percent(len(alone) / max(every, 1)),
        waiting=len(waiting),
    )
    lists = {"": rest}
    if second is not None:
        lists = {texts("alone.list_a"): rest[rest < second], texts("alone.list_b"): rest[rest >= second]}
    parts = [_first_ids(linkage, name, list(map(int, records)), texts) for name, records in lists.items()]
    return section("alone", texts("alone.title"), tag("p", lead, class_="lead"), *parts)


def _first_ids(linkage: Linkage, name: str, records: list[int], texts: Texts) -> Markup | None:
    if not records:
        return None
    title = texts("alone.every", all=len(records))
    if len(records) > _ALONE:
        title = texts("alone.first", shown=_ALONE, all=len(records))
    ids = [tag("li", tag("bdi", linkage.people.ids[record])) for record in records[:_ALONE]]
    return joined((tag("h3", f"{name}: {title}" if name else title), tag("ol", ids, class_="ids")))
