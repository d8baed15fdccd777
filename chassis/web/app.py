"""The FastAPI frame of every process: health, metrics, and errors as problem+json (RFC 9457) with closed codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.telemetry import TelemetryConfig
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException

from chassis import telemetry
from chassis.messaging.retry import is_outage
from chassis.web.docs import add_docs
from contracts.outcomes import Problem, Refused, problem, status_of

TELEMETRY: TelemetryConfig = {"metrics": False, "logs": False, "auto_configure": False}
"""Spans go out by chassis.telemetry alone, which knows what they must not tell; logs and metrics are our own."""

RETRY_AFTER_SECONDS = {"loads_stopped": "30"}
"""By code; 5 for any other that passes. Whoever knows it better says so in its place."""

PYDANTIC_CODES = {"missing": "missing_value", "extra_forbidden": "unknown_field", "json_invalid": "bad_json"}


def problem_response(
    problems: Sequence[Problem], status: int | None = None, headers: dict[str, str] | None = None
) -> Response:
    """problem+json of one or several reasons; the first one gives status, code and fault."""
    first = problems[0]
    body: dict[str, Any] = {
        "type": f"urn:simpul:problem:{first.code}",
        "title": first.detail,
        "status": status or status_of(first.code),
        "code": first.code,
        "fault": first.fault,
        "pointer": first.pointer,
        "problems": [p.model_dump(mode="json", exclude_none=True) for p in problems],
    }
    if trace := telemetry.trace_id():
        body["trace_id"] = trace
    if body["status"] == 401:
        headers = {"WWW-Authenticate": "Bearer", **(headers or {})}  # RFC 9110 section 11.6.1
    if body["status"] in (429, 503):
        headers = {"Retry-After": RETRY_AFTER_SECONDS.get(first.code, "5"), **(headers or {})}
    return JSONResponse(body, body["status"], headers, media_type="application/problem+json")


def pydantic_problems(errors: Sequence[Mapping[str, Any]], root: str = "") -> tuple[Problem, ...]:
    """Pydantic's errors as problems: pointers of schema names only, an unknown name points at its parent; no values."""
    problems = []
    for error in errors:
        code = PYDANTIC_CODES.get(error["type"], "invalid_value")
        place = list(error["loc"])
        if code in ("unknown_field", "bad_json"):  # the last part is the sender's own name, or an offset into its text
            place = place[:-1]
        problems.append(problem(code, root + "".join(f"/{part}" for part in place)))
    return tuple(problems)


def create_app(
    title: str,
    *,
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]],
    ready: Callable[[], Mapping[str, bool]],
    routers: Sequence[APIRouter] = (),
    errors: Mapping[type[Exception], str] | None = None,
    description: str = "",
) -> FastAPI:
    """An app with /healthz, /readyz, /metrics and the error form. `errors` maps exceptions to refusal codes."""
    app = FastAPI(
        title=title, description=description, version="1", lifespan=lifespan, telemetry=TELEMETRY, docs_url=None,
        redoc_url=None, redirect_slashes=False,
    )  # fmt: skip
    add_docs(app)
    app.include_router(_health(ready))
    for router in routers:
        app.include_router(router)
    _handle_errors(app, errors or {})
    return app


def _health(ready: Callable[[], Mapping[str, bool]]) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/healthz", summary="The process is alive")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @router.get(
        "/readyz",
        summary="Every consumer is consuming and nothing it needs is away",
        responses={503: {"description": "Not yet, or no more; `checks` says which."}},
    )
    async def readyz() -> JSONResponse:
        checks = ready()
        return JSONResponse(
            {"ready": all(checks.values()), "checks": dict(checks)}, 200 if all(checks.values()) else 503
        )

    @router.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


def _handle_errors(app: FastAPI, errors: Mapping[type[Exception], str]) -> None:
    async def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        return problem_response(error.problems)

    async def invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return problem_response([_without_root(p) for p in pydantic_problems(error.errors())])

    async def plain(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return problem_response([problem(_code_of(error))], error.status_code, dict(error.headers or {}))

    async def unexpected(_: Request, error: Exception) -> Response:
        telemetry.log.error("request_failed", error=telemetry.describe(error))
        return problem_response([problem("unavailable" if is_outage(error) else "internal")])

    for kind, code in errors.items():
        app.add_exception_handler(kind, _mapped(code))
    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, plain)
    app.add_exception_handler(Exception, unexpected)


def _code_of(error: HTTPException) -> str:
    """FastAPI answers a body that it cannot read with 400, whatever the reason."""
    if error.status_code == 400:
        return "not_utf8" if isinstance(error.__cause__, UnicodeDecodeError) else "bad_json"
    return {404: "not_found", 405: "method_not_allowed", 413: "too_large"}.get(error.status_code, "invalid_value")


def _mapped(code: str) -> Callable[[Request, Exception], Any]:
    async def handler(_: Request, error: Exception) -> Response:
        return problem_response([problem(code)])

    return handler


def _without_root(refused: Problem) -> Problem:
    """FastAPI says /body/x and /header/x: a body is pointed into from its own root, a header as in receipts."""
    pointer = refused.pointer.removeprefix("/body")
    if pointer.startswith("/header/"):
        pointer = f"/headers/{pointer.removeprefix('/header/')}"
    return refused.model_copy(update={"pointer": pointer})
