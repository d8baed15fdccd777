"""Secrets and certificates of the containers: made once, each for its reader alone."""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from fastapi import FastAPI

from chassis.security.certificates import Identity, server_context
from chassis.web import app as web_app
from chassis.web.listeners import First, Listener
from contracts.topics import PROCESSES
from deploy.certificates import CA, CERTIFICATE, KEY
from deploy.compose import secrets
from deploy.local import ports
from tests.deploy.containers import CONTAINERS, ROOT
from tests.eventually import eventually


def test_secrets_are_made_once_and_only_for_their_reader(tmp_path: Path) -> None:
    for volume in secrets.USERS:
        (tmp_path / volume).mkdir()
    secrets.make(tmp_path)
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    secrets.make(tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == files
    assert all(path.stat().st_mode & 0o077 == 0 for path in files if path.name != "jwks.json")
    for process in PROCESSES:
        others = set(PROCESSES) - {process}
        held = b"".join(content for path, content in files.items() if path.parent.name == process)
        passwords = json.loads((tmp_path / "admin" / "passwords.json").read_text())
        assert passwords[process].encode() in held
        roots = (name for name in passwords if name.endswith("-root"))
        assert not any(passwords[other].encode() in held for other in (*others, "kafka-admin", *roots))


def test_a_process_takes_its_passwords_from_its_volume(tmp_path: Path) -> None:
    for volume in secrets.USERS:
        (tmp_path / volume).mkdir(exist_ok=True)
    secrets.make(tmp_path)
    script = (ROOT / "deploy/compose/with-secrets.sh").read_text()
    here = tmp_path / "with-secrets.sh"
    here.write_text(script.replace(secrets.MOUNT, str(tmp_path / "registry")))
    done = subprocess.run(["sh", str(here), "env"], capture_output=True, text=True, check=True)
    passwords = json.loads((tmp_path / "admin" / "passwords.json").read_text())
    for name, value in secrets.environment("registry", passwords).items():
        assert f"{name}={value}\n" in done.stdout


def test_every_server_has_a_certificate_for_the_names_it_is_asked_by_and_its_key_is_its_readers(volumes: Path) -> None:
    for volume, names in secrets.CERTIFIED.items():
        folder = volumes / volume
        certificate = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
        named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert {str(name.value) for name in named} == set(names)
        certificate.verify_directly_issued_by(x509.load_pem_x509_certificate((folder / CA).read_bytes()))
        assert (folder / KEY).stat().st_mode & 0o077 == 0
    keys = [(volumes / volume / KEY).read_bytes() for volume in secrets.CERTIFIED]
    assert len(set(keys)) == len(keys)
    readers = [
        name for name, one in CONTAINERS.items() if any("secrets-authority" in m for m in one.get("volumes", ()))
    ]
    assert readers == ["secrets"]


def test_only_who_opens_connections_has_a_certificate_that_opens_them(volumes: Path) -> None:
    for volume in secrets.CERTIFIED:
        certificate = x509.load_pem_x509_certificate((volumes / volume / CERTIFICATE).read_bytes())
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        opens = ExtendedKeyUsageOID.CLIENT_AUTH in usages
        assert opens == (volume not in secrets.ONLY_SERVERS)


async def test_a_container_asks_itself_whether_it_is_ready_with_its_own_certificate(
    volumes: Path, tmp_path: Path
) -> None:
    (port,) = ports.free(1)
    tls = server_context(
        Identity(volumes / "registry" / CERTIFICATE, volumes / "registry" / KEY), volumes / "registry" / CA
    )
    ready = web_app.create_app("x", lifespan=_no_lifespan, ready=lambda: {"it": (tmp_path / "ready").exists()})
    server = First([Listener(ready, ports.HOST, port, tls)])
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started or task.done())
    folder = volumes / "registry"
    environment = {"TLS_CA": folder / CA, "TLS_CERTIFICATE": folder / CERTIFICATE, "TLS_KEY": folder / KEY}
    script = [sys.executable, "-S", "-E", str(ROOT / "deploy/compose/healthcheck.py")]
    codes = []
    for _ in range(2):
        asked = await asyncio.create_subprocess_exec(
            *script, env={"PORT": str(port), **{name: str(file) for name, file in environment.items()}},
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        codes.append(await asked.wait())
        (tmp_path / "ready").touch()
    server.should_exit = True
    await task
    assert codes == [1, 0]


@contextlib.asynccontextmanager
async def _no_lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield
