"""`simpul check`: what the gateway would say of records in a file, without a server."""

import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from contracts.commands import Principal
from contracts.outcomes import Problem, Refused
from deploy.local.errors import CannotProceed
from services.gateway.domain.cloudevents import Event, find_header, from_json
from services.gateway.domain.submissions import read_submission
from services.gateway.domain.validation import MODELS, parse_json

SOMEBODY = str(UUID(int=0))
"""For an id of a person: only the platform can tell whether it was issued to the sender."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--type", "kind", type=click.Choice(sorted(MODELS)), metavar="TYPE", help="For bodies without envelope.")
@click.option("--organisation", help="Who sends them, for instance KP2MI.  [default: whom ce_source names]")
@click.option("--urgent", is_flag=True, help="As on the urgent topic.")
def check(file: Path, kind: str | None, organisation: str | None, urgent: bool) -> None:
    """Check records before they are sent: one JSON object, an array of them, or one a line.

    Each is a CloudEvent in JSON form or, with --type, the body alone. Nothing is sent. What hangs on other records
    (whose fact it is, whom an id names, whether a round is open) is told by receipt alone.
    """
    if kind and not organisation:
        raise click.UsageError("--type needs --organisation: a body does not say whose it is.")
    bodies_of = {"type": kind, "source": f"/{organisation}/check"} if kind else None
    checked = [_check(read, organisation, urgent=urgent) for read in _readers(_read(file), bodies_of)]
    for number, problems in enumerate(checked, 1):
        for problem in problems:
            click.echo(_line_of(number, problem))
    refused = sum(map(bool, checked))
    click.echo(f"{len(checked)} records: {len(checked) - refused} acceptable, {refused} refused.")
    sys.exit(1 if refused else 0)


def _read(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as failed:
        raise CannotProceed(f"{file} cannot be read: {failed.strerror}.") from failed


def _readers(content: bytes, bodies_of: Mapping[str, str] | None) -> Iterator[Callable[[], Event]]:
    """What reads each record, or raises Refused; `bodies_of` are the attributes of bodies without envelope."""
    try:
        whole = parse_json(content)
    except Refused:
        yield from (partial(_line, line, bodies_of) for line in content.splitlines() if line.strip())
        return
    for item in whole if isinstance(whole, list) else [whole]:
        yield partial(_event, item, bodies_of)


def _line(line: bytes, bodies_of: Mapping[str, str] | None) -> Event:
    return _event(parse_json(line), bodies_of)


def _event(item: Any, bodies_of: Mapping[str, str] | None) -> Event:
    if bodies_of is None:
        return from_json(item)
    return from_json({"specversion": "1.0", "id": "check", **bodies_of, "data": item})


def _check(read: Callable[[], Event], organisation: str | None, *, urgent: bool) -> tuple[Problem, ...]:
    try:
        headers, value = read()
        sender = organisation or (find_header(headers, "ce_source") or "").removeprefix("/").partition("/")[0]
        principal = Principal(organisation=sender)
        read_submission(headers, value, principal, lambda _: SOMEBODY, datetime.now(UTC), urgent=urgent)
    except Refused as refusal:
        return refusal.problems
    return ()


def _line_of(number: int, problem: Problem) -> str:
    place = f" at {problem.pointer}" if problem.pointer else ""
    return f"{number}: {problem.code}{place} ({problem.fault}): {problem.detail}"
