"""What every answer of the pages carries, and which requests are refused before a page sees them."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.web.options import WebOptions, origin_of

SAFE_METHODS = frozenset({"GET", "HEAD"})


def content_security_policy(options: WebOptions) -> str:
    """Nothing from elsewhere, nothing inline, and no HTML out of a script's text but by the policy `simpul`.

    Signing in and out are forms that lead to the provider, hence its place in `form-action`.
    """
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        f"form-action 'self' {origin_of(options.issuer)}; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types simpul"
    )


def headers_of(options: WebOptions) -> dict[str, str]:
    """Of every answer. Pages are kept nowhere; assets say otherwise themselves."""
    return {
        "Content-Security-Policy": content_security_policy(options),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Vary": "Cookie",
    }


class Protected:
    """ASGI middleware: the headers, and no write that another site's page sends in the person's name."""

    def __init__(self, app: ASGIApp, options: WebOptions, refuse: ASGIApp) -> None:
        self._app, self._refuse, self._origin = app, refuse, options.origin
        self._headers = headers_of(options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        allowed = scope["method"] in SAFE_METHODS or self._is_same_origin(Headers(scope=scope))
        await (self._app if allowed else self._refuse)(scope, receive, with_headers)

    def _is_same_origin(self, headers: Headers) -> bool:
        """The browser says where a request comes from (Fetch Metadata), an older one at least its origin."""
        site = headers.get("sec-fetch-site")
        return site == "same-origin" if site is not None else headers.get("origin", "").lower() == self._origin
