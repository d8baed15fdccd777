"""Reads of the services over HTTP, each call with the signed principal for whom it is made."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from chassis import telemetry
from chassis.messaging.retry import Outage
from chassis.security.keys import KeyRing
from chassis.security.principal import HEADER, LIFETIME, Signer
from contracts.commands import Principal
from contracts.exchange import ReportPart
from contracts.outcomes import Problem, Refused
from contracts.registry import PersonState, PersonStates, PersonsWanted, PersonWanted

M = TypeVar("M", bound=BaseModel)

EXCHANGE = Principal(organisation="SIMPUL", roles=("exchange",))
"""For whom the exchange reads what it copies under agreements."""
READ_CHUNK = 250
TIMEOUT_SECONDS = 10.0
_AWAY = frozenset({429, 502, 503, 504})


class Unexpected(Exception):
    """A service answered what no caller can use. Carries its name and the status, nothing of the answer."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the reporter of an alert said, and the identifiers by which they named somebody."""

    part: ReportPart
    nik: str | None
    passport: str | None


class Services:
    """One client per service. Raises Outage when it is away, Refused as the service refused, Unexpected otherwise."""

    def __init__(self, addresses: Mapping[str, str], ring: KeyRing) -> None:
        self._clients = {
            name: httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS, trust_env=False)
            for name, url in addresses.items()
        }
        self._signer = Signer(ring)
        self._signed: dict[tuple[str, Principal], tuple[float, str]] = {}

    async def close(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            await client.aclose()

    async def ask(
        self,
        service: str,
        method: str,
        path: str,
        principal: Principal = EXCHANGE,
        *,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> Any:
        """The JSON that a service answers; `timeout` in seconds."""
        return (await self._call(service, method, path, principal, body, query, timeout)).json()

    async def _call(
        self,
        service: str,
        method: str,
        path: str,
        principal: Principal,
        body: Any,
        query: Mapping[str, Any] | None,
        timeout: float,
    ) -> httpx.Response:
        headers = {HEADER: self._principal(service, principal)}
        if traceparent := telemetry.current_traceparent():
            headers["traceparent"] = traceparent
        try:
            answer = await self._clients[service].request(
                method, path, json=body, params=query, headers=headers, timeout=timeout
            )
        except httpx.TransportError as error:
            raise Outage(f"{service} is away ({type(error).__name__})") from None
        if answer.is_success:
            return answer
        raise _failure(service, answer)

    def _principal(self, service: str, principal: Principal) -> str:
        """Signed once for half of its lifetime."""
        now = time.monotonic()
        found = self._signed.get((service, principal))
        if found and found[0] > now:
            return found[1]
        if len(self._signed) > 1000:
            self._signed.clear()
        signed = self._signer.sign(principal, service)
        self._signed[service, principal] = now + LIFETIME / 2, signed
        return signed

    async def read_persons(
        self, versions: Mapping[str, int], *, timeout: float = TIMEOUT_SECONDS
    ) -> dict[str, PersonState]:
        """States by the id asked for, each at least at the version given; whom the registry does not have is absent."""
        found: dict[str, PersonState] = {}
        wanted = [PersonWanted(id=person, at_least=version) for person, version in versions.items()]
        for start in range(0, len(wanted), READ_CHUNK):
            body = PersonsWanted(persons=tuple(wanted[start : start + READ_CHUNK])).model_dump()
            answer = await self._call("registry", "POST", "/persons/read", EXCHANGE, body, None, timeout)
            found |= {state.asked or state.person: state for state in _read(PersonStates, answer).persons}
        return found

    async def resolve_person(self, nik: str | None, passport: str | None, *, timeout: float) -> str | None:
        """The id of the person who carries an identifier, if there is exactly one."""
        body = {"nik": nik, "passport": passport}
        answer = await self.ask("registry", "POST", "/persons/resolve", body=body, timeout=timeout)
        found = answer["person"]
        return None if found is None else str(found)

    async def read_reports(self, alerts: Sequence[str], *, timeout: float = TIMEOUT_SECONDS) -> dict[str, Report]:
        """What the reporters said, by alert id; alerts about which nothing was said are absent."""
        answer = await self.ask(
            "alerts", "POST", "/alerts/reports/read", body={"alerts": list(alerts)}, timeout=timeout
        )
        return {
            item["alert"]: Report(
                ReportPart(narrative=item["narrative"], place=item["place"], phone=item["phone"]),
                item["nik"],
                item["passport"],
            )
            for item in answer["reports"]
        }

    async def read_rounds(self) -> list[str]:
        """Ids of every assessment round."""
        answer = await self.ask("indicators", "GET", "/rounds")
        return [str(item["round"]) for item in answer["rounds"]]


def _read(model: type[M], answer: httpx.Response) -> M:
    try:
        return model.model_validate_json(answer.content)
    except ValidationError:
        raise Unexpected("an answer does not have the form agreed") from None


def _failure(service: str, answer: httpx.Response) -> Exception:
    if answer.status_code in _AWAY:
        return Outage(f"{service} answers {answer.status_code}")
    if answer.headers.get("content-type", "").startswith("application/problem+json") and answer.status_code < 500:
        found = tuple(Problem.model_validate(item) for item in answer.json().get("problems", ()))
        if found:
            return Refused.because(found)
    return Unexpected(f"{service} answers {answer.status_code}")
