"""`simpul parked`: what a process put aside because the platform could not process it; replay it, or end it."""

from pathlib import Path
from typing import Any

import click
import httpx

from deploy.local.report import Trouble
from simpul.machine import DATA

PORTS = {
    "registry": "registry",
    "indicators": "indicators",
    "notifications": "notifications",
    "gateway": "gateway-exchange",
}
"""Service to the process that parks for it."""
SECONDS = 120.0

SERVICE = click.argument("service", type=click.Choice(list(PORTS)))
URL = click.option("--url", help="Base address of the process; on one machine it is known.")
KEYS = click.option(
    "--keys", type=click.Path(path_type=Path), default=DATA / "keys" / "gateway.json", show_default=True,
    help="The gateway's key ring, which signs for the operator.",
)  # fmt: skip


@click.group()
def parked() -> None:
    """Messages put aside because the platform could not process them (docs/operations.md)."""


@parked.command("list")
@SERVICE
@URL
@KEYS
def list_parked(service: str, url: str | None, keys: Path) -> None:
    """Show what is parked, oldest first, without content."""
    found = _ask(service, url, keys, "GET", "/parked")
    for one in found:
        click.echo(f"{one['_id']}  {one['at']}  key {one['key'] or '-'}  {one['reason']}")
    click.echo(f"{len(found)} parked at {service}.")


@parked.command("replay")
@SERVICE
@URL
@KEYS
def replay(service: str, url: str | None, keys: Path) -> None:
    """Process everything parked again, in order of key; what fails again stays."""
    done = _ask(service, url, keys, "POST", "/parked/replay")
    click.echo(", ".join(f"{name.replace('_', ' ')}: {number}" for name, number in done.items()))


@parked.command("give-up")
@SERVICE
@click.option("--id", "parked_id", required=True, help="As `simpul parked list` shows it.")
@click.confirmation_option(prompt="The sender will be told platform_gave_up and must send anew. End it for good?")
@URL
@KEYS
def give_up(service: str, parked_id: str, url: str | None, keys: Path) -> None:
    """End one parked message for good; its sender gets the refusal `platform_gave_up`."""
    _ask(service, url, keys, "POST", "/parked/give-up", parked_id=parked_id)
    click.echo(f"Ended {parked_id}.")


def _ask(service: str, url: str | None, keys: Path, method: str, path: str, **query: str) -> Any:
    from deploy.local import ports

    base = url or f"http://{ports.HOST}:{ports.fixed()[PORTS[service]]}"
    try:
        answer = _request(f"{base}{path}", method, query, _signed(service, keys))
    except httpx.TransportError as error:
        raise Trouble(f"{service} does not answer at {base} ({type(error).__name__}): is it running?") from None
    if answer.is_success:
        return answer.json()
    raise Trouble(f"{service} refuses: {_said(answer)}")


def _request(url: str, method: str, query: dict[str, str], headers: dict[str, str]) -> httpx.Response:
    with httpx.Client(trust_env=False, timeout=SECONDS) as client:
        return client.request(method, url, params=query, headers=headers)


def _signed(service: str, keys: Path) -> dict[str, str]:
    from chassis.keys import KeyRing, MissingKey
    from chassis.principal import HEADER, Signer
    from contracts.commands import Principal

    try:
        signer = Signer(KeyRing.load(keys))
    except (MissingKey, OSError, ValueError):
        raise Trouble(f"{keys} is not the gateway's key ring: name it with --keys.") from None
    operator = Principal(organisation="SIMPUL", roles=("operator",), purpose="operations")
    return {HEADER: signer.sign(operator, service)}


def _said(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        return f"{problem['code']}: {problem['title']}"
    except (ValueError, KeyError):
        return f"HTTP {answer.status_code}"
