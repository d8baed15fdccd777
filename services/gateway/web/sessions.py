"""Who is signed in: sessions, sealed in the database, and the cookie that names one."""

from __future__ import annotations

import asyncio
import base64
import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Protocol
from weakref import WeakValueDictionary

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from chassis.security.keys import KeyRing, MissingKey
from chassis.security.sealing import CannotOpen, LocalCipher
from services.gateway.web.options import WebOptions

COOKIE = "__Host-simpul"
KEY = "web-sessions"
"""In the api's key ring."""
EXTEND_AFTER = timedelta(minutes=1)
"""A session in use is extended this often at most: not every page is a write."""


class Me(BaseModel):
    """The answer of /v1/me."""

    model_config = ConfigDict(frozen=True)

    organisation: str
    name_id: str
    organisation_roles: tuple[str, ...]
    roles: tuple[str, ...]
    purpose: str | None = None
    kind: str


class Tokens(BaseModel):
    """What the provider gave; `until` is in seconds since 1970."""

    model_config = ConfigDict(frozen=True)

    access: str
    until: float
    refresh: str | None = None
    id_token: str = ""


class Session(BaseModel):
    """Somebody signed in. `id` is known to the browser alone; the database has its hash."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    me: Me
    tokens: Tokens
    created: datetime
    until: datetime
    """The end unless it is used before then."""

    def has_role(self, *roles: str) -> bool:
        """Whether the person holds one of these roles."""
        return not set(roles).isdisjoint(self.me.roles)


class SessionStore(Protocol):
    """Where sealed sessions are; `services.gateway.store.web_sessions`, or a test's."""

    async def put(self, name: str, sealed: bytes, until: datetime) -> None: ...
    async def find(self, name: str) -> tuple[bytes, datetime] | None: ...
    async def replace(self, name: str, sealed: bytes) -> None: ...
    async def extend(self, name: str, until: datetime) -> None: ...
    async def remove(self, name: str) -> None: ...


class Sessions:
    """Opens, extends and ends sessions, and ends what is held open for one (`ended`)."""

    def __init__(self, store: SessionStore, ring: KeyRing, options: WebOptions) -> None:
        self._store, self._cipher, self._options = store, LocalCipher(ring, KEY), options
        self._ended: WeakValueDictionary[str, asyncio.Event] = WeakValueDictionary()

    async def begin(self, name: str, me: Me, tokens: Tokens) -> Session:
        """A new session under a new id, whatever cookie the browser came with."""
        now = datetime.now(UTC)
        session = Session(
            id=secrets.token_urlsafe(32), name=name, me=me, tokens=tokens, created=now, until=self._until(now, now)
        )
        await self._store.put(hashed(session.id), self._seal(session), session.until)
        return session

    async def find(self, request: Request) -> Session | None:
        """The session that the cookie names, unless it is over."""
        return await self.find_by_id(request.cookies.get(COOKIE, ""))

    async def find_by_id(self, session_id: str) -> Session | None:
        """As `find`. One in use is extended, up to the absolute limit."""
        stored = await self._store.find(hashed(session_id)) if session_id else None
        if stored is None:
            return None
        sealed, until = stored
        now = datetime.now(UTC)
        session = self._open(sealed, session_id)
        if session is None or until <= now:
            return None
        later = self._until(session.created, now)
        if later - until > EXTEND_AFTER:
            await self._store.extend(hashed(session_id), later)
            until = later
        return session.model_copy(update={"until": until})

    async def renew(self, session: Session, tokens: Tokens) -> Session:
        """The same session with new tokens; one that was ended meanwhile stays ended."""
        renewed = session.model_copy(update={"tokens": tokens})
        await self._store.replace(hashed(session.id), self._seal(renewed))
        return renewed

    async def end(self, session: Session) -> None:
        """End it, and what is held open for it in this process; other processes notice when they next look."""
        await self._store.remove(hashed(session.id))
        if event := self._ended.pop(session.id, None):
            event.set()

    def ended(self, session: Session) -> asyncio.Event:
        """Set when the session is ended here. Kept for as long as somebody holds it."""
        return self._ended.setdefault(session.id, asyncio.Event())

    def seal_text(self, text: str) -> str:
        """Something for the browser to keep that it cannot read or make."""
        return base64.urlsafe_b64encode(self._cipher.seal(text.encode())).decode()

    def open_text(self, sealed: str) -> str | None:
        """The reverse of `seal_text`; None for anything else."""
        try:
            return self._cipher.open(base64.urlsafe_b64decode(sealed)).decode()
        except (CannotOpen, MissingKey, ValueError):
            return None

    def _until(self, created: datetime, used: datetime) -> datetime:
        return min(used + self._options.idle, created + self._options.absolute)

    def _seal(self, session: Session) -> bytes:
        return self._cipher.seal(session.model_dump_json().encode())

    def _open(self, sealed: bytes, session_id: str) -> Session | None:
        """None for one that was sealed under a key that is gone, or stands under another's name."""
        try:
            session = Session.model_validate_json(self._cipher.open(sealed))
        except (CannotOpen, MissingKey, ValidationError):
            return None
        return session if secrets.compare_digest(session.id, session_id) else None


def hashed(session_id: str) -> str:
    """The name of a session in the database: whoever reads that cannot take its place."""
    return sha256(session_id.encode()).hexdigest()


def set_cookie(response: Response, name: str, value: str, *, seconds: int) -> None:
    """A cookie for this origin alone, out of the reach of scripts (`__Host-`: RFC 6265bis 4.1.3.2)."""
    response.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax")
