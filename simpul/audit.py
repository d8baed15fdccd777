"""`simpul audit`: copy the log of disclosures, and verify it, or a part of it, without the platform."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deploy.local.errors import CannotProceed
from deploy.tls_settings import tls_settings
from simpul.machine import DATA

if TYPE_CHECKING:
    from services.gateway.domain.transparency.notes import NoteKey

FOLDER = click.argument("log", type=click.Path(path_type=Path, exists=True, file_okay=False))
VERIFIER = click.option(
    "--key", required=True,
    help="The log's verifier key, or a file of it. Have it from whoever runs the platform, not from the copy.",
)  # fmt: skip


@click.group()
def audit() -> None:
    """The log of what was disclosed to whom (docs/operations.md)."""


@audit.command("snapshot")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def snapshot(folder: Path) -> None:
    """Copy the log with its rows into FOLDER, to be verified anywhere. Its rows say who got what of whom: keep it safe.

    The gateway's database is the one that MONGO_URL and MONGO_DATABASE name, else the one on this machine. Called again
    it adds what came since.
    """
    from chassis.mongo import connect_to
    from services.gateway.audit.publication import LogWentBack
    from services.gateway.audit.snapshot import take_snapshot

    async def take() -> Path:
        client = connect_to(url := _database_url(), "simpul-audit", tls_settings().mongo_tls(url))
        try:
            return await take_snapshot(client, _database_name(), folder)
        finally:
            client.close()

    try:
        click.echo(asyncio.run(take()))
    except LogWentBack:
        raise CannotProceed(f"{folder} holds what the database does not have: it may have been restored.") from None
    except LookupError as error:
        raise CannotProceed(f"There is no log to copy: {error}.") from None


@audit.command("erase")
@click.argument("person")
def erase(person: str) -> None:
    """Delete what the record says of PERSON (its id in the log), for good. The log stays as it was signed.

    The database is found as `snapshot` finds it. Copies taken before still have the rows.
    """
    from chassis.mongo import connect_to
    from services.gateway.audit.erasure import NotIndexedYet, erase_person
    from services.gateway.store.disclosure_index import DisclosureIndex
    from services.gateway.store.transparency import TransparencyStore

    async def delete() -> int:
        client = connect_to(url := _database_url(), "simpul-audit", tls_settings().mongo_tls(url))
        try:
            database = client[_database_name()]
            return await erase_person(TransparencyStore(client, database), DisclosureIndex(database), person)
        finally:
            client.close()

    try:
        click.echo(f"Erased: {asyncio.run(delete())} rows.")
    except NotIndexedYet:
        raise CannotProceed("Disclosures of a moment ago are not in the log yet: try again shortly.") from None


@audit.command("key")
@click.argument("ring", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("origin")
def key(ring: Path, origin: str) -> None:
    """Print the verifier key of the log ORIGIN (the first line of its checkpoint), made of the key ring that signs."""
    from chassis.security.keys import KeyRing
    from services.gateway.domain.transparency.notes import note_key

    click.echo(note_key(origin, KeyRing.load(ring).secret("audit")))


@audit.command("verify")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@VERIFIER
@click.option(
    "--since", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A checkpoint kept from earlier: nothing before it may have changed.",
)  # fmt: skip
def verify(path: Path, key: str, since: Path | None) -> None:
    """Verify a snapshot (a folder: nothing is missing and nothing was changed) or an export (a file)."""
    from services.gateway.audit.snapshot import read_batches
    from services.gateway.domain.transparency.exports import verify_export, verify_log
    from services.gateway.domain.transparency.notes import checkpoint

    with _explained():
        verifier = _key(key)
        if path.is_dir():
            earlier = checkpoint(since.read_bytes(), verifier) if since else None
            verified = verify_log(lambda name: (path / name).read_bytes(), read_batches(path), verifier, earlier)
        else:
            verified = verify_export(json.loads(path.read_bytes()), verifier)
    log = f"{verified.checkpoint.origin} ({verified.checkpoint.size} leaves)"
    rows = f"{verified.rows} disclosures, {verified.erased} of them erased"
    click.echo(f"Holds: {rows}, are as they were recorded in {log}.")


@audit.command("prove")
@FOLDER
@VERIFIER
@click.option("--leaf", type=click.IntRange(min=0), help="Prove that this leaf is in the log (C2SP tlog-proof).")
@click.option(
    "--since", type=click.IntRange(min=0),
    help="Prove that the log only grew since it had so many leaves, in the form that a witness takes.",
)  # fmt: skip
def prove(log: Path, key: str, leaf: int | None, since: int | None) -> None:
    """Write a proof from a snapshot, or from a published log, to standard output."""
    from services.gateway.domain.transparency.merkle import consistency_proof, inclusion_proof
    from services.gateway.domain.transparency.notes import checkpoint, inclusion_text, witness_request
    from services.gateway.domain.transparency.tiles import nodes_of

    if (leaf is None) == (since is None):
        raise CannotProceed("Say either --leaf or --since.")
    with _explained():
        note = (log / "checkpoint").read_bytes()
        size = checkpoint(note, _key(key)).size
        node = nodes_of(size, lambda tile: (log / tile.path).read_bytes())
        if since is not None:
            text = witness_request(since, consistency_proof(node, since, size), note)
        elif leaf is not None:
            text = inclusion_text(leaf, inclusion_proof(node, leaf, size), note)
    click.echo(text, nl=False)


@audit.command("export")
@FOLDER
@click.argument("about")
@VERIFIER
def export(log: Path, about: str, key: str) -> None:
    """Write what an organisation (its code) got, or what was told of a person (its id in the log), with the proof of
    each row, to standard output."""
    from services.gateway.audit.snapshot import read_batches
    from services.gateway.domain.transparency import exports

    with _explained():
        extract = exports.export(lambda name: (log / name).read_bytes(), read_batches(log), _key(key), about)
    click.echo(json.dumps(extract, indent=1))


def _database_name() -> str:
    return os.environ.get("MONGO_DATABASE", "gateway")


def _database_url() -> str:
    from deploy.local.database import Database
    from deploy.local.ports import fixed

    return os.environ.get("MONGO_URL") or Database("db-gateway", DATA, fixed()["db-gateway"]).url


@contextmanager
def _explained() -> Iterator[None]:
    """One line for whatever does not hold."""
    from services.gateway.domain.transparency.exports import Tampered
    from services.gateway.domain.transparency.notes import BadNote

    try:
        yield
    except (Tampered, BadNote) as error:
        raise CannotProceed(f"Does not hold: {error}.") from None
    except FileNotFoundError as error:
        raise CannotProceed(f"Does not hold: {Path(error.filename).name} is not there.") from None
    except IndexError as error:
        raise CannotProceed(f"The log has no leaf {error}.") from None
    except ValueError:
        raise CannotProceed("Does not hold: a file cannot be read.") from None


def _key(text: str) -> NoteKey:
    from services.gateway.domain.transparency.notes import NoteKey

    return NoteKey.parse(Path(text).read_text() if Path(text).is_file() else text)
