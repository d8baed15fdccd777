"""An operator's requests to a process, signed with the gateway's key; options that such commands share."""

from pathlib import Path
from typing import Any

import click
import httpx

from deploy.local.errors import CannotProceed
from simpul.addresses import VARIABLE, addresses
from simpul.machine import DATA

PROCESSES = {
    "registry": "registry",
    "indicators": "indicators",
    "alerts": "alerts",
    "gateway": "gateway-exchange",
    "gateway-urgent": "gateway-exchange-urgent",
}
"""Service to its process that operators ask."""
SECONDS = 120.0

URL = click.option("--url", help=f"Base address of the process.  [default: as {VARIABLE} says, else on this machine]")
KEYS = click.option(
    "--keys", type=click.Path(path_type=Path), default=DATA / "keys" / "gateway.json", show_default=True,
    help="The gateway's key ring, which signs for the operator.",
)  # fmt: skip


class Refusal(CannotProceed):
    """What the process refused; `code` is empty where it gave none."""

    def __init__(self, service: str, code: str, said: str) -> None:
        super().__init__(f"{service} refuses: {said}")
        self.code = code


def ask(service: str, url: str | None, keys: Path, method: str, path: str, **query: str) -> Any:
    """The answer's JSON. Raises Refusal, and CannotProceed when nobody answers or the ring is not the gateway's."""
    base = url or addresses()[PROCESSES[service]]
    try:
        answer = _request(f"{base}{path}", method, query, _signed(service, keys))
    except httpx.TransportError as error:
        raise CannotProceed(f"{service} does not answer at {base} ({type(error).__name__}): is it running?") from None
    if answer.is_success:
        return answer.json()
    raise Refusal(service, *_said(answer))


def _request(url: str, method: str, query: dict[str, str], headers: dict[str, str]) -> httpx.Response:
    with httpx.Client(trust_env=False, timeout=SECONDS) as client:
        return client.request(method, url, params=query, headers=headers)


def _signed(service: str, keys: Path) -> dict[str, str]:
    from chassis.security.keys import KeyRing, MissingKey
    from chassis.security.principal import HEADER, Signer
    from contracts.commands import Principal

    try:
        signer = Signer(KeyRing.load(keys))
    except (MissingKey, OSError, ValueError):
        raise CannotProceed(f"{keys} is not the gateway's key ring: name it with --keys.") from None
    operator = Principal(organisation="SIMPUL", roles=("operator",), purpose="operations")
    return {HEADER: signer.sign(operator, service.removesuffix("-urgent"))}


def _said(answer: httpx.Response) -> tuple[str, str]:
    try:
        problem = answer.json()
        return problem["code"], f"{problem['code']}: {problem['title']}"
    except (ValueError, KeyError):
        return "", f"HTTP {answer.status_code}"
