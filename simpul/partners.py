"""`simpul partners` and `simpul topics`: topics, users and rights on the broker."""

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path

import click
from pydantic import ValidationError

from contracts.topics import Names
from deploy.local.errors import CannotProceed
from deploy.local.kafka import KafkaLogin
from services.gateway import provisioning
from services.gateway.settings import Replication
from simpul.machine import DATA

IN_FOLDER = click.option("--folder", type=click.Path(path_type=Path), default=DATA, show_default=True)


@click.group()
def partners() -> None:
    """Connect organisations to the broker that runs in a data folder, or that KAFKA_URL names."""


@partners.command("sync")
@click.argument("codes", nargs=-1, required=True, metavar="CODE...")
@click.option("--rotate", is_flag=True, help="Give users that are there already a new password.")
@click.option("--password-file", type=click.Path(path_type=Path), help="Add new passwords to this JSON file instead.")
@IN_FOLDER
def sync_partners(codes: tuple[str, ...], rotate: bool, password_file: Path | None, folder: Path) -> None:
    """Make topics, user and rights of each organisation CODE; safe to repeat. New passwords are shown once."""
    try:
        done = asyncio.run(provisioning.sync_partners(_login(folder), _names(), codes, _replication(), rotate=rotate))
    except (provisioning.UnknownOrganisation, provisioning.TooFewBrokers) as refused:
        raise CannotProceed(str(refused)) from None
    click.echo(f"Connected: {', '.join(done.organisations)}.")
    if password_file is not None and done.passwords:
        _add(password_file, done.passwords)
    else:
        for code, password in done.passwords.items():
            click.echo(f"{provisioning.partner_user(code, _names())} {password}")


@partners.command("list")
@IN_FOLDER
def list_partners(folder: Path) -> None:
    """Codes of the organisations that are connected."""
    for code in asyncio.run(provisioning.list_partners(_login(folder), _names())):
        click.echo(code)


@click.group()
def topics() -> None:
    """Topics between the services."""


@topics.command("sync")
@IN_FOLDER
def sync_topics(folder: Path) -> None:
    """Make the internal topics that are not there yet."""
    try:
        asyncio.run(provisioning.sync_topics(_login(folder), _names(), _replication()))
    except provisioning.TooFewBrokers as refused:
        raise CannotProceed(str(refused)) from None


def _names() -> Names:
    return Names(os.environ.get("TOPIC_PREFIX", ""))


def _replication() -> Replication:
    try:
        return Replication()
    except ValidationError as error:
        raise CannotProceed(error.errors()[0]["msg"]) from None


def _login(folder: Path) -> Mapping[str, str | int | float | bool]:
    given = KafkaLogin.given()
    if given is None and not (folder / "kafka" / "admin.password").exists():
        raise CannotProceed(f"Nothing was ever started in {folder}: `make run` first, or set KAFKA_URL.")
    if given is not None:
        return given.confluent
    from deploy.local.stack import Stack

    return Stack(folder).kafka.confluent


def _add(file: Path, passwords: Mapping[str, str]) -> None:
    """Only the owner may read it, from its first byte on."""
    existing = json.loads(file.read_text()) if file.exists() else {}
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as out:
        json.dump({**existing, **passwords}, out, indent=1)
