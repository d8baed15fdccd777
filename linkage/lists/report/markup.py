"""Markup that is escaped by construction: whatever is not Markup is text."""

from collections.abc import Iterable
from html import escape
from importlib.resources import files

_UNPRINTABLE = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127], "\ufffd")


class Markup(str):
    """Text that is HTML already. Made by this room, and from the files beside it."""

    __slots__ = ()


Child = str | int | Iterable[str] | None


def tag(name: str, /, *children: Child, **attributes: str | float | None) -> Markup:
    """An element. None is left out, of attributes too; in their names a last `_` is dropped and others are hyphens."""
    inside = "".join(_inside(child) for child in children)
    return Markup(f"<{name}{''.join(_attribute(*item) for item in attributes.items())}>{inside}</{name}>")


def joined(parts: Iterable[str]) -> Markup:
    """Parts one after the other."""
    return Markup("".join(_inside(part) for part in parts))


def resource(name: str) -> str:
    """A file of the report: style, script or text."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _inside(child: Child) -> str:
    match child:
        case None:
            return ""
        case Markup():
            return child
        case str():
            return escape(child.translate(_UNPRINTABLE))
        case int():
            return f"{child:,}"
        case _:
            return "".join(_inside(part) for part in child)


def _attribute(name: str, value: str | float | None) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else f"{value:.7g}"
    return f' {name.rstrip("_").replace("_", "-")}="{escape(text.translate(_UNPRINTABLE))}"'
