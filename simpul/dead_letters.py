"""`simpul dead-letters`: what a process put aside because the platform could not handle it; replay it, or end it."""

from typing import Any

import click

from simpul.operator import PROCESSES, Operator, as_operator

SERVICE = click.argument("service", type=click.Choice(list(PROCESSES)))
PAGE = 500


@click.group("dead-letters")
def dead_letters() -> None:
    """Records put aside because the platform could not handle them (docs/operations.md)."""


@dead_letters.command("list")
@SERVICE
@as_operator
def list_letters(service: str, operator: Operator) -> None:
    """Show what lies aside, in the order of the log, without content."""
    count, page = 0, operator.ask(service, "GET", "/dead-letters", limit=str(PAGE))
    while page:
        for letter in page:
            click.echo(_line(letter))
        count += len(page)
        page = operator.ask(service, "GET", "/dead-letters", limit=str(PAGE), after=page[-1]["page"])
    click.echo(f"{count} dead letters at {service}.")


def _line(letter: dict[str, Any]) -> str:
    return f"{letter['id']}  {letter['at']}  {letter['state']}  {letter['reason']}"


@dead_letters.command("replay")
@SERVICE
@as_operator
def replay(service: str, operator: Operator) -> None:
    """Handle again what is held, in order; what fails again stays, and what is of its key behind it."""
    done = operator.ask(service, "POST", "/dead-letters/replay")
    click.echo(f"replayed: {done['replayed']}, keys that still fail: {done['keys_left']}")


@dead_letters.command("give-up")
@SERVICE
@click.option("--id", "letter_id", required=True, help="As `simpul dead-letters list` shows it.")
@click.confirmation_option(prompt="The sender will be told platform_gave_up and must send anew. End it for good?")
@as_operator
def give_up(service: str, letter_id: str, operator: Operator) -> None:
    """End one dead letter for good; its sender gets the refusal `platform_gave_up`."""
    operator.ask(service, "POST", "/dead-letters/give-up", id=letter_id)
    click.echo(f"Ended {letter_id}.")
