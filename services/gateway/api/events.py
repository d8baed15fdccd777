"""The door of partner systems without a Kafka client: the same topics, order, checks and receipts as over Kafka."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Literal

from aiokafka.errors import KafkaError, TopicAuthorizationFailedError
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse

from chassis import telemetry
from chassis.messaging.message import Message
from chassis.messaging.publisher import Publisher
from chassis.messaging.retry import Outage
from chassis.security.keys import KeyRing
from contracts.commands import Principal
from contracts.envelope import MAX_ATTRIBUTE
from contracts.exchange import PlacementReported
from contracts.model import Model
from contracts.outcomes import Problem, Refused
from contracts.topics import Names
from services.gateway.api import cloudevents
from services.gateway.api.caller import CallerOf
from services.gateway.api.mailbox import Mailbox, Page
from services.gateway.api.openapi import refuses
from services.gateway.api.submit_and_wait import PUBLISH_SECONDS
from services.gateway.domain.cloudevents import BATCH, STRUCTURED, Event, find_header
from services.gateway.domain.content import PersonOf
from services.gateway.domain.organisations import RecordPrincipal
from services.gateway.domain.receiver_ids import person_of_any
from services.gateway.domain.submissions import read_submission
from services.gateway.domain.validation import MODELS
from services.gateway.tokens import Caller
from services.gateway.topics import Topics

Priority = Literal["normal", "urgent"]
Cursor = Annotated[str | None, Query(max_length=100)]
Limit = Annotated[int, Query(ge=1, le=500)]
Wait = Annotated[float, Query(ge=0, le=30, description="Seconds to wait for the first event.")]
EXAMPLE: dict[str, Any] = {
    "specversion": "1.0",
    "id": "2026-000017",
    "source": "/KP2MI/siskop2mi",
    "type": PlacementReported.model_fields["type"].default,
    "time": "2026-04-01T03:00:00Z",
    "data": {"occurred_at": "2026-04-01", "person": {"passport": "X0000000"}, "destination": "MY", "scheme": "p_to_p"},
}
_EVENT: dict[str, Any] = {
    "type": "object",
    "required": ["specversion", "id", "source", "type", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "minLength": 1, "maxLength": MAX_ATTRIBUTE},
        "source": {"type": "string", "pattern": "^/[^/]+/.+$", "maxLength": MAX_ATTRIBUTE},
        "type": {"type": "string", "enum": sorted(MODELS)},
        "time": {"type": "string", "format": "date-time"},
        "data": {"type": "object", "description": "As the schema of `type` says."},
    },
}
_BODIES: dict[str, Any] = {
    BATCH: {"schema": {"type": "array", "items": _EVENT}, "example": [EXAMPLE]},
    STRUCTURED: {"schema": _EVENT, "example": EXAMPLE},
    "application/json": {
        "schema": {"type": "object", "description": "The data alone; the attributes stand in headers."},
        "example": EXAMPLE["data"],
    },
}
REQUEST: dict[str, Any] = {
    "requestBody": {"required": True, "content": _BODIES},
    "parameters": [
        {
            "name": f"ce-{name}", "in": "header", "required": False, "schema": schema,
            "description": "With application/json.", "example": EXAMPLE[name],
        }
        for name, schema in _EVENT["properties"].items() if name != "data"
    ],
}  # fmt: skip
_UNREADABLE = ("not_permitted", "bad_json", "not_utf8", "too_large", "invalid_value")
SENT = refuses(*_UNREADABLE, "not_connected", "missing_value", "unsupported_version", "unknown_code", "loads_stopped")
CHECKED = refuses(*_UNREADABLE)
RECEIVED = refuses("not_permitted", "not_connected", "invalid_value", "cursor_expired", "too_many_requests")


class Accepted(Model):
    """How many events were appended to your topic; receipts on the way back say what became of each."""

    accepted: int


class Checked(Model):
    """What the gateway would say of one event; `command` is what it would become. `record` is the sender's own id."""

    record: str | None = None
    result: Literal["acceptable", "refused"]
    command: str | None = None
    problems: tuple[Problem, ...] = ()


class CheckedEvents(Model):
    """In the order of the request."""

    events: tuple[Checked, ...]


class EventPage(Model):
    """Structured CloudEvents, oldest first, and the cursor to ask on with."""

    events: tuple[dict[str, Any], ...]
    cursor: str


WhyOver = Callable[[Caller], str | None]
LOOK_SECONDS = 1.0
"""Between two looks whether a reading that waits may go on."""
REFUSED: Mapping[str, str] = {"token_denied": "unauthenticated", "suspended": "suspended"}
"""By why the caller may not go on. What else has changed opens and closes nobody's own mailbox."""


def router(
    identify: CallerOf, ring: KeyRing, names: Names, topics: Topics, publisher: Publisher, mailbox: Mailbox,
    why_over: WhyOver, record_principal: RecordPrincipal,
) -> APIRouter:  # fmt: skip
    """The routes under /v1/events. `why_over` tells why a caller who was let in may not go on."""
    routes = APIRouter(prefix="/v1/events", tags=["events"])

    CurrentSystem = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    @routes.post(
        "", summary="Send CloudEvents", status_code=202, responses=SENT,
        openapi_extra=REQUEST,
    )  # fmt: skip
    async def send(caller: CurrentSystem, request: Request, priority: Priority = "normal") -> Accepted:
        """Binary (attributes in `ce-` headers), structured or batched. 202 when the log has them all."""
        topic = names.intake(caller.organisation, urgent=priority == "urgent")
        events = cloudevents.parse(request.headers, await request.body())
        await _require_taken(topics, topic)
        await _append(publisher, [Message(topic, None, value, _traced(headers)) for headers, value in events])
        return Accepted(accepted=len(events))

    @routes.post(
        ":check", summary="Check CloudEvents without sending them", response_model_exclude_none=True, responses=CHECKED,
        openapi_extra=REQUEST,
    )  # fmt: skip
    async def check(caller: CurrentSystem, request: Request, priority: Priority = "normal") -> CheckedEvents:
        """The same checks as at intake, and nothing is stored or passed on.

        What the owner of a person or a round decides (for example `not_assigned`) is told by receipt alone.
        """
        events = cloudevents.readers(request.headers, await request.body())
        sender = record_principal(caller.organisation, datetime.now(UTC))
        return _checked_all(ring, sender, events, urgent=priority == "urgent")

    @routes.get(
        "", summary="Receive the copies and receipts meant for you", response_model=EventPage, responses=RECEIVED
    )
    async def receive(
        caller: CurrentSystem, cursor: Cursor = None, limit: Limit = 100, wait: Wait = 0, priority: Priority = "normal"
    ) -> JSONResponse:
        """Without a cursor from the oldest kept (7 days); 410 `cursor_expired` when the cursor is older than that."""
        urgent = priority == "urgent"
        reading = mailbox.read(caller.organisation, urgent=urgent, cursor=cursor, limit=limit, wait=wait)
        page = await _unless_over(reading, partial(why_over, caller))
        events = [cloudevents.rendered(record) for record in page.records]
        return JSONResponse({"events": events, "cursor": page.cursor})

    return routes


async def _unless_over(reading: Coroutine[None, None, Page], why_over: Callable[[], str | None]) -> Page:
    """What was read. Raises Refused as soon as the caller may not go on: nothing is shown after that."""
    task = asyncio.create_task(reading)
    try:
        while True:
            await asyncio.wait([task], timeout=LOOK_SECONDS)
            if code := REFUSED.get(why_over() or ""):
                raise Refused(code)
            if task.done():
                return task.result()
    finally:
        task.cancel()


def _checked_all(
    ring: KeyRing, sender: Principal, events: Iterable[Callable[[], Event]], *, urgent: bool
) -> CheckedEvents:
    person_of_sender = partial(person_of_any, ring, sender.stands_for)
    return CheckedEvents(events=tuple(_checked(read, sender, person_of_sender, urgent=urgent) for read in events))


def _checked(read: Callable[[], Event], sender: Principal, person_of: PersonOf, *, urgent: bool) -> Checked:
    record = None
    try:
        headers, value = read()
        record = find_header(headers, "ce_id")
        draft = read_submission(headers, value, sender, person_of, datetime.now(UTC), urgent=urgent).draft
    except Refused as refusal:
        return Checked(record=record, result="refused", problems=refusal.problems)
    return Checked(record=record, result="acceptable", command=draft.type)


async def _require_taken(topics: Topics, topic: str) -> None:
    """Asked of the broker before: an append that it refuses costs the producer, which all callers share."""
    described = (await topics.find([topic])).get(topic)
    if described is None:
        raise Refused("not_connected")
    if not described.writable:
        raise Refused("loads_stopped")


async def _append(publisher: Publisher, messages: list[Message]) -> None:
    try:
        await asyncio.wait_for(publisher.send_all(messages), PUBLISH_SECONDS)
    except TopicAuthorizationFailedError:
        raise Refused("loads_stopped") from None
    except (KafkaError, TimeoutError):
        raise Outage from None


def _traced(headers: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """The event's own trace, or else that of the request."""
    own = telemetry.clean_traceparent(telemetry.current_traceparent())
    if own is None or any(name == "traceparent" for name, _ in headers):
        return headers
    return [*headers, ("traceparent", own.encode())]
