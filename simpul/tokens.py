"""`simpul token`: a bearer token of the local issuer, for one machine and for demonstrations."""

import difflib
import os
from pathlib import Path
from typing import Literal

import click

from contracts import codes
from contracts.registry.stewards import STEWARD
from deploy.local.errors import CannotProceed
from deploy.local.tokens import issue_token
from services.gateway.settings import Settings
from services.gateway.tokens import DEFAULT_PURPOSE
from services.indicators.domain import round as indicators_round
from services.notifications.alerts.domain import alert
from services.registry.domain.authority import OWNERS
from simpul.machine import DATA

ROLES = {
    alert.OFFICER: "takes the alerts that the organisation was told of",
    alert.COORDINATOR: "sees every alert but those of survivors, and the stream of all",
    indicators_round.COORDINATOR: "opens rounds, and sees who has answered",
    "indicator_focal_point": "answers the questions of the organisation, as anybody of it may",
    STEWARD: "decides who is who, at KP2MI or KEMENDAGRI",
    **dict.fromkeys(sorted(OWNERS["REGISTRATION"]), "registers workers"),
}
"""What each role of a person opens; a role that is not here opens nothing."""


@click.command()
@click.option("--organisation", required=True, help="Code of the institution, for instance KP2MI.")
@click.option("--role", "roles", multiple=True, help="May be given several times: " + ", ".join(ROLES) + ".")
@click.option("--user", default="officer-1", show_default=True, help="Whom the token names.")
@click.option("--system", is_flag=True, help="For an IT system (/v1/events) instead of a person.")
@click.option("--purpose", default=DEFAULT_PURPOSE, show_default=True)
@click.option(
    "--hours",
    type=click.FloatRange(0, 12, min_open=True),
    default=12.0,
    show_default=True,
    help="How long it is good for.",
)
@click.option("--folder", type=click.Path(path_type=Path), default=DATA, show_default=True)
def token(
    organisation: str, roles: tuple[str, ...], user: str, system: bool, purpose: str, hours: float, folder: Path
) -> None:
    """Print a bearer token of the issuer that `simpul run` made."""
    _require_organisation(organisation)
    _require_roles(roles)
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


def _require_roles(roles: tuple[str, ...]) -> None:
    for role in roles:
        if role not in ROLES:
            lines = (f"  {name:<24} {opens}" for name, opens in ROLES.items())
            raise CannotProceed("\n".join((f"There is no role {role}. Roles of persons are:", *lines)))


def _setting(name: str) -> str:
    """As the api itself would read it."""
    return os.environ.get(name.upper()) or str(Settings.model_fields[name].default)
