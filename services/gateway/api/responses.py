"""What every write over REST has in common: its headers, and the answer that an outcome becomes."""

from typing import Annotated, Literal

from fastapi import Depends, Header
from fastapi.responses import JSONResponse

from chassis.security.keys import KeyRing
from contracts.model import Model
from contracts.outcomes import Outcome, Refused
from services.gateway.api.openapi import Responses, refuses
from services.gateway.api.submit_and_wait import PublishedCommand
from services.gateway.domain.receiver_ids import person_token
from services.gateway.tokens import Caller

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=128,
        description="Repeat a request with the same key, and it is done once.",
    ),
]


class Result(Model):
    """What became of a write. While `pending` or `held` it is kept safe: ask `Location` again, do not send it again."""

    command: str
    result: Literal["applied", "pending", "held"]
    id: str | None = None
    version: int | None = None
    warnings: tuple[str, ...] = ()


def writes(*codes: str) -> Responses:
    """The answers of a write besides the good one: still pending, or refused with one of these codes."""
    pending = {"model": Result, "description": "Accepted and not yet settled; `Location` tells what became of it."}
    return {202: pending} | refuses(*codes)


def _version(header: str | None) -> int | None:
    if header is None:
        return None
    text = header.strip().removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Refused("invalid_value", "/headers/If-Match", 'a version, such as "3"')
    return int(text)


def if_match(
    header: Annotated[
        str | None, Header(alias="If-Match", description='The version that was read, for example `"3"`.')
    ] = None,
) -> int | None:
    """The version in If-Match; None without it."""
    return _version(header)


IfMatch = Annotated[int | None, Depends(if_match)]


def response_of(
    published: PublishedCommand,
    location: str,
    *,
    name: str | None = None,
    created: bool = False,
    versioned: bool = False,
) -> JSONResponse:
    """201 or 200 with the thing's `location` (`{id}` stands for its id), or 202 with that of the outcome.

    `name` takes the place of the platform's own id, and then the version stays out too unless it is `versioned`: it may
    count what the caller may not see.
    """
    outcome = published.outcome
    if outcome is None or outcome.result == "held":
        result = Result(command=published.command_id, result="held" if outcome else "pending")
        return _json(result, 202, {"Location": f"/v1/outcomes/{published.command_id}"})
    result = result_of(outcome, name, versioned=versioned)
    headers = {"Location": location.replace("{id}", result.id or "")}
    if result.version is not None:
        headers["ETag"] = f'"{result.version}"'
    return _json(result, 201 if created else 200, headers)


def response_about_person(
    ring: KeyRing, caller: Caller, published: PublishedCommand, *, created: bool = False
) -> JSONResponse:
    """As `response_of`, for a write about a person, who goes by the caller's own id."""
    person = published.outcome.aggregate_id if published.outcome else None
    name = person_token(ring, caller.organisation, person) if person else None
    return response_of(published, "/v1/persons/{id}", name=name, created=created)


def result_of(outcome: Outcome, name: str | None = None, *, versioned: bool = False) -> Result:
    """What came of a command, under the name that the caller knows it by."""
    return Result(
        command=outcome.command_id,
        result="applied",
        id=name or outcome.aggregate_id,
        version=None if name and not versioned else outcome.version,
        warnings=outcome.warnings,
    )


def _json(result: Result, status: int, headers: dict[str, str]) -> JSONResponse:
    return JSONResponse(result.model_dump(mode="json", exclude_none=True), status, headers)
