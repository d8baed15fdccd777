"""HTML that is escaped by construction: whatever is not Markup is text. Tables and sections made of it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files

_UNPRINTABLE = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127], "\ufffd")


class Markup(str):
    """Text that is HTML already. Only this package makes it."""

    __slots__ = ()


Child = str | int | Iterable[str] | None


def tag(name: str, /, *children: Child, **attributes: str | float | None) -> Markup:
    """An element. None is left out, among attributes too; in their names a last `_` is dropped, others become
    hyphens."""
    inside = "".join(_inside(child) for child in children)
    return Markup(f"<{name}{''.join(_attribute(*item) for item in attributes.items())}>{inside}</{name}>")


def joined(parts: Iterable[str]) -> Markup:
    """Parts one after the other."""
    return Markup("".join(_inside(part) for part in parts))


def with_code(text: str, words: Iterable[str]) -> Markup:
    """Text in which file names, options and the like are marked as code, wherever they stand between spaces."""
    pattern = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    parts = re.split(rf"(?<!\S)({pattern})(?![\w-])", text)
    return joined(tag("code", part) if n % 2 else part for n, part in enumerate(parts))


def resource(name: str) -> str:
    """The text of a file in this folder."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Number:
    """A cell with a number: how it is shown, and what it sorts by."""

    text: str
    value: float


Cell = Number | str


def section(name: str, title: str, *content: Child) -> Markup:
    """A part of the page to which the navigation leads."""
    heading = tag("h2", title, id=f"{name}-title")
    return tag("section", heading, *content, id=name, aria_labelledby=f"{name}-title")


def table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[Cell]], *, sortable: bool = True) -> Markup:
    """Rows under heads; the first cell of a row is its heading."""
    body = [tag("tr", _cell(row[0], "th"), [_cell(cell, "td") for cell in row[1:]]) for row in rows]
    numeric = {n for row in rows for n, cell in enumerate(row) if isinstance(cell, Number)}
    head = [tag("th", text, scope="col", class_="n" if n and n in numeric else None) for n, text in enumerate(heads)]
    parts = (tag("caption", caption), tag("thead", tag("tr", head)), tag("tbody", body))
    return scrolling(caption, tag("table", *parts, class_="sortable" if sortable else None))


def scrolling(label: str, content: Markup) -> Markup:
    """Content that may be wider than a phone: it scrolls by itself, by keyboard too."""
    return tag("div", content, class_="wide", role="region", aria_label=label, tabindex=0)


def tiles(facts: Iterable[tuple[str, str, str]]) -> Markup:
    """Facts at a glance: name, figure, and a note beneath it."""
    return tag("dl", [_tile(*fact) for fact in facts], class_="tiles")


def _tile(name: str, figure: str, note: str) -> Markup:
    small = tag("dd", note, class_="small") if note else None
    return tag("div", tag("dt", name), tag("dd", figure, class_="big"), small)


def _cell(cell: Cell, name: str) -> Markup:
    scope, kind = ("row", None) if name == "th" else (None, "n")
    match cell:
        case Number(text, value):
            return tag(name, text, class_=kind, scope=scope, data_v=repr(float(value)))
        case str():
            return tag(name, cell, scope=scope)


def _inside(child: Child) -> str:
    match child:
        case None:
            return ""
        case Markup():
            return child
        case str():
            return escape(child.translate(_UNPRINTABLE))
        case int():
            return str(child)
        case _:
            return "".join(_inside(part) for part in child)


def _attribute(name: str, value: str | float | None) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else f"{value:.7g}"
    return f' {name.rstrip("_").replace("_", "-")}="{escape(text.translate(_UNPRINTABLE))}"'
