"""`simpul parked`: what a process put aside because the platform could not process it; replay it, or end it."""

from pathlib import Path

import click

from simpul.operator import KEYS, PORTS, URL, ask

SERVICE = click.argument("service", type=click.Choice(list(PORTS)))


@click.group()
def parked() -> None:
    """Messages put aside because the platform could not process them (docs/operations.md)."""


@parked.command("list")
@SERVICE
@URL
@KEYS
def list_parked(service: str, url: str | None, keys: Path) -> None:
    """Show what is parked, oldest first, without content."""
    found = ask(service, url, keys, "GET", "/parked")
    for one in found:
        click.echo(f"{one['_id']}  {one['at']}  key {one['key'] or '-'}  {one['reason']}")
    click.echo(f"{len(found)} parked at {service}.")


@parked.command("replay")
@SERVICE
@URL
@KEYS
def replay(service: str, url: str | None, keys: Path) -> None:
    """Process everything parked again, in order of key; what fails again stays."""
    done = ask(service, url, keys, "POST", "/parked/replay")
    click.echo(", ".join(f"{name.replace('_', ' ')}: {number}" for name, number in done.items()))


@parked.command("give-up")
@SERVICE
@click.option("--id", "parked_id", required=True, help="As `simpul parked list` shows it.")
@click.confirmation_option(prompt="The sender will be told platform_gave_up and must send anew. End it for good?")
@URL
@KEYS
def give_up(service: str, parked_id: str, url: str | None, keys: Path) -> None:
    """End one parked message for good; its sender gets the refusal `platform_gave_up`."""
    ask(service, url, keys, "POST", "/parked/give-up", parked_id=parked_id)
    click.echo(f"Ended {parked_id}.")
