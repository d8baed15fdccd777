"""Birth dates: how much of them is known, and who may be under age."""

from collections.abc import Mapping
from datetime import date, timedelta

from contracts.model import Moment, Precision, known_date

ADULT = 18
"""Years from which somebody may be placed (UU 18/2017 art. 5)."""


def known_birth(personal: Mapping[str, str]) -> str | None:
    """As much of the birth date as these values of PersonDetails tell; None where they tell nothing of it."""
    if "birth_date" not in personal:
        return None
    precision: Precision = personal["birth_date_precision"]  # type: ignore[assignment]  # as PersonDetails gave it
    return known_date(personal["birth_date"], precision)


def may_be_adult(born: date, occurred: Moment) -> bool:
    """Whether 18 years may have passed since the first day of birth, in favour of the person where a date is coarse."""
    if occurred.precision == "instant":
        day = occurred.local.date()
    else:
        day = occurred.until.astimezone(occurred.local.tzinfo).date() - timedelta(days=1)
    return (born.year + ADULT, born.month, born.day) <= (day.year, day.month, day.day)


def may_be_child(birth: str, day: date) -> bool:
    """Whether somebody born then may be under 18 on a day: unlike `may_be_adult`, coarse dates count against it."""
    parts = [int(part) for part in birth.split("-")]
    year, month, last = (*parts, 12, 31)[:3] if len(parts) != 2 else (*parts, 31)
    return (year + ADULT, month, last) > (day.year, day.month, day.day)
