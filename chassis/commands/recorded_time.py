"""When something is recorded: one clock for each aggregate, which never stands still."""

from datetime import datetime, timedelta

_TICK = timedelta(milliseconds=1)


def recorded_after(now: datetime, *earlier: datetime) -> datetime:
    """The recorded time of what comes next: now, to the millisecond that databases keep, and later than all earlier."""
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    return max([now, *(at + _TICK for at in earlier)])
