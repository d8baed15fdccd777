"""Typed cells of spreadsheets and Parquet as text."""

from datetime import date, datetime, time
from decimal import Decimal

EXACT = 2**53
"""Above this, floating point numbers do not hold every whole number."""


def to_text(value: object) -> str:
    """The value as a person would have typed it: no ".0" after whole numbers, dates as YYYY-MM-DD, "" for none."""
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value != value:
            return ""
        case float() if value.is_integer():
            return str(int(value))
        case Decimal():
            return f"{value.normalize():f}"
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(sep=" ")
        case date():
            return value.isoformat()
        case _:
            return str(value)


def is_inexact(value: object) -> bool:
    """Whether a number is so large that its last digits may be wrong. Identifiers must be stored as text."""
    return isinstance(value, float) and abs(value) > EXACT
