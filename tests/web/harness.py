"""The pages over a fake /v1, with the sign-in of one machine as their provider: all in one process."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from fastapi import FastAPI

from chassis.security.keys import KeyRing
from deploy.local.issuer.app import create_app as create_issuer
from deploy.local.keys import ensure
from services.gateway.web.app import Web, create_web
from services.gateway.web.options import WebOptions
from tests.web.fake_v1 import FakeV1, create_fake

ADDRESS, ISSUER = "http://127.0.0.1:18080", "http://127.0.0.1:18100"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


class MemorySessions:
    """The store of sessions without a database."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[bytes, datetime]] = {}

    async def put(self, name: str, sealed: bytes, until: datetime) -> None:
        self.kept[name] = (sealed, until)

    async def find(self, name: str) -> tuple[bytes, datetime] | None:
        return self.kept.get(name)

    async def replace(self, name: str, sealed: bytes) -> None:
        if name in self.kept:
            self.kept[name] = (sealed, self.kept[name][1])

    async def extend(self, name: str, until: datetime) -> None:
        if name in self.kept:
            self.kept[name] = (self.kept[name][0], until)

    async def remove(self, name: str) -> None:
        self.kept.pop(name, None)

    def end_all(self) -> None:
        """As if everybody had been away for too long."""
        self.kept = {name: (sealed, datetime.now(UTC)) for name, (sealed, _) in self.kept.items()}


@dataclass
class Harness:
    """`web` is what browsers meet; `sign_in` gives a browser without scripts that is signed in."""

    folder: Path
    address: str = ADDRESS
    issuer: str = ISSUER
    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=10)
    fake: FakeV1 = field(default_factory=FakeV1)
    sessions: MemorySessions = field(default_factory=MemorySessions)

    def __post_init__(self) -> None:
        keys = ensure(self.folder / "keys")
        self.ring = KeyRing.load(keys / "gateway-api.json")
        self.provider: FastAPI = create_issuer(self.issuer, keys)
        self.api = create_fake(self.fake)
        self.web: Web = self.create()

    def create(self) -> Web:
        """Another process of the same web: it shares the sessions and nothing else."""
        options = WebOptions(
            address=self.address, issuer=self.issuer, client="simpul-dashboard", client_secret=None,
            purposes=("emergency_protection", "identity_stewardship"), idle=self.idle, absolute=self.absolute,
        )  # fmt: skip
        provider = httpx.ASGITransport(self.provider)
        return create_web(self.api, options, self.ring, self.sessions, provider)

    def browser(self, web: Web | None = None) -> httpx.AsyncClient:
        """Cookies are kept as over https; nothing is followed by itself."""
        base = self.address.replace("http://", "https://")
        transport = httpx.ASGITransport(web or self.web, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=base, headers=SAME_ORIGIN, timeout=10)

    async def sign_in(
        self, officer: str = "sari.utami", purpose: str = "emergency_protection", next_path: str = "/"
    ) -> httpx.AsyncClient:
        """A browser in which this officer of the story has signed in."""
        browser = self.browser()
        begun = await browser.post("/login", data={"purpose": purpose, "next": next_path})
        back = await self.choose(begun.headers["location"], officer)
        done = await browser.get(back)
        assert done.status_code == 303, done.text
        return browser

    async def choose(self, address: str, officer: str) -> str:
        """What the provider answers when an officer is chosen there: where to go back to, path and query."""
        query = dict(httpx.QueryParams(urlsplit(address).query))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.provider), base_url=self.issuer) as client:
            answer = await client.post("/authorize", data=query | {"officer": officer}, headers=SAME_ORIGIN)
        parts = urlsplit(answer.headers["location"])
        return f"{parts.path}?{parts.query}"


@dataclass
class Page(HTMLParser):
    """What is in a page: texts, each with whether it stands where nothing is translated, tags and forms."""

    html: str
    texts: list[tuple[str, bool]] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    _open: list[tuple[str, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attributes))
        kept = attributes.get("translate") == "no" or bool(self._open and self._open[-1][1])
        if tag not in VOID:
            self._open.append((tag, kept))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not (self._open and self._open[-1][0] in ("style", "script")):
            self.texts.append((" ".join(data.split()), bool(self._open and self._open[-1][1])))

    def all(self, tag: str) -> list[dict[str, str]]:
        """Attributes of every such element."""
        return [attributes for name, attributes in self.tags if name == tag]

    def fields(self, action: str) -> dict[str, str]:
        """Hidden fields of the form with this action."""
        values: dict[str, str] = {}
        inside = False
        for tag, attributes in self.tags:
            if tag == "form":
                inside = attributes.get("action") == action
            elif tag == "input" and inside and attributes.get("type") == "hidden":
                values[attributes["name"]] = attributes["value"]
        return values


VOID = frozenset({"meta", "link", "input", "br", "hr", "img", "wbr", "source"})
