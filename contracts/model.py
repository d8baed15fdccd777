"""The frozen pydantic base of every message, and the value shapes that several messages share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

# The description of a type says what is allowed: in the schemas, and in refusals of whatever does not fit.

Code = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9_.-]{0,39}$"),
    Field(description="a code of capitals, digits, _ . and -, at most 40"),
]
"""A code of one of the code lists in contracts/reference."""

Country = Annotated[
    str, StringConstraints(pattern=r"^[A-Z]{2}$"), Field(description="two capitals, ISO 3166-1 alpha-2")
]
"""ISO 3166-1 alpha-2; HK, MO and TW are destinations of their own in Indonesian statistics."""

Regency = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{2}\.[0-9]{2}$"),
    Field(description="Kemendagri code of a regency or city, such as 33.07"),
]
"""Kemendagri code of a regency or city, for example 33.07 (never the BPS code)."""

Region = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{2}(\.[0-9]{2})?$"),
    Field(description="Kemendagri code of a province, such as 33, or of a regency or city, such as 33.07"),
]
"""Kemendagri code of a province, for example 33, or of a regency or city."""

Id = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"),
    Field(description="an id that Simpul gave: a UUID in lower case"),
]
"""An id of the platform's own making (UUID, lower case)."""

Precision = Literal["instant", "day", "month", "year"]
COARSE_FIRST: tuple[Precision, ...] = ("year", "month", "day", "instant")
"""The order of times that begin at the same instant: who knows only the year may mean any time of it."""
_DATE_LENGTHS: Mapping[Precision, int] = {"year": 4, "month": 7, "day": 10}

MOMENT = re.compile(
    r"^(?P<year>\d{4})(-(?P<month>\d\d)(-(?P<day>\d\d)(?P<clock>T\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?)?)?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)?$"
)
WIB = timezone(timedelta(hours=7))


class Model(BaseModel):
    """Frozen. Services ignore unknown fields, so that a published shape may grow."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class StrictModel(BaseModel):
    """Frozen. What partners send: an unknown field is refused, and input values never stand in error texts."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Moment(Model):
    """When something happened in the world.

    `at` is the first instant of the span, in UTC; `offset` is the sender's own offset from UTC in minutes.
    """

    at: datetime
    offset: int = 420
    precision: Precision = "instant"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an RFC 3339 instant or an XML Schema date, gYearMonth or gYear, each with an optional offset.

        Without an offset the time is Western Indonesian Time (+07:00). Kept to the millisecond, as in the databases, so
        that facts in memory and facts read back stand in one order. Raises ValueError.
        """
        match = MOMENT.fullmatch(text)
        if not match:
            raise ValueError("not an instant, a date, a month or a year")
        zone = _zone(match["zone"])
        if match["clock"]:
            at = datetime.fromisoformat(f"{match['year']}-{match['month']}-{match['day']}{match['clock']}")
            at = at.replace(tzinfo=zone, microsecond=at.microsecond // 1000 * 1000)
            precision: Precision = "instant"
        else:
            at = datetime(int(match["year"]), int(match["month"] or 1), int(match["day"] or 1), tzinfo=zone)
            precision = "day" if match["day"] else "month" if match["month"] else "year"
        try:
            utc = at.astimezone(UTC)
        except OverflowError:
            raise ValueError("before the year 1 or after 9999") from None
        offset = zone.utcoffset(None)
        return cls(at=utc, offset=int(offset.total_seconds() // 60), precision=precision)

    @property
    def order(self) -> tuple[datetime, int]:
        """Sort key of what happened: by the first instant of the span, coarser spans first."""
        return self.at, COARSE_FIRST.index(self.precision)

    @property
    def local(self) -> datetime:
        """The instant in the sender's own offset."""
        return self.at.astimezone(timezone(timedelta(minutes=self.offset)))

    @property
    def until(self) -> datetime:
        """The first instant after the span, in UTC."""
        start = self.local
        match self.precision:
            case "instant":
                return self.at
            case "day":
                return (start + timedelta(days=1)).astimezone(UTC)
            case "month":
                return (start.replace(day=1) + timedelta(days=32)).replace(day=1).astimezone(UTC)
            case "year":
                return start.replace(year=start.year + 1, month=1, day=1).astimezone(UTC)


def known_date(text: str, precision: Precision) -> str:
    """As much of an ISO 8601 date, or of an instant, as is known: YYYY, YYYY-MM or YYYY-MM-DD."""
    return text[: _DATE_LENGTHS.get(precision, 10)]


def date_precision(text: str) -> Precision | None:
    """How much of a date is written as YYYY, YYYY-MM or YYYY-MM-DD; None for any other length."""
    return next((precision for precision, length in _DATE_LENGTHS.items() if length == len(text)), None)


def first_day(text: str) -> date:
    """The first day that YYYY, YYYY-MM or YYYY-MM-DD may mean. Raises ValueError for anything else."""
    whole = (text + "-01-01")[:10]
    day = date.fromisoformat(whole)
    if day.isoformat() != whole or date_precision(text) is None:
        raise ValueError("not a date, a month or a year")
    return day


def _zone(text: str | None) -> timezone:
    if text is None:
        return WIB
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[4:6])))


_TWO = "[0-9]{2}"
MOMENT_FORM = rf"^[0-9]{{4}}(-{_TWO}(-{_TWO}(T{_TWO}:{_TWO}(:{_TWO}(\.[0-9]{{1,6}})?)?)?)?)?(Z|[+-]{_TWO}:{_TWO})?$"
"""What `MOMENT` takes, in the regular expressions of JSON Schema."""
MomentText = Annotated[
    str,
    Field(
        max_length=40,
        description="an RFC 3339 instant, or a date YYYY-MM-DD, YYYY-MM or YYYY, each with or without an offset",
        json_schema_extra={"pattern": MOMENT_FORM, "examples": ["2026-03-01T08:30:00+07:00", "2026-03"]},
    ),
]
"""A Moment as partners write it; see `Moment.parse`."""
