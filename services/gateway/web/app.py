"""Puts the web together: the pages in front, /v1 and what else the api answers behind them."""

from __future__ import annotations

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.security.keys import KeyRing
from services.gateway.web import assets
from services.gateway.web.errors import ErrorPages
from services.gateway.web.live import Live
from services.gateway.web.openid import SignIn
from services.gateway.web.options import WebOptions
from services.gateway.web.pages import alerts, disclosures, duplicates, emergency_reviews, my_work, rounds, sign_in
from services.gateway.web.protection import Protected
from services.gateway.web.sessions import Sessions, SessionStore
from services.gateway.web.site import Site
from services.gateway.web.v1 import client_of

PAGES = (sign_in, my_work, alerts, duplicates, rounds, disclosures, emergency_reviews)
"""Each has `routes(site)`. A new file of pages is added here, and in `navigation`."""


API_SEGMENTS = frozenset({"docs", "healthz", "metrics", "openapi.json", "readyz", "v1"})
"""First segments of the paths that are the api's; all others are pages."""


class Web:
    """The app that browsers and clients meet: the pages, and the api beside them."""

    def __init__(self, site: Site, pages: ASGIApp, api: ASGIApp) -> None:
        self.site, self._pages, self._api = site, pages, api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_page = scope["type"] == "http" and _first_segment(scope["path"]) not in API_SEGMENTS
        await (self._pages if is_page else self._api)(scope, receive, send)


def _first_segment(path: str) -> str:
    """Empty where there is none: a request may be for `*` (RFC 9110 section 7.1)."""
    return path.removeprefix("/").partition("/")[0]


def create_web(
    api: ASGIApp, options: WebOptions, ring: KeyRing, store: SessionStore,
    provider: httpx.AsyncBaseTransport | None = None,
) -> Web:  # fmt: skip
    """The pages over an app that answers /v1, and that app behind them. `provider`: how the provider is reached.

    Raises MissingKey for a ring without the key of sessions.
    """
    site = Site(options, Sessions(store, ring, options), SignIn(options, provider), client_of(api))
    errors = ErrorPages(site)
    routes = [
        Route("/assets/{version}/{name}", assets.serve),
        Route("/live", Live(site, api)),
        *(route for pages in PAGES for route in pages.routes(site)),
    ]
    app = Starlette(
        routes=routes,
        exception_handlers=errors.handlers,
        middleware=[Middleware(GZipMiddleware, minimum_size=1000)],
    )
    return Web(site, Protected(app, options, errors.cross_site), api)
