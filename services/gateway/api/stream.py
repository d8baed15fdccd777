"""The stream (server-sent events) of what happens to alerts, rounds and answers that the caller may see."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Receive, Scope, Send

from services.gateway.api.caller import CallerOf, principal_at_door
from services.gateway.api.feed import Feed, FeedEvent, Subscriber
from services.gateway.api.openapi import Responses, refuses
from services.gateway.api.rate_limits import Shares
from services.gateway.api.stream_cursors import StreamCursors
from services.gateway.api.topic_reader import TopicReader
from services.gateway.api.visibility import is_visible, message_of
from services.gateway.tokens import Caller

HEARTBEAT_SECONDS = 15.0
LOOK_SECONDS = 1.0
"""Between two looks whether a stream that is silent may go on."""
SEND_SECONDS = 30.0
"""A client that takes nothing for this long is cut off."""
MAX_STREAMS, OF_ONE = 1000, 50
"""Streams of one process at the same time, and of one organisation; one more is refused `too_many_requests`."""

STREAM: Responses = {
    200: {"description": "Server-sent events.", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
    **refuses("cursor_expired", "invalid_value", "too_many_requests"),
}


WhyOver = Callable[[Caller], str | None]


def router(identify: CallerOf, reader: TopicReader, cursors: StreamCursors, why_over: WhyOver) -> APIRouter:
    """The route /v1/stream. `why_over` tells why a caller who was let in may not go on."""
    routes = APIRouter(prefix="/v1/stream", tags=["stream"])
    shares = Shares(MAX_STREAMS, OF_ONE)

    @routes.get("", summary="Events as they happen", response_class=EventSourceResponse, responses=STREAM)
    async def stream(
        caller: Annotated[Caller, Depends(identify)],
        last: Annotated[str | None, Header(alias="Last-Event-ID", max_length=1000)] = None,
    ) -> EventSourceResponse:
        """`alert.raised`, `alert.acknowledged`, `alert.resolved`, `round.opened`, `answer.submitted`; no personal data.

        Resume with Last-Event-ID; 410 `cursor_expired` when that is too old. The last event is `ended` with a `reason`:
        `too_slow` (events came faster than they were read), `token_expired`, `token_denied`, `suspended` (your
        organisation is) or `rights_changed` (those of your organisation: connect again).
        """
        feed, principal = reader.feed, principal_at_door(caller)
        with ExitStack() as held:
            held.enter_context(shares.taken(caller.organisation))
            after = None if last is None else cursors.open(last)
            subscriber = feed.subscribe(after, lambda event: is_visible(event.event, principal))
            held.callback(feed.unsubscribe, subscriber)
            end = held.pop_all().close
        return _Stream(end, _sealed(_messages(feed, subscriber, caller, why_over), cursors))

    return routes


class _Stream(EventSourceResponse):
    """Calls `end` when it is over, also for a client that left before the first event was asked for."""

    def __init__(self, end: Callable[[], None], events: AsyncIterator[ServerSentEvent]) -> None:
        super().__init__(events, ping=0, send_timeout=SEND_SECONDS, sep="\n")
        self._end = end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._end()


async def _sealed(messages: AsyncIterator[ServerSentEvent], cursors: StreamCursors) -> AsyncIterator[ServerSentEvent]:
    async for message in messages:
        if message.id is not None:
            message.id = cursors.seal(message.id)
        yield message


async def _messages(
    feed: Feed, subscriber: Subscriber, caller: Caller, why_over: WhyOver
) -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(comment="connected", id=None if subscriber.missed else subscriber.cursor)
    for feed_event in subscriber.missed:
        yield _event(feed_event)
    event: ServerSentEvent | None = None
    last_sent = time.monotonic()
    while not (reason := _end_reason(subscriber, caller, why_over)):
        if event:
            yield event
            last_sent = time.monotonic()
        event = await _next(subscriber, caller.expires) or _heartbeat(feed, subscriber, last_sent)
    yield ServerSentEvent(json.dumps({"reason": reason}), event="ended")


async def _next(subscriber: Subscriber, expires: float) -> ServerSentEvent | None:
    """The next event; None when none came in the time between two looks."""
    timeout = min(LOOK_SECONDS, HEARTBEAT_SECONDS, max(expires - time.time(), 0))
    try:
        return _event(await asyncio.wait_for(subscriber.queue.get(), timeout))
    except TimeoutError:
        return None


def _heartbeat(feed: Feed, subscriber: Subscriber, last_sent: float) -> ServerSentEvent | None:
    """When nothing was said for 15 s, a comment that moves the cursor on. `last_sent` is monotonic."""
    if time.monotonic() - last_sent < HEARTBEAT_SECONDS:
        return None
    return ServerSentEvent(comment="heartbeat", id=feed.cursor if subscriber.queue.empty() else None)


def _end_reason(subscriber: Subscriber, caller: Caller, why_over: WhyOver) -> str | None:
    """Looked up before an event is shown, so that nothing is shown after a denial."""
    if reason := why_over(caller):
        return reason
    if subscriber.too_slow:
        return "too_slow"
    return "token_expired" if caller.expires <= time.time() else None


def _event(feed_event: FeedEvent) -> ServerSentEvent:
    message = message_of(feed_event.event, feed_event.version)
    return ServerSentEvent(json.dumps(message.data, separators=(",", ":")), event=message.name, id=feed_event.cursor)
