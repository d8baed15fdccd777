"""`simpul partners` and `simpul topics`: topics, users and rights on the broker."""

import asyncio
import contextlib
import json
import os
import re
import shlex
from collections.abc import Coroutine, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click
import httpx
from aiokafka.errors import KafkaError

from deploy.local.errors import CannotProceed
from deploy.tls_settings import tls_settings
from services.gateway import flood_watch, organisation_log, partner_access, provisioning, suspension_watch
from services.gateway.broker import Login, TooFewBrokers
from services.gateway.partner_access import Partner
from services.gateway.settings import PartnerLimits
from simpul.addresses import addresses
from simpul.broker_login import IN_FOLDER, administrator, names, partner_limits, replication

CODE = click.argument("code")
EXCHANGES = ("gateway-exchange", "gateway-exchange-urgent")
_Result = TypeVar("_Result")


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
    login, checked = administrator(folder), [_checked(code, folder) for code in codes]
    work = provisioning.sync_partners(
        login, names(), checked, replication(), limits=partner_limits(), rotate=rotate, registered=checked
    )
    done = _run(work)
    click.echo(f"Connected: {', '.join(done.organisations)}.")
    if password_file is not None and done.passwords:
        _add(password_file, done.passwords)
    else:
        for code, password in done.passwords.items():
            click.echo(f"{provisioning.partner_user(code, names())} {password}")


@partners.command("list")
@IN_FOLDER
def list_partners(folder: Path) -> None:
    """The organisations that are connected, and what waits for them or of them."""
    for partner in _run(partner_access.list_partners(administrator(folder), names())):
        click.echo(f"{partner.code:<16} {_state(partner):<10} {_waiting(partner)}")


@partners.command("login")
@CODE
@IN_FOLDER
def login_of(code: str, folder: Path) -> None:
    """Print CODE's login on this machine as shell variables: eval "$(simpul partners login CODE)"."""
    code = _checked(code, folder)
    file = folder / "partners" / f"{code.lower()}.password"
    if not file.exists():
        how = f"`simpul partners sync {code} --rotate` gives a new one"
        raise CannotProceed(f"{folder} keeps no password of {code}: {how}.")
    broker = administrator(folder)
    values = {
        "ORGANISATION": code,
        "KAFKA_URL": broker["bootstrap.servers"],
        "KAFKA_SECURITY": broker["security.protocol"],
        "KAFKA_USER": provisioning.partner_user(code, names()),
        "KAFKA_PASSWORD": file.read_text(),
    }
    for name, value in values.items():
        click.echo(f"export {name}={shlex.quote(str(value))}")


@partners.command("watch")
@click.option("--once", is_flag=True, help="Look once, and end.")
@IN_FOLDER
def watch(once: bool, folder: Path) -> None:
    """Take rights from partners that send more than their share, and from suspended ones; give them back in time.

    A partner's alerts always go on. PARTNER_TOPIC_BYTES and BROKER_MIN_FREE_BYTES are the limits. With --once nothing
    is done about suspensions.
    """
    login, limits = administrator(folder), partner_limits()
    if once:
        for change in asyncio.run(flood_watch.look(login, names(), limits)):
            say_change(change)
    else:
        asyncio.run(_watch(login, limits))


async def _watch(login: Login, limits: PartnerLimits) -> None:
    await asyncio.gather(
        flood_watch.watch(login, names(), limits, say_change), suspension_watch.watch(login, names(), say_suspension)
    )


def say_suspension(change: suspension_watch.Change) -> None:
    """One line for the operator."""
    what = "is suspended: it may send no loads and read nothing" if change.suspended else "has its rights back"
    click.echo(f"{change.organisation} {what}.")


def say_change(change: flood_watch.Change) -> None:
    """One line for the operator."""
    right = "may send no more loads" if change.withdrawn else "may send loads again"
    click.echo(f"{change.organisation} {right}: {change.why}.")


@partners.command("cut")
@CODE
@IN_FOLDER
def cut(code: str, folder: Path) -> None:
    """Withdraw all rights of CODE on the broker, at once. Nothing is deleted; `restore` gives them back."""
    code = _checked(code, folder)
    _run(partner_access.cut_off(administrator(folder), names(), code))
    click.echo(
        f"{code} is cut off: it can neither send nor read, on open connections either. Its copies go on being written, "
        f"and are kept for 7 days.\nOn HTTPS it goes on; this stops both, and loses nothing: simpul organisations "
        f"suspend {code}"
    )


@partners.command("restore")
@CODE
@IN_FOLDER
def restore(code: str, folder: Path) -> None:
    """Give CODE its rights back after `cut`."""
    code = _checked(code, folder)
    _run(partner_access.restore(administrator(folder), names(), code))
    click.echo(f"{code} has its rights back, and goes on where it stopped.")


@partners.command("disconnect")
@CODE
@click.option("--yes", is_flag=True, help="Do not ask.")
@IN_FOLDER
def disconnect(code: str, yes: bool, folder: Path) -> None:
    """Remove the user, rights, topics and consumer groups of CODE for good.

    Takes its rights first, and says what is left unread in its topics, before it asks.
    """
    code, login = _checked(code, folder), administrator(folder)
    already_cut = _find(login, code).cut_off
    with contextlib.suppress(partner_access.NoUsers):
        asyncio.run(partner_access.cut_off(login, names(), code))
    left = _run(partner_access.settle(login, names(), code))
    click.echo(
        f"{code} can neither send nor read any more. What is lost with its topics:\n"
        f"  {left.not_taken:,} records that it sent and that the exchange has not taken\n"
        f"  {left.not_read:,} messages for it that none of its consumer groups has read"
    )
    if not yes and not click.confirm("Remove its user, rights, topics and consumer groups for good?"):
        if not already_cut:
            _run(partner_access.restore(login, names(), code))
        raise CannotProceed(
            f"Nothing was removed; {code} is {'still cut off' if already_cut else 'connected as before'}."
        )
    click.echo(f"Removing {code} when the exchanges have noticed, {partner_access.NOTICED_SECONDS:.0f} s at most ...")
    _run(partner_access.disconnect(login, names(), code, partial(_have_noticed, code)))
    (folder / "partners" / f"{code.lower()}.password").unlink(missing_ok=True)
    click.echo(
        f"{code} is disconnected. What it stated stays, and so does the record of what was disclosed to it. Connected "
        "again, it gets what happens from then on; its ids of persons stay the same, its HTTPS cursors do not."
    )


async def _have_noticed(code: str) -> bool:
    """False as long as an exchange makes copies for the partner, or cannot be asked."""
    connected = re.compile(rf'^simpul_partner_connected{{organisation="{re.escape(code)}"}} 1', re.MULTILINE)
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=2, verify=tls_settings().public_tls) as client:
            answers = [await client.get(f"{addresses()[process]}/metrics") for process in EXCHANGES]
    except httpx.TransportError:
        return False
    return all(answer.is_success and not connected.search(answer.text) for answer in answers)


@click.group()
def topics() -> None:
    """Topics between the services."""


@topics.command("sync")
@IN_FOLDER
def sync_topics(folder: Path) -> None:
    """Make the internal topics that are not there yet."""
    _run(provisioning.sync_topics(administrator(folder), names(), replication()))


def _run(work: Coroutine[Any, Any, _Result]) -> _Result:
    """What the broker's administration refuses, in one line."""
    try:
        return asyncio.run(work)
    except (
        provisioning.UnknownOrganisation, TooFewBrokers, partner_access.NotConnected, partner_access.NoUsers
    ) as refused:  # fmt: skip
        raise CannotProceed(f"{refused}.") from None


def _registered(login: Login) -> Sequence[str]:
    """Codes as operators registered them too; none where the broker has no topic that tells of them yet."""
    try:
        return asyncio.run(organisation_log.read(login, names())).codes
    except KafkaError:
        return ()


def _checked(code: str, folder: Path) -> str:
    """As the code list writes it, or an operator registered it; the broker is asked for the second alone."""
    try:
        return provisioning.check_codes([code])[0]
    except provisioning.UnknownOrganisation as unknown:
        with contextlib.suppress(CannotProceed, provisioning.UnknownOrganisation):
            return provisioning.check_codes([code], _registered(administrator(folder)))[0]
        raise CannotProceed(str(unknown)) from None


def _find(login: Login, code: str) -> Partner:
    for partner in _run(partner_access.list_partners(login, names())):
        if partner.code == code:
            return partner
    raise CannotProceed(f"{code} is not connected.")


def _state(partner: Partner) -> str:
    if partner.cut_off:
        return "cut off"
    return "no loads" if partner.loads_withdrawn else "connected"


def _waiting(partner: Partner) -> str:
    return f"{partner.not_taken:,} sent and not taken yet, {partner.not_read:,} not read by it"


def _add(file: Path, passwords: Mapping[str, str]) -> None:
    """Only the owner may read it, from its first byte on."""
    existing = json.loads(file.read_text()) if file.exists() else {}
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as out:
        json.dump({**existing, **passwords}, out, indent=1)
