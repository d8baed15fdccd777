"""The client of /v1, in this process: what a page shows the API has, and rights are decided there alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx
from starlette.types import ASGIApp

ADDRESS = "http://v1"


class V1Refused(Exception):
    """/v1 answered with a problem; carries no value of the request."""

    def __init__(self, status: int, code: str, retry_after: str | None = None, pointers: tuple[str, ...] = ()) -> None:
        super().__init__(code)
        self.status, self.code, self.retry_after, self.pointers = status, code, retry_after, pointers


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a write: `result` is applied, pending or held."""

    result: str
    id: str | None = None
    version: int | None = None
    location: str = ""
    warnings: tuple[str, ...] = field(default=())


def client_of(api: ASGIApp) -> httpx.AsyncClient:
    """Its requests go to an app of this process; there is no connection to close."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(api, raise_app_exceptions=False), base_url=ADDRESS, trust_env=False
    )


class V1:
    """/v1 as one person may use it."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client, self._headers = client, {"Authorization": f"Bearer {token}"}

    async def get(self, path: str, **query: str | int | bool | None) -> dict[str, Any]:
        """An answer's body; parameters that are None are left out. Raises V1Refused."""
        answer = await self._send("GET", path, params={n: v for n, v in query.items() if v is not None})
        content: dict[str, Any] = answer.json()
        return content

    async def write(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, version: str | None, key: str | None
    ) -> Written:
        """A write with the version that the page showed and the key of its form, so that it is done once.

        Raises V1Refused.
        """
        headers = {}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        if key is not None:
            headers["Idempotency-Key"] = key
        answer = await self._send(method, path, json=body, headers=headers)
        content = answer.json()
        return Written(
            result=content.get("result", "applied"), id=content.get("id"), version=content.get("version"),
            location=answer.headers.get("location", ""), warnings=tuple(content.get("warnings", ())),
        )  # fmt: skip

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = self._headers | options.pop("headers", {})
        answer = await self._client.request(method, path, headers=headers, **options)
        if answer.is_success:
            return answer
        raise _refused(answer)


def _refused(answer: httpx.Response) -> V1Refused:
    try:
        content = answer.json()
        pointers = tuple(str(entry.get("pointer", "")) for entry in content.get("problems", ()))
        code = str(content["code"])
    except (ValueError, KeyError, TypeError, AttributeError):
        pointers, code = (), "internal"
    return V1Refused(answer.status_code, code, answer.headers.get("retry-after"), pointers)


def segment(name: str) -> str:
    """A name as one segment of a path. Raises V1Refused for one that would lead elsewhere."""
    if name in ("", ".", ".."):
        raise V1Refused(404, "not_found")
    return quote(name, safe="")
