"""`simpul status`: how the installation stands, in one look."""

import asyncio
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from deploy.local.errors import CannotProceed
from deploy.status import InstallationStatus, installation_status
from deploy.tls_settings import tls_settings
from simpul.addresses import addresses
from simpul.broker_login import IN_FOLDER, administrator, names

WIDE = 160
"""Columns where there is no terminal."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs, with unread records by topic.")
@IN_FOLDER
def status(as_json: bool, folder: Path) -> None:
    """Every process, what it waits for, what is unread, dead letters, partners and versions.

    Exit codes: 0 everything is in order; 1 something is away, not ready, or has dead letters.
    """
    try:
        login = administrator(folder)
    except CannotProceed as missing:
        click.echo(f"The broker is not asked: {missing}", err=True)
        login = None
    result = asyncio.run(installation_status(addresses(), login, names(), tls_settings().public_tls))
    if as_json:
        click.echo(json.dumps(asdict(result), indent=2))
    else:
        console = Console(width=None if sys.stdout.isatty() else WIDE, highlight=False)
        for table in _tables(result):
            console.print(table)
        console.print(f"Kafka: {result.brokers or 'no'} broker{'s' * (result.brokers != 1)} answering.")
    sys.exit(0 if result.in_order else 1)


def _tables(result: InstallationStatus) -> Iterable[Table]:
    processes = _table("process", "state", "waits for", "dead letters", "version", "address")
    for process in result.processes:
        processes.add_row(
            process.name, process.state, ", ".join(process.waiting_for), _number(process.dead_letters),
            process.version or "", process.url,
        )  # fmt: skip
    yield processes
    if result.groups:
        groups = _table("consumer group", "not read yet", "most of it in")
        for group in result.groups:
            most = max(group.unread, key=lambda topic: group.unread[topic], default="")
            groups.add_row(group.name, _number(sum(group.unread.values())), most)
        yield groups
    if result.partners:
        partners = _table("partner", "state", "sent, not taken yet", "not read by it")
        for partner in result.partners:
            state = "cut off" if partner.cut_off else "connected"
            partners.add_row(partner.code, state, _number(partner.not_taken), _number(partner.not_read))
        yield partners


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        number = column in ("dead letters", "not read yet", "sent, not taken yet", "not read by it")
        table.add_column(column, justify="right" if number else "left", overflow="fold")
    return table


def _number(count: int | None) -> str:
    return "" if count is None else f"{count:,}"
