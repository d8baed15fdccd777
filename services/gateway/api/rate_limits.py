"""How many requests a person and an organisation may make, told in RateLimit headers; shares of what is scarce."""

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from cachetools import LRUCache
from fastapi import Depends, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.outcomes import Refused
from services.gateway.api.caller import CallerOf
from services.gateway.tokens import Caller

REMEMBERED = 10_000
"""Buckets kept; one that is forgotten is full again, as it would be after some seconds without a request."""
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Policy:
    """A token bucket: `per_second` requests in the long run, `burst` of them at once."""

    name: str
    per_second: float
    burst: int


@dataclass(slots=True)
class Bucket:
    """What is left of a burst, and when that was so (seconds of the clock)."""

    left: float
    at: float


@dataclass(frozen=True, slots=True)
class Standing:
    """Of the bucket with least left: `remaining` requests now, and one more in `wait` seconds."""

    policy: Policy
    remaining: int
    wait: int

    @property
    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers-10 has them, and Retry-After (RFC 9110 10.2.3) when none is left."""
        policy = self.policy
        window = math.ceil(policy.burst / policy.per_second)
        headers = {
            "RateLimit-Policy": f'"{policy.name}";q={policy.burst};w={window}',
            "RateLimit": f'"{policy.name}";r={max(self.remaining, 0)};t={self.wait}',
        }
        return headers if self.remaining >= 0 else headers | {"Retry-After": str(self.wait)}


class RateLimits:
    """Of one api process, in its memory: with several processes each grants as much."""

    def __init__(self, person: Policy, organisation: Policy, clock: Clock = time.monotonic) -> None:
        self._person, self._organisation, self._clock = person, organisation, clock
        self._buckets: LRUCache[tuple[str, str], Bucket] = LRUCache(REMEMBERED)

    def take(self, caller: Caller) -> Standing:
        """One request of a caller; `remaining` is -1 for one too many, which costs nothing."""
        places = [(self._organisation, caller.organisation)]
        if caller.kind != "system":
            places.append((self._person, f"{caller.issuer} {caller.subject}"))
        buckets = [(policy, self._filled(policy, holder)) for policy, holder in places]
        policy, scarcest = min(buckets, key=lambda pair: pair[1].left)
        if scarcest.left < 1:
            return Standing(policy, -1, max(1, math.ceil((1 - scarcest.left) / policy.per_second)))
        for _, bucket in buckets:
            bucket.left -= 1
        return Standing(policy, int(scarcest.left), math.ceil(1 / policy.per_second))

    def _filled(self, policy: Policy, holder: str) -> Bucket:
        now = self._clock()
        bucket = self._buckets.setdefault((policy.name, holder), Bucket(policy.burst, now))
        bucket.left = min(policy.burst, bucket.left + (now - bucket.at) * policy.per_second)
        bucket.at = now
        return bucket


def within_limits(identify: CallerOf, limits: RateLimits) -> CallerOf:
    """As `identify`; 429 `too_many_requests` for whoever asks too often."""

    async def caller(request: Request, whoever: Annotated[Caller, Depends(identify)]) -> Caller:
        standing = limits.take(whoever)
        request.state.rate_limit = standing.headers
        if standing.remaining < 0:
            raise Refused("too_many_requests")
        return whoever

    return caller


class RateLimitHeaders:
    """ASGI middleware: what `within_limits` found, in the headers of every answer, refusals too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(state.get("rate_limit", {}))
            await send(message)

        await self._app(scope, receive, with_headers)


class Shares:
    """Of something that there is only so much of: who holds how many. `reserved` of them are for what is urgent."""

    def __init__(self, total: int, each: int, reserved: int = 0) -> None:
        self.total, self.each, self.reserved = total, each, reserved
        self.held: Counter[str] = Counter()

    def take(self, holder: str, *, urgent: bool = False) -> None:
        """Raises Refused `too_many_requests` when the holder has its share, or all others are taken."""
        free = self.total - self.held.total() - (0 if urgent else self.reserved)
        if self.held[holder] >= self.each or free <= 0:
            raise Refused("too_many_requests")
        self.held[holder] += 1

    def give_back(self, holder: str) -> None:
        """One of those that were taken."""
        self.held[holder] -= 1
        self.held += Counter()  # whoever holds none is forgotten

    @contextmanager
    def taken(self, holder: str, *, urgent: bool = False) -> Iterator[None]:
        """`take`, and `give_back` in the end."""
        self.take(holder, urgent=urgent)
        try:
            yield
        finally:
            self.give_back(holder)
