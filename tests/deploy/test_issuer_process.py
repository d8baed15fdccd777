"""The issuer of one machine as a process: where it listens, whom it lets choose, how the gateway learns of it."""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from contracts.authority import PLATFORM, ROLES
from contracts.codes import organisations
from deploy.local import keys, ports
from deploy.local.issuer import app as issuer_app
from deploy.local.issuer.process import IssuerProcess, register
from services.gateway.tokens.issuers import read_issuers
from simulation.scenario.officers import OFFICERS

ISSUER = "http://127.0.0.1:18100"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return keys.ensure(tmp_path_factory.mktemp("keys"))


def test_it_refuses_to_start_beyond_loopback(tmp_path: Path) -> None:
    host = "0.0.0.0"  # noqa: S104
    command = [sys.executable, "-m", "deploy.local.issuer", "--host", host, "--port", "1", "--keys", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "is not on loopback" in done.stderr


@pytest.mark.parametrize("host", ["192.168.1.7", "[::]", "simpul.example", "127.0.0.1.simpul.example"])
def test_an_address_beyond_loopback_is_refused(folder: Path, host: str) -> None:
    with pytest.raises(ValueError, match="not on loopback"):
        issuer_app.create_app(f"http://{host}:80", folder)


def test_the_officers_hold_roles_that_their_organisations_may_give() -> None:
    assert len({officer.username for officer in OFFICERS}) == len(OFFICERS)
    for officer in (one for one in OFFICERS if one.organisation != PLATFORM):
        functions = {function.partition(":")[0] for function in organisations()[officer.organisation].roles}
        for role in officer.roles:
            needed = ROLES[role].functions
            assert not needed or needed & functions, (officer, role)


def test_its_registration_is_one_the_gateway_reads(folder: Path) -> None:
    register(folder / "issuers", folder, ISSUER)
    (registered,) = read_issuers(folder / "issuers")
    assert json.loads((folder / "jwks.json").read_text())["keys"]
    assert all(registered.speaks_for(code) for code in ("KP2MI", PLATFORM))


async def test_as_a_process_of_the_stack_it_answers_on_loopback_and_is_registered(tmp_path: Path) -> None:
    (port,) = ports.free(1)
    issuer = IssuerProcess(tmp_path, port)
    await issuer.start()
    try:
        async with httpx.AsyncClient(trust_env=False) as http:
            discovery = (await http.get(f"{issuer.url}/.well-known/openid-configuration")).json()
        (registered,) = read_issuers(issuer.registration)
        assert discovery["issuer"] == registered.issuer == issuer.url == f"http://127.0.0.1:{port}"
    finally:
        await issuer.stop()
