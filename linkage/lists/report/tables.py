"""Tables and sections: captions, scopes, and cells that sort by what they stand for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from linkage.lists.report.markup import Child, Markup, tag


@dataclass(frozen=True, slots=True)
class Number:
    """A cell with a number: how it reads, and what it sorts by."""

    text: str
    value: float


Cell = Number | int | str


def section(name: str, title: str, *content: Child) -> Markup:
    """A part of the page that the navigation leads to."""
    heading = tag("h2", title, id=f"{name}-title")
    return tag("section", heading, *content, id=name, aria_labelledby=f"{name}-title")


def table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[Cell]], *, sortable: bool = True) -> Markup:
    """Rows under heads; the first cell of a row is what the row is about."""
    body = [tag("tr", _cell(row[0], "th"), [_cell(cell, "td") for cell in row[1:]]) for row in rows]
    numeric = {n for row in rows for n, cell in enumerate(row) if not isinstance(cell, str)}
    head = tag(
        "tr", [tag("th", text, scope="col", class_="n" if n and n in numeric else None) for n, text in enumerate(heads)]
    )
    return scrolling(
        caption,
        tag(
            "table",
            tag("caption", caption),
            tag("thead", head),
            tag("tbody", body),
            class_="sortable" if sortable else None,
        ),
    )


def scrolling(label: str, content: Markup) -> Markup:
    """What may be wider than a phone: it scrolls by itself, by keyboard too."""
    return tag("div", content, class_="wide", role="region", aria_label=label, tabindex=0)


def tiles(facts: Iterable[tuple[str, str, str]]) -> Markup:
    """Facts at a glance: name, figure, and a word beneath it."""
    return tag(
        "dl",
        [
            tag(
                "div",
                tag("dt", name),
                tag("dd", figure, class_="big"),
                tag("dd", word, class_="small") if word else None,
            )
            for name, figure, word in facts
        ],
        class_="tiles",
    )


def _cell(cell: Cell, name: str) -> Markup:
    scope, kind = ("row", None) if name == "th" else (None, "n")
    match cell:
        case Number(text, value):
            return tag(name, text, class_=kind, scope=scope, data_v=repr(float(value)))
        case int():
            return tag(name, cell, class_=kind, scope=scope, data_v=str(cell))
        case str():
            return tag(name, cell, scope=scope)
