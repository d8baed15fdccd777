"""Requests signed as our processes sign them."""

import time
from collections.abc import Iterator

import httpx

from chassis.security.keys import KeyRing
from chassis.security.principal import HEADER, Signer
from contracts.commands import Principal


class Signed(httpx.Auth):
    """Every request for `who`, as the api signs it; for an operator with the operators' key and a pass of the api."""

    requires_request_body = True

    def __init__(self, api: KeyRing, who: Principal, audience: str, operators: KeyRing | None = None) -> None:
        self._signer, self._who, self._audience, self._pass = Signer(api), who, audience, None
        if operators is not None and "operator" in who.roles:
            self._pass = self._signer.issue_pass(who.user or "", time.time() + 60)
            self._signer = Signer(operators)

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        target = request.url.raw_path.decode("ascii")
        request.headers[HEADER] = self._signer.sign(
            self._who, self._audience, request.method, target, request.content, self._pass
        )
        yield request
