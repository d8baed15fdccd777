"""Personal data as lines to read: what each field is called, and its value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.gateway.web.languages import mark

FIELDS: Mapping[str, str] = {
    "narrative": mark("What was said"),
    "place": mark("Where"),
    "phone": mark("Telephone"),
    "region": mark("Region"),
    "nik": mark("NIK"),
    "passport": mark("Passport"),
    "full_name": mark("Name"),
    "sex": mark("Sex"),
    "birth_date": mark("Date of birth"),
    "address": mark("Address"),
    "mother_name": mark("Mother's name"),
    "employer": mark("Employer"),
}


def lines_of(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and value of each field that has one; a part by form (clear, masked, …) is opened."""
    lines: list[tuple[str, str]] = []
    for name, value in fields.items():
        if isinstance(value, Mapping):
            lines += lines_of(value)
        elif value not in (None, "", [], ()):
            shown = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            lines.append((FIELDS.get(name, name.replace("_", " ")), shown))
    return lines
