"""Signing in and out, and the choice of language and zone."""

from __future__ import annotations

import time

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.gateway.web.languages import mark
from services.gateway.web.openid import Attempt, SignInRefused
from services.gateway.web.sessions import COOKIE, Me, set_cookie
from services.gateway.web.site import LANGUAGE_COOKIE, ZONE_COOKIE, Site, Visit, local_path, read_form
from services.gateway.web.v1 import V1, V1Refused
from services.gateway.web.zones import CHOICES

ATTEMPT_COOKIE, PURPOSE_COOKIE = "__Host-simpul-login", "__Host-simpul-purpose"
ATTEMPT_SECONDS = 600
PASSING = (429, 503)
"""Refusals that say nothing of the sign-in."""
YEAR_SECONDS = 365 * 24 * 3600

CANCELLED = mark("You were not signed in. Begin again when you are ready.")
NOT_OURS = mark("This sign-in was begun in another window, or too long ago. Begin again.")
NOT_TAKEN = mark(
    "Your sign-in was good, but Simpul does not take it: your institution may not be registered. "
    "Tell your administrator."
)


def routes(site: Site) -> list[Route]:
    """The routes of this file."""
    pages = SignInPages(site)
    return [
        Route("/login", pages.login, methods=["GET"]),
        Route("/login", pages.begin, methods=["POST"]),
        Route("/login/callback", pages.callback, methods=["GET"]),
        Route("/logout", pages.logout, methods=["POST"]),
        Route("/logged-out", pages.logged_out, methods=["GET"]),
        Route("/preferences", pages.preferences, methods=["POST"]),
        Route("/session", site.page(still_signed_in), methods=["GET"]),
    ]


async def still_signed_in(_: Visit) -> Response:
    """For a script that lost its stream: 204, or 401 where the session is over."""
    return Response(status_code=204)


class SignInPages:
    """What people see who are not signed in, and the way in and out."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def login(self, request: Request) -> Response:
        return self._form(request, request.query_params.get("next", "/"))

    async def begin(self, request: Request) -> Response:
        """To the provider, with an attempt that this browser alone can finish."""
        site, form = self._site, await read_form(request)
        purpose = form.get("purpose") if form.get("purpose") in site.options.purposes else None
        address, attempt = await site.sign_in.begin(purpose, local_path(form.get("next", "/")))
        answer = RedirectResponse(address, 303)
        set_cookie(answer, ATTEMPT_COOKIE, site.sessions.seal_text(attempt.model_dump_json()), seconds=ATTEMPT_SECONDS)
        set_cookie(answer, PURPOSE_COOKIE, purpose or "-", seconds=YEAR_SECONDS)
        return answer

    async def callback(self, request: Request) -> Response:
        """Back from the provider: a session under a new id, or the form again with what was wrong."""
        attempt = self._attempt(request)
        if attempt is None:
            return self._form(request, "/", NOT_OURS, 400)
        try:
            return await self._signed_in(request, attempt)
        except SignInRefused:
            return self._form(request, attempt.next, CANCELLED, 403)
        except V1Refused as refused:
            if refused.status in PASSING:
                raise
            return self._form(request, attempt.next, NOT_TAKEN, 403)

    async def _signed_in(self, request: Request, attempt: Attempt) -> Response:
        site = self._site
        signed_in = await site.sign_in.finish(attempt, dict(request.query_params))
        me = Me.model_validate(await V1(site.client, signed_in.tokens.access).get("/v1/me"))
        if (earlier := await site.sessions.find(request)) is not None:
            await site.sessions.end(earlier)
        session = await site.sessions.begin(signed_in.name, me, signed_in.tokens)
        answer = RedirectResponse(attempt.next, 303)
        set_cookie(answer, COOKIE, session.id, seconds=int(site.options.absolute.total_seconds()))
        _forget(answer, ATTEMPT_COOKIE)
        return answer

    async def logout(self, request: Request) -> Response:
        """The session is over here first, whatever the provider does."""
        site = self._site
        address = back_to = f"{site.options.address}/logged-out"
        session = await site.sessions.find(request)
        if session is not None:
            await site.sessions.end(session)
            address = await site.sign_in.sign_out_address(session.tokens, back_to)
        answer = RedirectResponse(address, 303, {"Clear-Site-Data": '"cache", "storage"'})
        _forget(answer, COOKIE)
        return answer

    async def logged_out(self, request: Request) -> Response:
        return self._site.render(request, "logged_out.html")

    async def preferences(self, request: Request) -> Response:
        """Language and zone, kept by the browser."""
        form = await read_form(request)
        answer = RedirectResponse(local_path(form.get("next", "/")), 303)
        choices = (("language", LANGUAGE_COOKIE, self._site.languages), ("zone", ZONE_COOKIE, CHOICES))
        for name, cookie, allowed in choices:
            if form.get(name) in allowed:
                set_cookie(answer, cookie, form[name], seconds=YEAR_SECONDS)
        return answer

    def _form(self, request: Request, next_path: str, problem: str | None = None, status: int = 200) -> Response:
        chosen = request.cookies.get(PURPOSE_COOKIE, "")
        return self._site.render(
            request, "login.html", status, next=local_path(next_path), chosen=chosen, problem=problem,
            purposes=self._site.options.purposes,
        )  # fmt: skip

    def _attempt(self, request: Request) -> Attempt | None:
        """The sign-in that this browser began, unless that was too long ago."""
        text = self._site.sessions.open_text(request.cookies.get(ATTEMPT_COOKIE, ""))
        try:
            attempt = Attempt.model_validate_json(text or "")
        except ValidationError:
            return None
        return attempt if time.time() - attempt.begun < ATTEMPT_SECONDS else None


def _forget(answer: Response, cookie: str) -> None:
    answer.delete_cookie(cookie, path="/", secure=True, httponly=True, samesite="lax")
