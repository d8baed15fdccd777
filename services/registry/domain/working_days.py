"""Working days: Monday to Friday in Western Indonesian Time. Public holidays count as working days here."""

from datetime import date, datetime, time, timedelta, timezone

WIB = timezone(timedelta(hours=7))
_DAY = timedelta(days=1)
_SATURDAY = 5


def end_of_working_day(after: datetime, days: int) -> datetime:
    """The end of the nth working day that follows the day of an instant."""
    day = after.astimezone(WIB).date()
    while days:
        day += _DAY
        days -= day.weekday() < _SATURDAY
    return _midnight(day + _DAY)


def over_by(now: datetime, days: int) -> datetime:
    """The instant before which everything happened whose nth working day is over by now."""
    day = now.astimezone(WIB).date()
    while end_of_working_day(_midnight(day), days) > now:
        day -= _DAY
    return _midnight(day + _DAY)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), WIB)
