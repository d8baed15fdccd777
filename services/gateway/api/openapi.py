"""The OpenAPI document: which refusals a route can answer, each as the problem+json that it is."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import FastAPI
from pydantic import Field

from contracts.model import Model
from contracts.outcomes import CODES, Fault, Problem

PROBLEM = "application/problem+json"
Responses = dict[int | str, dict[str, Any]]

ANYWHERE = (
    "bad_header", "unauthenticated", "token_expired", "not_permitted", "suspended", "too_many_requests", "internal",
    "unavailable",
)  # fmt: skip
BODY = ("bad_json", "not_utf8", "too_large", "missing_value", "invalid_value", "unknown_field")
"""Whatever a JSON body can have wrong before anybody looks at what it says."""
COMMAND = ("invalid_value", "not_permitted", "id_reused", "platform_gave_up")
"""What can become of any command."""
DECISION = (*COMMAND, "not_found", "version_conflict", "state_conflict")
"""Of one that names what it is about, and the version that was seen."""
CONTENT = ("missing_value", "unknown_code", "clock_out_of_range", "identifier_missing", "person_unknown")
OF_FACTS = ("not_owner", "nik_malformed", "under_age")
OF_ROUNDS = ("round_exists",)
OF_ANSWERS = ("not_found", "version_conflict", "not_assigned", "value_kind", "evidence_missing")
OF_MERGES = ("not_merged", "too_many_facts")
OF_AGREEMENTS = ("already_approved", "too_many_proposals")
SUBMISSION = (*COMMAND, *BODY, *CONTENT)
OF_ALERTS = (
    *SUBMISSION, "alert_type_not_permitted", "person_not_permitted", "reason_missing", "emergency_limit"
)  # fmt: skip


class ProblemDocument(Model):
    """RFC 9457; the first of `problems` gives title, status, code, fault and pointer."""

    type: Annotated[str, Field(examples=["urn:simpul:problem:not_found"])]
    title: str
    status: int
    code: Annotated[str, Field(json_schema_extra={"enum": list(CODES)})]
    fault: Fault
    pointer: str
    problems: tuple[Problem, ...]
    trace_id: str | None = None
    """Quote it when you ask about this answer."""


def refuses(*codes: str) -> Responses:
    """The refusals that a route can answer, by status; those that every route can answer are among them."""
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys((*ANYWHERE, *codes)):
        by_status.setdefault(CODES[code].status, []).append(f"`{code}`: {CODES[code].detail}")
    return {
        status: {"model": ProblemDocument, "description": " ".join(reasons)}
        for status, reasons in sorted(by_status.items())
    }


def describe_problems(app: FastAPI) -> None:
    """Give refusals their media type, which FastAPI takes to be that of the good answer."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        document = plain()
        for response in _refusals(document):
            response["content"] = {PROBLEM: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
        return document

    app.openapi = described  # type: ignore[method-assign]  # as FastAPI's guide has it


def _refusals(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path, operations in document["paths"].items():
        for operation in operations.values() if path.startswith("/v1/") else ():
            yield from (response for status, response in operation["responses"].items() if status >= "400")
