"""The pages as one app: who visits, what a page is made with, and where requests go."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode
from weakref import WeakValueDictionary

from jinja2 import Environment
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.gateway.web import navigation
from services.gateway.web.languages import DEFAULT, Language, languages
from services.gateway.web.openid import SignIn, SignInRefused
from services.gateway.web.options import WebOptions
from services.gateway.web.sessions import Session, Sessions
from services.gateway.web.templates import of_every_language
from services.gateway.web.v1 import V1, V1Refused
from services.gateway.web.words import Words
from services.gateway.web.zones import CHOICES, WIB, zone_of

LANGUAGE_COOKIE, ZONE_COOKIE = "__Host-simpul-language", "__Host-simpul-zone"
MAX_FORM = 256 * 1024
"""Bytes: two texts of 4,000 letters in any script, and the evidence, as browsers write them."""
RENEW_BEFORE_SECONDS = 30
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
LOCAL_PATH = re.compile(r"/(?![/\\])[\x21-\x7e]{0,1000}\Z")
FRAGMENT = "x-fragment"
"""Header of a request by which a script asks for a part of a page."""

Handler = Callable[[Any], Awaitable[Response]]


class NotSignedIn(Exception):
    """There is no session, or it is over: the way leads to the sign-in."""


@dataclass(frozen=True)
class Visit:
    """One request of somebody signed in: what every page is made with."""

    request: Request
    session: Session
    v1: V1
    words: Words
    site: Site

    def render(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page; see `templates/page.html` for what every page has."""
        return self.site.render(self.request, template, status, session=self.session, **values)

    def id_of(self, name: str) -> str:
        """An id in the path. Raises V1Refused for what is none."""
        value = str(self.request.path_params[name])
        if not ID.match(value):
            raise V1Refused(404, "not_found")
        return value

    async def form(self) -> dict[str, str]:
        """The fields of a form."""
        return await read_form(self.request)

    @property
    def wants_fragment(self) -> bool:
        """Whether a script asks for the part of the page that changes."""
        return FRAGMENT in self.request.headers

    def back(self, path: str) -> Response:
        """After a write: see the page that shows what became of it."""
        return RedirectResponse(path, 303)


class Site:
    """What all pages have in common."""

    def __init__(self, options: WebOptions, sessions: Sessions, sign_in: SignIn, client: Any) -> None:
        self.options, self.sessions, self.sign_in, self.client = options, sessions, sign_in, client
        self.languages: Mapping[str, Language] = languages()
        self.environments: Mapping[str, Environment] = of_every_language()
        self._renewing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def page(self, handler: Callable[[Visit], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """A route's endpoint for somebody signed in; whoever is not is sent to sign in and comes back."""

        async def endpoint(request: Request) -> Response:
            return await handler(await self.visit(request))

        endpoint.__name__ = handler.__name__
        return endpoint

    async def visit(self, request: Request) -> Visit:
        """Raises NotSignedIn."""
        session = await self.session(request)
        if session is None:
            raise NotSignedIn
        request.state.session = session
        return Visit(request, session, V1(self.client, session.tokens.access), self.words(request, session), self)

    async def session(self, request: Request) -> Session | None:
        """The session of a request, its tokens renewed where they are about to end."""
        session = await self.sessions.find(request)
        return await self.renewed(session) if session else None

    async def renewed(self, session: Session) -> Session | None:
        """None where the tokens are over and the provider gives no others."""
        if session.tokens.until - time.time() > RENEW_BEFORE_SECONDS:
            return session
        async with self._one_at_a_time(session.id):
            current = await self.sessions.find_by_id(session.id)
            if current is None or current.tokens.until - time.time() > RENEW_BEFORE_SECONDS:
                return current
            try:
                return await self.sessions.renew(current, await self.sign_in.renew(current.tokens))
            except SignInRefused:
                if current.tokens.until > time.time():
                    return current
                await self.sessions.end(current)
                return None

    @asynccontextmanager
    async def _one_at_a_time(self, name: str) -> Any:
        lock = self._renewing.setdefault(name, asyncio.Lock())
        async with lock:
            yield

    def end_of(self, session: Session) -> datetime:
        """When it ends however much it is used: at its longest time, or with tokens that cannot be renewed."""
        end = session.created + self.options.absolute
        if session.tokens.refresh is None:
            end = min(end, datetime.fromtimestamp(session.tokens.until, UTC))
        return end

    def words(self, request: Request, session: Session | None) -> Words:
        """The language of the cookie, else Indonesian; the zone of the cookie, else that of the person's office."""
        chosen = request.cookies.get(LANGUAGE_COOKIE, DEFAULT)
        language = self.languages.get(chosen) or self.languages[DEFAULT]
        zone = request.cookies.get(ZONE_COOKIE, "")
        if zone not in CHOICES:
            zone = zone_of(session.me.organisation) if session else WIB
        return Words(language, zone)

    def render(
        self, request: Request, template: str, status: int = 200, *, session: Session | None = None, **values: Any
    ) -> HTMLResponse:
        """A template in the person's language."""
        words = self.words(request, session)
        template_of_language = self.environments[words.language.code].get_template(template)
        here = local_path(request.url.path + (f"?{request.url.query}" if request.url.query else ""))
        pages = navigation.shown_to(session) if session else ()
        return HTMLResponse(
            template_of_language.render(words=words, session=session, here=here, pages=pages, site=self, **values),
            status,
        )


async def read_form(request: Request) -> dict[str, str]:
    """The fields of an urlencoded form, each with its last value.

    Raises HTTPException 413 for a long one, and 400 for one of too many fields.
    """
    fields: dict[str, str] | None = getattr(request.state, "form", None)
    if fields is None:
        request.state.form = fields = await _parsed_form(request)
    return fields


async def _parsed_form(request: Request) -> dict[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM:
            raise HTTPException(413)
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=2000))
    except ValueError:
        raise HTTPException(400) from None


def local_path(path: str) -> str:
    """A path of this site to go on to, or / for anything else: nobody is sent elsewhere."""
    return path if LOCAL_PATH.match(path) else "/"


def with_query(path: str, **query: str | None) -> str:
    """A path with the parameters that have a value."""
    pairs = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(pairs)}" if pairs else path
