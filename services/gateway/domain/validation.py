"""Reads one partner record: size, headers, JSON and schema. Nothing of the record stands in a refusal."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from contracts import envelope, exchange
from contracts.model import StrictModel
from contracts.outcomes import Problem, Refused, problem
from services.gateway.domain.content import PersonOf, clock_problems, content_problems
from services.gateway.domain.schema_problems import MAX_PROBLEMS, either, readable, schema_problems

MAX_BYTES = 256 * 1024

_UNION: tuple[type[exchange.Submission], ...] = get_args(get_args(exchange.Submission)[0])
MODELS: dict[str, type[exchange.Submission]] = {str(model.model_fields["type"].default): model for model in _UNION}
"""The model of every type that a partner may send."""

_FAMILIES = frozenset(name.rpartition(".v")[0] for name in MODELS)
_VERSIONED = re.compile(r"(?P<family>.+)\.v[0-9]{1,4}")


ALLOWED_HEADERS = {
    "/headers/ce_specversion": "1.0",
    "/headers/ce_source": "/ORGANISATION CODE/system",
    "/headers/ce_time": "an RFC 3339 instant with its offset",
    "/headers/ce_sequence": "at most 18 digits",
    "/headers/ce_dataclassification": either(get_args(envelope.Classification)),
    "/headers/content-type": "application/json",
}
"""What an attribute may be, by its pointer; any other is text of at most 256 characters."""
ALLOWED_TYPES = either(list(MODELS))
STANDING_IN = {"ce_specversion": b"1.0", "ce_id": b"-", "ce_source": b"-", "ce_type": b"-"}
"""For a required header that cannot be read, while the others are looked at."""


def check_size(value: bytes) -> None:
    """Raises Refused `too_large` over 256 KiB."""
    if len(value) > MAX_BYTES:
        raise Refused("too_large")


def read_envelope(headers: envelope.Headers, organisation: str, now: datetime) -> envelope.Envelope:
    """The attributes of a record that came by the topic (or token) of `organisation`.

    Raises Refused with every problem at once.
    """
    problems: list[Problem] = []
    read = _read(headers, problems)
    broken = {problem.pointer for problem in problems}
    for pointer, judged in (
        ("/headers/ce_type", type_problems(read.type)),
        ("/headers/ce_source", source_problems(read.source, organisation)),
        ("/headers/ce_time", clock_problems(read.time, now, "/headers/ce_time")),
    ):
        problems += judged if pointer not in broken else []
    if problems:
        raise Refused.because(tuple(problems))
    return read


def _read(headers: envelope.Headers, problems: list[Problem]) -> envelope.Envelope:
    """Each header that cannot be read is noted and set right in turn, so that all of them are named."""
    while True:
        try:
            return envelope.read(headers)
        except envelope.BadEnvelope as bad:
            problems.append(problem(bad.code, bad.pointer, ALLOWED_HEADERS.get(bad.pointer)))
            name = bad.pointer.rpartition("/")[2]
            headers = [header for header in headers if header[0].lower() != name]
            if name in STANDING_IN:
                headers.append((name, STANDING_IN[name]))


def type_problems(name: str) -> list[Problem]:
    """Whether a partner may send this type."""
    if name in MODELS:
        return []
    versioned = _VERSIONED.fullmatch(name)
    is_family = versioned is not None and versioned["family"] in _FAMILIES
    return [problem("unsupported_version" if is_family else "unknown_type", "/headers/ce_type", ALLOWED_TYPES)]


def source_problems(source: str, organisation: str) -> list[Problem]:
    """Whether it is `/<ORGANISATION CODE>/<system>`, of this organisation."""
    parts = source.split("/", 2)
    if len(parts) < 3 or parts[0] or not parts[2]:
        return [problem("invalid_value", "/headers/ce_source", ALLOWED_HEADERS["/headers/ce_source"])]
    return [] if parts[1] == organisation else [problem("wrong_organisation", "/headers/ce_source")]


def read_body(
    name: str, value: bytes | None, *, person_of: PersonOf | None = None, now: datetime | None = None
) -> exchange.Submission:
    """The submission of type `name` in `value`: one JSON object (RFC 8259), no name twice.

    Raises Refused with every problem at once: where `now` is given, those of what can be read of a broken body too.
    """
    try:
        text = (value or b"").decode()
    except UnicodeDecodeError:
        raise Refused("not_utf8") from None
    try:
        submission = MODELS[name].model_validate_json(text, strict=True)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
        body = None if any(error["type"] == "json_invalid" for error in errors) else _as_far_as_json(text)
        raise Refused.because(body_problems(MODELS[name], body, errors, person_of, now)) from None
    parse_json(text)
    return submission


def _as_far_as_json(text: str) -> Any:
    """None for what is no JSON: the schema was not even looked at, so that anything could stand anywhere."""
    try:
        return parse_json(text)
    except Refused:
        return None


def parse_json(value: bytes | str) -> Any:
    """A JSON text (RFC 8259) in UTF-8, no name twice in an object. Raises Refused `not_utf8` or `bad_json`."""
    try:
        text = value if isinstance(value, str) else value.decode()
        return _JSON.decode(text)
    except UnicodeDecodeError:
        raise Refused("not_utf8") from None
    except (ValueError, RecursionError):
        raise Refused("bad_json") from None


def body_problems(
    model: type[exchange.Submission],
    body: Any,
    errors: Sequence[ErrorDetails],
    person_of: PersonOf | None,
    now: datetime | None,
) -> tuple[Problem, ...]:
    """Everything wrong with a body that breaks its schema: pydantic's errors, and the content of what can be read."""
    problems = schema_problems(model, errors)
    if now is not None and isinstance(body, dict):
        content = content_problems(readable(model, body, errors), person_of, now)
        problems += [
            content_problem
            for content_problem in content
            if not any(_silenced(content_problem, broken) for broken in problems)
        ]
    return tuple(problems[:MAX_PROBLEMS])


def _silenced(content: Problem, broken: Problem) -> bool:
    """Of a place that is broken already, or holds one that is, nothing more is said."""
    if broken.code == "unknown_field":
        return content.pointer == broken.pointer
    inner, outer = f"{content.pointer}/", f"{broken.pointer}/"
    return inner.startswith(outer) or outer.startswith(inner)


def canonical(submission: StrictModel) -> bytes:
    """The body as it counts for "the same body": what was said, in the order of the schema, without its nulls."""
    return submission.model_dump_json(exclude_unset=True, exclude_none=True, exclude={"type"}).encode()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise Refused("bad_json")
    return fields


def _no_constant(name: str) -> None:
    """NaN and Infinity are no JSON."""
    raise ValueError(name)


_JSON = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant)
