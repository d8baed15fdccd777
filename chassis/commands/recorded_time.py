"""When something is recorded: one clock for each aggregate, which never stands still."""

from datetime import UTC, datetime, timedelta

from contracts.outcomes import Refused

SETTLED_AFTER = timedelta(seconds=5)
"""How old a time must be before nothing can be recorded at it any more: transactions live at most 3 s."""
_TICK = timedelta(milliseconds=1)


def recorded_after(now: datetime, *earlier: datetime) -> datetime:
    """The recorded time of what comes next: now, to the millisecond that databases keep, and later than all earlier."""
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    return max([now, *(at + _TICK for at in earlier)])


def require_settled(asof: datetime) -> None:
    """Raises Refused `invalid_value` for a question about a time at which something may yet be recorded."""
    if asof > datetime.now(UTC) - SETTLED_AFTER:
        raise Refused("invalid_value", "/query/asof", "an instant at least 5 s ago")
