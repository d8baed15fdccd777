"""A request that FastAPI found invalid, refused as the same record would be over Kafka: same codes, pointers, words."""

from datetime import UTC, datetime
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError

from chassis.web.app import problem_response
from contracts.outcomes import Problem, problem
from services.gateway.domain.schema_problems import schema_problems
from services.gateway.domain.validation import MODELS, body_problems

PARAMETERS = {"query": "query", "path": "path", "header": "headers", "cookie": "cookies"}
"""First part of a pointer by FastAPI's word for where a parameter stands."""
WORDS = {
    "literal_error": "{expected}",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "at least {min_length} characters",
    "string_pattern_mismatch": "what matches {pattern}",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "bool_parsing": "true or false",
    "datetime_from_date_parsing": "an RFC 3339 instant with its offset",
    "datetime_parsing": "an RFC 3339 instant with its offset",
    "timezone_aware": "an RFC 3339 instant with its offset",
}
"""What a parameter may be, by the kind of pydantic's error and of what it knows of the schema."""


async def invalid_request(request: Request, error: Exception) -> Response:
    """problem+json of every reason, in the parameters and in the body."""
    assert isinstance(error, RequestValidationError)
    errors = error.errors()
    problems = [_parameter(reason) for reason in errors if reason["loc"][0] in PARAMETERS]
    in_body = [reason | {"loc": tuple(reason["loc"][1:])} for reason in errors if reason["loc"][0] == "body"]
    if in_body:
        problems += _body(request, error.body, in_body)
    return problem_response(problems)


def _parameter(error: dict[str, Any]) -> Problem:
    where, name = PARAMETERS[error["loc"][0]], error["loc"][1]
    code = "missing_value" if error["type"] == "missing" else "invalid_value"
    words = WORDS.get(error["type"])
    return problem(code, f"/{where}/{name}", words.format(**error.get("ctx", {})) if words else None)


def _body(request: Request, body: Any, errors: list[Any]) -> list[Problem]:
    model: Any = request.scope["route"].body_field.field_info.annotation
    if model in MODELS.values():
        return list(body_problems(model, body, errors, None, datetime.now(UTC)))
    return schema_problems(model, errors)
