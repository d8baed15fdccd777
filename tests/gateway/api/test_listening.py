"""How a stream goes on when nothing happens, and how it ends."""

import json
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from sse_starlette import ServerSentEvent

from chassis.security.keys import KeyRing
from contracts.outcomes import Refused
from contracts.topics import Names
from deploy.local import keys
from services.gateway.api import stream
from services.gateway.api.feed import MAX_WAITING, Feed
from services.gateway.api.stream_cursors import StreamCursors
from services.gateway.api.topic_reader import TopicReader
from services.gateway.tokens import Caller
from tests.gateway.api.samples import ALERT, answered, raised, token_holder

CURSORS = StreamCursors(KeyRing(keys.rings()["gateway-api"]["secrets"]))


def position(event: ServerSentEvent) -> str:
    assert event.id
    return CURSORS.open(event.id)


def never_over(_: Caller) -> str | None:
    return None


async def listen(
    feed: Feed, organisation: str = "KEMLU", last: str | None = None, why_over: stream.WhyOver = never_over
) -> AsyncIterator[ServerSentEvent]:
    """What an officer is sent, from the beginning of the stream."""
    reader: Any = SimpleNamespace(feed=feed)
    nobody: Any = None  # the route's caller is given below
    (route,) = stream.router(nobody, reader, CURSORS, why_over).routes
    response = await route.endpoint(token_holder(organisation), last)  # type: ignore[attr-defined]
    return response.body_iterator  # type: ignore[no-any-return]


def append(feed: Feed, event: Any, offset: int) -> None:
    feed.append(event, None, partition=0, offset=offset)


async def test_when_nothing_happens_a_comment_moves_the_cursor_past_what_is_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.05)
    feed = Feed("log1", [0])
    events = await listen(feed, "KEMENKES")
    assert position(await anext(events)) == "log1.0"
    append(feed, raised(), 0)
    beat = await anext(events)
    assert (beat.comment, beat.event, position(beat)) == ("heartbeat", None, "log1.1")


async def test_whoever_reads_too_slowly_is_told_so_at_the_end() -> None:
    feed = Feed("log1", [0])
    events = await listen(feed)
    await anext(events)
    for offset in range(MAX_WAITING + 1):
        append(feed, answered(), offset)
    left = [event async for event in events]
    assert [event.event for event in left] == ["ended"]
    assert json.loads(str(left[0].data)) == {"reason": "too_slow"}


async def test_when_it_may_not_go_on_a_stream_shows_nothing_and_ends() -> None:
    feed, reasons = Feed("log1", [0]), list[str]()
    events = await listen(feed, why_over=lambda _: next(iter(reasons), None))
    await anext(events)
    append(feed, answered(), 0)
    assert (await anext(events)).event == "answer.submitted"
    reasons.append("suspended")
    append(feed, answered(), 1)
    left = [event async for event in events]
    assert [event.event for event in left] == ["ended"]
    assert json.loads(str(left[0].data)) == {"reason": "suspended"}


async def test_a_silent_stream_ends_when_it_may_not_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LOOK_SECONDS", 0.01)
    feed, looks = Feed("log1", [0]), iter([None, None, "token_denied"])
    events = await listen(feed, why_over=lambda _: next(looks))
    await anext(events)
    assert json.loads(str((await anext(events)).data)) == {"reason": "token_denied"}


async def test_what_was_missed_comes_first_and_then_what_happens() -> None:
    feed = Feed("log1", [0])
    for offset in range(3):
        append(feed, answered(), offset)
    events = await listen(feed, last=CURSORS.seal("log1.1"))
    connected = await anext(events)
    append(feed, raised(), 3)
    following = [await anext(events) for _ in range(3)]
    assert (connected.comment, connected.id) == ("connected", None)
    assert [position(event) for event in following] == ["log1.2", "log1.3", "log1.4"]
    assert [event.event for event in following] == ["answer.submitted", "answer.submitted", "alert.raised"]
    assert json.loads(str(following[2].data))["alert"] == ALERT


def test_before_the_log_was_found_there_is_nothing_to_listen_to() -> None:
    nothing: Any = None
    with pytest.raises(Refused) as refused:
        _ = TopicReader(nothing, Names(), nothing).feed
    assert refused.value.problems[0].code == "unavailable"
