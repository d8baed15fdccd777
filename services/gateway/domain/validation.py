"""Reads one partner record: size, headers, JSON and schema. Nothing of the record stands in a refusal."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from contracts import envelope, exchange
from contracts.model import StrictModel
from contracts.outcomes import Problem, Refused, problem

MAX_BYTES = 256 * 1024
MAX_PROBLEMS = 10
"""A refusal names at most this many reasons, so that receipts stay small."""
AHEAD = timedelta(minutes=5)
EARLIEST = datetime(1945, 1, 1, tzinfo=UTC)

_UNION: tuple[type[exchange.Submission], ...] = get_args(get_args(exchange.Submission)[0])
MODELS: dict[str, type[exchange.Submission]] = {str(model.model_fields["type"].default): model for model in _UNION}
"""The model of every type that a partner may send."""

_FAMILIES = frozenset(name.rpartition(".v")[0] for name in MODELS)
_VERSIONED = re.compile(r"(?P<family>.+)\.v[0-9]{1,4}")


def _names(model: type[BaseModel]) -> set[str]:
    found = set(model.model_fields)
    for field in model.model_fields.values():
        found.update(*(_names(part) for part in _models_in(field.annotation)))
    return found


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


_FIELDS = frozenset().union(*(_names(model) for model in _UNION))


def check_size(value: bytes) -> None:
    """Raises Refused `too_large` over 256 KiB."""
    if len(value) > MAX_BYTES:
        raise Refused("too_large")


def read_envelope(headers: Iterable[tuple[str, bytes | None]], organisation: str, now: datetime) -> envelope.Envelope:
    """The attributes of a record that came by the topic (or token) of `organisation`. Raises Refused."""
    try:
        found = envelope.read(headers)
    except envelope.BadEnvelope as bad:
        raise Refused(bad.code, bad.pointer) from None
    check_type(found.type)
    check_source(found.source, organisation)
    check_clock(found.time, now, "/headers/ce_time")
    return found


def check_type(name: str) -> None:
    """Raises Refused unless a partner may send this type."""
    if name in MODELS:
        return
    versioned = _VERSIONED.fullmatch(name)
    known = versioned is not None and versioned["family"] in _FAMILIES
    raise Refused("unsupported_version" if known else "unknown_type", "/headers/ce_type")


def check_source(source: str, organisation: str) -> None:
    """`/<ORGANISATION CODE>/<system>`; raises Refused when it names another organisation."""
    parts = source.split("/", 2)
    if len(parts) < 3 or parts[0] or not parts[2]:
        raise Refused("invalid_value", "/headers/ce_source")
    if parts[1] != organisation:
        raise Refused("wrong_organisation", "/headers/ce_source")


def check_clock(at: datetime, now: datetime, pointer: str) -> None:
    """Raises Refused `clock_out_of_range` for a time more than 5 minutes ahead of `now` or before 1945."""
    if not EARLIEST <= at <= now + AHEAD:
        raise Refused("clock_out_of_range", pointer)


def read_body(name: str, value: bytes | None) -> exchange.Submission:
    """The submission of type `name` in `value`: one JSON object (RFC 8259), no name twice. Raises Refused."""
    try:
        text = (value or b"").decode()
    except UnicodeDecodeError:
        raise Refused("not_utf8") from None
    try:
        submission = MODELS[name].model_validate_json(text, strict=True)
    except ValidationError as error:
        raise Refused.because(_problems(error)) from None
    parse_json(text)
    return submission


def parse_json(value: bytes | str) -> Any:
    """A JSON text (RFC 8259) in UTF-8, no name twice in an object. Raises Refused `not_utf8` or `bad_json`."""
    try:
        text = value if isinstance(value, str) else value.decode()
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise Refused("not_utf8") from None
    except (ValueError, RecursionError):
        raise Refused("bad_json") from None


def canonical(submission: StrictModel) -> bytes:
    """The body as it counts for "the same body": what was said, in the order of the schema, without its nulls."""
    return submission.model_dump_json(exclude_unset=True, exclude_none=True, exclude={"type"}).encode()


def _problems(error: ValidationError) -> tuple[Problem, ...]:
    found = [_problem(reason["type"], reason["loc"]) for reason in error.errors(include_url=False, include_input=False)]
    return tuple(dict.fromkeys(found))[:MAX_PROBLEMS]


def _problem(reason: str, where: tuple[int | str, ...]) -> Problem:
    match reason:
        case "json_invalid":
            return problem("bad_json")
        case "model_type" if not where:
            return problem("bad_json")
        case "missing":
            return problem("missing_value", pointer(where))
        case "extra_forbidden":
            return problem("unknown_field", pointer(where[:-1]))
        case _:
            return problem("invalid_value", pointer(where))


def pointer(where: tuple[int | str, ...]) -> str:
    """A JSON pointer of schema names and indexes; union tags fall out, and the sender's own names never reach it."""
    return "".join(f"/{part}" for part in where if isinstance(part, int) or part in _FIELDS)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Refused("bad_json")
    return found


def _no_constant(name: str) -> None:
    """NaN and Infinity are no JSON."""
    raise ValueError(name)
