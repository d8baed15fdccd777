"""One call of a service over HTTP, with the signed principal for whom it is made, and what a failure of it means."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from chassis import telemetry
from chassis.messaging.retry import OddAnswer, Outage
from chassis.security.keys import KeyRing
from chassis.security.principal import HEADER, LIFETIME, Signer
from contracts.commands import Principal
from contracts.outcomes import Problem, Refused

M = TypeVar("M", bound=BaseModel)

EXCHANGE = Principal(organisation="SIMPUL", roles=("exchange",))
"""For whom the gateway reads on its own account: what it copies under agreements, whom an alert is about."""
TIMEOUT_SECONDS = 10.0
AWAY = frozenset({401, 403, 429, 502, 503, 504})
"""401 and 403: the gateway decides at the door who may ask, so the service refuses our own keys or roles. That is the
platform's misconfiguration, passes when it is mended, and is nobody's record's fault."""
MAX_SIGNED = 1000


class Unexpected(OddAnswer):
    """A service answered what no caller can use; says which, and of the answer its status or what is wrong with it."""

    def __init__(self, service: str, what: str) -> None:
        super().__init__(f"{service} answered what cannot be used ({what})")
        self.service = service


class Calls:
    """One HTTP client for each service, by its address."""

    def __init__(self, addresses: Mapping[str, str], ring: KeyRing) -> None:
        self._clients = {
            service: httpx.AsyncClient(base_url=address, timeout=TIMEOUT_SECONDS, trust_env=False)
            for service, address in addresses.items()
        }
        self._signer = Signer(ring)
        self._signed: dict[tuple[str, Principal], tuple[float, str]] = {}

    async def close(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            await client.aclose()

    async def get(
        self, service: str, path: str, answer: type[M], principal: Principal, query: Mapping[str, Any] | None = None
    ) -> M:
        """What GET gives, as an `answer`; None in `query` is left out. Raises as `_call` does."""
        params = {name: value for name, value in (query or {}).items() if value is not None}
        return await self._call(service, answer, principal, "GET", path, params=params)

    async def post(
        self, service: str, path: str, answer: type[M], body: BaseModel, *, timeout: float = TIMEOUT_SECONDS
    ) -> M:
        """What POST of `body` gives the gateway itself, as an `answer`. Raises as `_call` does."""
        return await self._call(
            service, answer, EXCHANGE, "POST", path, json=body.model_dump(mode="json"), timeout=timeout
        )

    async def _call(
        self, service: str, answer: type[M], principal: Principal, method: str, path: str, **more: Any
    ) -> M:
        """Raises Outage when the service is away or does not let us in, Refused as it refused, else Unexpected."""
        headers = {HEADER: self._sign(service, principal)}
        if traceparent := telemetry.current_traceparent():
            headers["traceparent"] = traceparent
        try:
            response = await self._clients[service].request(method, path, headers=headers, **more)
            if response.is_success:
                return answer.model_validate_json(response.content)
        except httpx.TransportError as error:
            raise Outage(f"{service} is away ({type(error).__name__})") from None
        except (ValidationError, httpx.DecodingError) as error:
            raise _unexpected(service, type(error).__name__) from None
        raise _failure(service, principal, response)

    def _sign(self, service: str, principal: Principal) -> str:
        """Signed once for half of its lifetime."""
        now = time.monotonic()
        until, signed = self._signed.get((service, principal), (0.0, ""))
        if until > now:
            return signed
        if len(self._signed) > MAX_SIGNED:
            self._signed.clear()
        signed = self._signer.sign(principal, service)
        self._signed[service, principal] = now + LIFETIME / 2, signed
        return signed


def _failure(service: str, principal: Principal, response: httpx.Response) -> Exception:
    """What is refused to the gateway itself is refused to nobody who could mend it."""
    if response.status_code in AWAY:
        return Outage(f"{service} answers {response.status_code}")
    problems = _problems(response) if response.is_client_error and principal != EXCHANGE else ()
    return Refused.because(problems) if problems else _unexpected(service, str(response.status_code))


def _unexpected(service: str, what: str) -> Unexpected:
    telemetry.log.error("unexpected_answer", service=service, answer=what)
    return Unexpected(service, what)


class _ProblemDocument(BaseModel):
    problems: tuple[Problem, ...]


def _problems(response: httpx.Response) -> tuple[Problem, ...]:
    """Of a problem document (RFC 9457); empty for anything else."""
    try:
        return _ProblemDocument.model_validate_json(response.content).problems
    except ValidationError:
        return ()
