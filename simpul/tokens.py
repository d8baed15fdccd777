"""`simpul token`: a bearer token of the local issuer, for one machine and for demonstrations."""

import difflib
import os
from pathlib import Path
from typing import Literal

import click

from contracts import authority, codes
from contracts.authority import ROLES
from deploy.local.errors import CannotProceed
from deploy.local.tokens import issue_token
from services.gateway.settings import Settings
from simpul.machine import DATA


@click.command()
@click.option("--organisation", required=True, help="Code of the institution, for instance KP2MI.")
@click.option("--role", "roles", multiple=True, help="May be given several times: " + ", ".join(ROLES) + ".")
@click.option("--user", default="officer-1", show_default=True, help="Whom the token names.")
@click.option("--system", is_flag=True, help="For an IT system (/v1/events) instead of a person.")
@click.option("--purpose", help="What persons are read for: the purpose of a sharing agreement.")
@click.option(
    "--hours",
    type=click.FloatRange(0, 12, min_open=True),
    default=12.0,
    show_default=True,
    help="How long it is good for.",
)
@click.option("--folder", type=click.Path(path_type=Path), default=DATA, show_default=True)
def token(
    organisation: str, roles: tuple[str, ...], user: str, system: bool, purpose: str | None, hours: float, folder: Path
) -> None:
    """Print a bearer token of the issuer that `simpul run` made."""
    _require_organisation(organisation)
    _require_roles(organisation, roles)
    kind: Literal["person", "system"] = "system" if system else "person"
    click.echo(
        issue_token(
            folder / "keys", organisation, user, roles, kind=kind, purpose=purpose, hours=hours,
            issuer=_setting("token_issuer"), audience=_setting("token_audience"),
        )
    )  # fmt: skip


def _require_organisation(organisation: str) -> None:
    if organisation not in codes.organisations():
        near = difflib.get_close_matches(organisation.upper(), codes.organisations(), 3, 0.6)
        raise CannotProceed(
            f"There is no organisation {organisation}" + (f"; do you mean {', '.join(near)}?" if near else ".")
        )


def _require_roles(organisation: str, roles: tuple[str, ...]) -> None:
    held = authority.held_roles(authority.functions_of(organisation), roles)
    for role in roles:
        if role not in ROLES:
            lines = (f"  {name:<24} {meaning.purpose}" for name, meaning in ROLES.items())
            raise CannotProceed("\n".join((f"There is no role {role}. Roles of persons are:", *lines)))
        if role not in held:
            functions = ", ".join(sorted(ROLES[role].functions))
            raise CannotProceed(f"{organisation} does not give out the role {role}: it has none of {functions}.")


def _setting(name: str) -> str:
    """As the api itself would read it."""
    return os.environ.get(name.upper()) or str(Settings.model_fields[name].default)
