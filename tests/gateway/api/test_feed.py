"""The feed behind the stream: order, resuming from a cursor, slow listeners."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.outcomes import Refused
from services.gateway.api.feed import MAX_WAITING, Feed, FeedEvent, Subscriber
from tests.gateway.api.samples import answered

EVENT = answered()


def feed(starts: tuple[int, ...] = (0, 0), *, kept: int = 100) -> Feed:
    return Feed("log1", starts, kept=kept)


def everything(_: FeedEvent) -> bool:
    return True


def take(feed: Feed, *partitions: int) -> None:
    """One more event in each of these partitions, in this order."""
    for partition in partitions:
        feed.append(EVENT, None, partition=partition, offset=int(feed.cursor.split(".")[1 + partition]))


def waiting(subscriber: Subscriber) -> list[tuple[int, int]]:
    found = list(subscriber.missed)
    while not subscriber.queue.empty():
        found.append(subscriber.queue.get_nowait())
    return [(one.partition, one.offset) for one in found]


def test_a_listener_hears_what_comes_after_it_joined() -> None:
    stream = feed()
    take(stream, 0)
    subscriber = stream.subscribe(None, everything)
    take(stream, 1, 0)
    assert waiting(subscriber) == [(1, 0), (0, 1)]


def test_a_listener_that_left_hears_nothing_more() -> None:
    stream = feed()
    subscriber = stream.subscribe(None, everything)
    stream.unsubscribe(subscriber)
    take(stream, 0)
    assert waiting(subscriber) == []


@given(partitions=st.lists(st.integers(0, 2), max_size=40), seen=st.integers(0, 40), later=st.lists(st.integers(0, 2)))
def test_whoever_resumes_misses_nothing_and_hears_nothing_twice(
    partitions: list[int], seen: int, later: list[int]
) -> None:
    stream = feed((5, 0, 7))
    whole, cursor = stream.subscribe(None, everything), stream.cursor
    for number, partition in enumerate(partitions):
        take(stream, partition)
        if number < seen:
            cursor = stream.cursor
    resumed = stream.subscribe(cursor, everything)
    take(stream, *later)
    assert waiting(resumed) == waiting(whole)[min(seen, len(partitions)) :]


@pytest.mark.parametrize(
    "cursor", ["", "log2.0.0", "log1.0", "log1.0.0.0", "log1.0.9", "log1.-1.0", "log1.a.0", "log1.²." + "9" * 30]
)
def test_a_cursor_that_is_not_of_this_log_is_expired(cursor: str) -> None:
    with pytest.raises(Refused) as refused:
        feed().subscribe(cursor, everything)
    assert refused.value.problems[0].code == "cursor_expired"


def test_a_cursor_older_than_what_is_kept_is_expired() -> None:
    stream = feed(kept=3)
    first = stream.cursor
    take(stream, 0, 0, 0, 1)
    with pytest.raises(Refused):
        stream.subscribe(first, everything)
    assert waiting(stream.subscribe("log1.1.0", everything)) == [(0, 1), (0, 2), (1, 0)]


def test_a_redelivered_offset_is_passed_over() -> None:
    stream = feed()
    subscriber = stream.subscribe(None, everything)
    take(stream, 0)
    stream.append(EVENT, None, partition=0, offset=0)
    assert waiting(subscriber) == [(0, 0)]


def test_a_listener_that_does_not_keep_up_is_marked_and_the_others_go_on() -> None:
    stream = feed(kept=MAX_WAITING + 10)
    slow, quick = stream.subscribe(None, everything), stream.subscribe(None, everything)
    for _ in range(MAX_WAITING):
        take(stream, 0)
    waiting(quick)
    take(stream, 0)
    assert slow.too_slow
    assert not quick.too_slow
    assert waiting(quick) == [(0, MAX_WAITING)]


def test_what_a_listener_may_not_see_is_not_counted_against_it() -> None:
    stream = feed()
    subscriber = stream.subscribe(None, lambda event: event.partition == 1)
    take(stream, *[0] * (MAX_WAITING + 1), 1)
    assert not subscriber.too_slow
    assert waiting(subscriber) == [(1, 0)]
    resumed = stream.subscribe(f"log1.{MAX_WAITING}.0", lambda event: event.partition == 1)
    assert waiting(resumed) == [(1, 0)]


def test_it_has_caught_up_when_every_partition_is_at_its_end() -> None:
    stream = feed((3, 0))
    assert not stream.reached((4, 1))
    take(stream, 0)
    stream.move_to(1, 1)
    assert stream.reached((4, 1))
