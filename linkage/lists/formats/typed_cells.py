"""Typed cells, of spreadsheets and Parquet, as text."""

from datetime import date, datetime, time
from decimal import Decimal

EXACT = 2**53
"""From here on a floating point number has lost digits."""


def text(value: object) -> str:
    """As a person would have typed it: no ".0" behind whole numbers, dates as YYYY-MM-DD, "" for nothing."""
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


def inexact(value: object) -> bool:
    """A number so large that its last digits may be wrong: an identifier must be stored as text."""
    return isinstance(value, float) and abs(value) > EXACT
