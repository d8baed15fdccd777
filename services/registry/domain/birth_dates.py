"""Birth dates: how much of them is known, and who may be a child."""

from collections.abc import Mapping
from datetime import date

from contracts.model import Precision, known_date
from contracts.registry import ADULT


def known_birth(personal: Mapping[str, str]) -> str | None:
    """As much of the birth date as these values of PersonDetails tell; None where they tell nothing of it."""
    if "birth_date" not in personal:
        return None
    precision: Precision = personal["birth_date_precision"]  # type: ignore[assignment]  # as PersonDetails gave it
    return known_date(personal["birth_date"], precision)


def may_be_child(birth: str, day: date) -> bool:
    """Whether somebody born then may be under 18 on a day: unlike `may_be_adult`, coarse dates count against it."""
    parts = [int(part) for part in birth.split("-")]
    year, month, last = (*parts, 12, 31)[:3] if len(parts) != 2 else (*parts, 31)
    return (year + ADULT, month, last) > (day.year, day.month, day.day)
