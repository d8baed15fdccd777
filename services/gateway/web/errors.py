"""Pages for what went wrong: each says what happened and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from chassis import telemetry
from chassis.messaging.retry import is_outage
from services.gateway.web.languages import mark
from services.gateway.web.openid import ProviderAway
from services.gateway.web.sessions import Session
from services.gateway.web.site import FRAGMENT, NotSignedIn, Site, read_form, with_query
from services.gateway.web.v1 import V1Refused


@dataclass(frozen=True, slots=True)
class ErrorText:
    """What happened, and what to do."""

    title: str
    advice: str


TEXTS: Mapping[int, ErrorText] = {
    400: ErrorText(mark("That request was not understood"), mark("Go back, and try it again from the page.")),
    403: ErrorText(
        mark("You may not do that"),
        mark("Sign in with another role or purpose, or ask your office's administrator for the role."),
    ),
    404: ErrorText(
        mark("There is no such page, or you may not see it"),
        mark("Check the address. What you look for may have been moved, or be somebody else's."),
    ),
    405: ErrorText(mark("That address does not take this request"), mark("Go back, and try it again from the page.")),
    409: ErrorText(
        mark("Somebody was faster"), mark("It has changed since you saw it. Look at it again and decide anew.")
    ),
    410: ErrorText(mark("That is too old"), mark("It is not kept any more. Start again from the list.")),
    413: ErrorText(mark("That is too long"), mark("Go back, and write less.")),
    422: ErrorText(mark("Something in the form is wrong"), mark("Go back and correct what you wrote.")),
    429: ErrorText(mark("Too many requests at once"), mark("Wait a moment and try again. Nothing is lost.")),
    500: ErrorText(
        mark("Simpul failed"), mark("It is logged. Try again; if it happens again, tell the operator when it was.")
    ),
    503: ErrorText(
        mark("A part of Simpul is away"),
        mark("Nothing is lost. Try again in a minute; for an emergency use the telephone."),
    ),
}


CROSS_SITE = ErrorText(mark("This request came from another page"), mark("Go to Simpul yourself, and do it there."))


class ErrorPages:
    """Makes the answer to what a page raised; a script that asked for a part of a page gets a line of text."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def handlers(self) -> Mapping[Any, Any]:
        """By exception, as Starlette takes them."""
        return {
            NotSignedIn: self.not_signed_in,
            V1Refused: self.refused,
            HTTPException: self.plain,
            ProviderAway: self.away,
            Exception: self.unexpected,
        }

    async def not_signed_in(self, request: Request, _: Exception) -> Response:
        if FRAGMENT in request.headers:
            return PlainTextResponse("", 401)
        if request.method == "POST":
            return await self._kept(request)
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(with_query("/login", next=here), 303)

    async def _kept(self, request: Request) -> Response:
        """What was typed goes back to whoever sent it, to be sent again: it is kept nowhere else."""
        form = await read_form(request)
        return self._site.render(request, "expired.html", 401, fields=form) if form else RedirectResponse("/login", 303)

    async def refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, V1Refused)
        if error.status == 401:
            if session := _session_of(request):
                await self._site.sessions.end(session)
            return await self.not_signed_in(request, error)
        return self._page(request, error.status, error.code, error.retry_after)

    async def plain(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if _session_of(request) is None:
            request.state.session = await self._site.sessions.find(request)
        return self._page(request, error.status_code)

    async def away(self, request: Request, _: Exception) -> Response:
        return self._page(request, 503)

    async def unexpected(self, request: Request, error: Exception) -> Response:
        telemetry.log.error("page_failed", error=telemetry.describe(error))
        return self._page(request, 503 if is_outage(error) else 500)

    async def cross_site(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A write that comes from another site's page, or does not say where it comes from."""
        answer = self._render(Request(scope, receive), 403, CROSS_SITE)
        await answer(scope, receive, send)

    def _page(self, request: Request, status: int, code: str | None = None, retry_after: str | None = None) -> Response:
        text = TEXTS.get(status) or TEXTS[500 if status >= 500 else 400]
        if FRAGMENT in request.headers:
            words = self._site.words(request, _session_of(request))
            return PlainTextResponse(words.problem(code) if code else words.text(text.title), status)
        answer = self._render(request, status, text, code, retry_after)
        if retry_after:
            answer.headers["Retry-After"] = retry_after
        return answer

    def _render(
        self, request: Request, status: int, text: ErrorText, code: str | None = None, retry_after: str | None = None
    ) -> Response:
        return self._site.render(
            request, "error.html", status, session=_session_of(request), text=text, code=code, retry_after=retry_after
        )


def _session_of(request: Request) -> Session | None:
    session: Session | None = getattr(request.state, "session", None)
    return session
