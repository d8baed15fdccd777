"""`simpul profiles`: how the registry knows persons again, made anew for those it has."""

from typing import Any

import click

from deploy.local.errors import CannotProceed
from simpul.operator import Operator, Refusal, as_operator
from simpul.progress import bars


@click.group()
def profiles() -> None:
    """What persons are recognised by at the registry (docs/operations.md)."""


@profiles.command("rebuild")
@click.option(
    "--compare/--no-compare", default=True, show_default=True,
    help="Ask about stored persons who are likely one: they are merged, or become duplicate reviews for stewards.",
)  # fmt: skip
@click.option("--after", help="Go on where an earlier call stopped; it said where.")
@as_operator
def rebuild(compare: bool, after: str | None, operator: Operator) -> None:
    """Rebuild the profiles of all stored persons, beside the registry's other work.

    Needed for persons registered while MATCHING was off, and after an upgrade that changes how names sound. Stopping it
    is safe, and so is doing it twice.
    """
    total = {"persons": 0, "profiles": 0, "pairs": 0}
    with bars() as progress:
        while True:
            done = _page(compare, after, operator)
            total = {name: number + done[name] for name, number in total.items()}
            progress("regencies", done["regencies_done"], done["regencies"])
            after = done.get("after")
            if after is None:
                break
    click.echo("Rebuilt: {persons} persons, {profiles} profiles. Pairs asked about: {pairs}.".format(**total))


def _page(compare: bool, after: str | None, operator: Operator) -> dict[str, Any]:
    query = {"compare": str(compare).lower()} | ({"after": after} if after else {})
    try:
        page: dict[str, Any] = operator.ask("registry", "POST", "/profiles/rebuild", **query)
    except CannotProceed as error:
        if isinstance(error, Refusal) and error.code == "state_conflict":
            raise CannotProceed("The registry runs with MATCHING=off: nobody is recognised there.") from None
        raise CannotProceed(f"{error} Go on with --after {after}." if after else str(error)) from None
    return page
