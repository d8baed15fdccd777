"""`simpul token`."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.local import keys
from deploy.local.errors import CannotProceed
from services.gateway.tokens import Tokens
from services.gateway.tokens.issuers import EVERY, Issuer
from simpul.tokens import token


def asked(folder: Path, *options: str) -> str:
    result = CliRunner().invoke(token, ["--folder", str(folder), *options], catch_exceptions=True)
    if isinstance(result.exception, CannotProceed):
        raise result.exception
    return result.output.strip()


async def test_the_token_it_prints_is_taken_by_the_api(tmp_path: Path) -> None:
    folder = keys.ensure(tmp_path / "keys")
    text = asked(tmp_path, "--organisation", "KP2MI", "--role", "duty_officer", "--role", "registrar", "--system")
    jwks, clients = str(folder / keys.TOKEN_JWKS), ("system-kp2mi",)
    issuer = Issuer(issuer="https://simpul.local", jwks=jwks, clients=clients, organisations=(EVERY,))
    caller = await Tokens([issuer]).verify(text)
    assert (caller.organisation, caller.roles, caller.kind) == ("KP2MI", ("duty_officer", "registrar"), "system")


def test_it_says_what_to_do_when_it_cannot(tmp_path: Path) -> None:
    with pytest.raises(CannotProceed, match="make run"):
        asked(tmp_path, "--organisation", "KP2MI")
    with pytest.raises(CannotProceed, match=r"There is no role nosuch. Roles of persons are:\n  registrar "):
        asked(tmp_path, "--organisation", "KP2MI", "--role", "nosuch")
    with pytest.raises(CannotProceed, match="UI does not give out the role migration_coordinator"):
        asked(tmp_path, "--organisation", "UI", "--role", "migration_coordinator")
    with pytest.raises(CannotProceed, match="do you mean KP2MI"):
        asked(tmp_path, "--organisation", "kp2mi")
