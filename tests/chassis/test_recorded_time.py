"""One clock for each aggregate."""

from datetime import UTC, datetime, timedelta

from chassis.commands.recorded_time import recorded_after

NOW = datetime(2026, 4, 1, 2, 0, 0, 123_456, tzinfo=UTC)
KEPT = NOW.replace(microsecond=123_000)
TICK = timedelta(milliseconds=1)


def test_now_is_recorded_as_databases_keep_it() -> None:
    assert recorded_after(NOW) == KEPT
    assert recorded_after(NOW, KEPT - TICK) == KEPT


def test_what_comes_next_is_later_than_all_before_even_when_the_clock_is_not() -> None:
    assert recorded_after(NOW, KEPT) == KEPT + TICK
    assert recorded_after(NOW, KEPT - TICK, KEPT + timedelta(days=1)) == KEPT + timedelta(days=1) + TICK
