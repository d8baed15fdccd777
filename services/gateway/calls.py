"""One call of a service over HTTP, with the signed principal for whom it is made, and what a failure of it means."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from chassis import telemetry
from chassis.messaging.retry import OddAnswer, Outage
from chassis.security.keys import KeyRing
from chassis.security.principal import HEADER, Signer
from contracts.commands import Principal
from contracts.outcomes import Problem, Refused

M = TypeVar("M", bound=BaseModel)

EXCHANGE = Principal(organisation="SIMPUL", roles=("exchange",))
"""For whom the gateway reads on its own account: what it copies under agreements, whom an alert is about."""
TIMEOUT_SECONDS = 10.0
AWAY = frozenset({401, 403, 429, 502, 503, 504})
"""401 and 403: the gateway decides at the door who may ask, so the service refuses our own keys or roles. That is the
platform's misconfiguration, passes when it is mended, and is nobody's record's fault."""


class Unexpected(OddAnswer):
    """A service answered what no caller can use; says which, and of the answer its status or what is wrong with it."""

    def __init__(self, service: str, what: str) -> None:
        super().__init__(f"{service} answered what cannot be used ({what})")
        self.service = service


class Calls:
    """One HTTP client for each service, by its address; `tls` is for those that answer by HTTPS."""

    def __init__(self, addresses: Mapping[str, str], ring: KeyRing, tls: ssl.SSLContext | None = None) -> None:
        verify = True if tls is None else tls
        self._clients = {
            service: httpx.AsyncClient(base_url=address, timeout=TIMEOUT_SECONDS, trust_env=False, verify=verify)
            for service, address in addresses.items()
        }
        self._signer = Signer(ring)

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
        client = self._clients[service]
        request = client.build_request(method, path, **more)
        target = request.url.raw_path.decode("ascii")
        request.headers[HEADER] = self._signer.sign(principal, service, method, target, request.content)
        if traceparent := telemetry.current_traceparent():
            request.headers["traceparent"] = traceparent
        try:
            response = await client.send(request)
            if response.is_success:
                return answer.model_validate_json(response.content)
        except httpx.TransportError as error:
            raise Outage(f"{service} is away ({type(error).__name__})") from None
        except (ValidationError, httpx.DecodingError) as error:
            raise _unexpected(service, type(error).__name__) from None
        raise _failure(service, principal, response)


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
