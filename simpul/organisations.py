"""`simpul organisations`: who they are, and what operators change of them, under their own names."""

from pathlib import Path
from typing import Any, get_args
from uuid import uuid4

import click
import httpx

from contracts.gateway import OrganisationKind, OrganisationLevel, SuspensionReason
from deploy.local.errors import CannotProceed
from deploy.tls_settings import tls_settings
from simpul.operator import SESSION, Session

CODE = click.argument("code")
SINCE = click.option(
    "--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="First day in Western Indonesia.  [default: today]"
)
SECONDS = 30.0


@click.group()
def organisations() -> None:
    """Names, functions, successors and suspensions; in force in every process within five seconds."""


@organisations.command("list")
@click.option("--changed", is_flag=True, help="Those alone that are suspended, were taken over, or took others over.")
@SESSION
def list_organisations(changed: bool, session: Path) -> None:
    """Every organisation, by code."""
    for organisation in _ask(session, "GET", "/v1/organisations")["organisations"]:
        if not changed or _state(organisation):
            line = f"{organisation['organisation']:<18} {_state(organisation):<24} {organisation['name_id']}"
            click.echo(line.rstrip())


@organisations.command("show")
@CODE
@SESSION
def show(code: str, session: Path) -> None:
    """One organisation today, and what has changed or will change of it."""
    details = _ask(session, "GET", f"/v1/organisations/{_path(code)}")
    click.echo(f"{details['organisation']}  {details['name_id']} / {details['name_en']}")
    click.echo(f"{details['kind']}, {details['region_code']}")
    click.echo(f"functions: {', '.join(details['functions']) or 'none'}")
    for other in details.get("stands_for", ()):
        click.echo(f"stands for {other}")
    for name in details.get("names", ()):
        click.echo(f"from {name['since']}: {name['name_id']} / {name['name_en']}")
    for change in details.get("functions_changed", ()):
        gained, taken = (", ".join(change[which]) or "none" for which in ("give", "take"))
        click.echo(f"from {change['since']}: given {gained}; taken {taken}")
    for succession in details.get("successors", ()):
        click.echo(f"from {succession['since']}: {succession.get('successor') or 'nobody'} stands for it")
    if suspension := details.get("suspension"):
        click.echo(f"suspended since {suspension['since']}: {suspension['reason']}")


@organisations.command("register")
@CODE
@click.option("--name", required=True, help="In Indonesian.")
@click.option("--name-en", required=True, help="In English.")
@click.option("--kind", required=True, type=click.Choice(get_args(OrganisationKind)))
@click.option("--level", default="national", show_default=True, type=click.Choice(get_args(OrganisationLevel)))
@click.option("--region", default="ID", show_default=True, help="Kemendagri code of its region.")
@click.option("--function", "functions", multiple=True, help="One of its functions; may be repeated.")
@SESSION
def register(
    code: str, name: str, name_en: str, kind: str, level: str, region: str, functions: tuple[str, ...], session: Path
) -> None:
    """Add an organisation that the code list does not have. Its CODE is for good."""
    body = {"organisation": code.upper(), "name_id": name, "name_en": name_en, "kind": kind, "level": level}
    _ask(session, "POST", "/v1/organisations", body | {"region_code": region, "functions": functions})
    click.echo(f"{code.upper()} is registered. Connect it: simpul partners sync {code.upper()}")


@organisations.command("rename")
@CODE
@click.option("--name", required=True, help="In Indonesian.")
@click.option("--name-en", required=True, help="In English.")
@SINCE
@SESSION
def rename(code: str, name: str, name_en: str, since: Any, session: Path) -> None:
    """Give CODE other names. The code stays."""
    _ask(session, "PUT", f"/v1/organisations/{_path(code)}/name", _since({"name_id": name, "name_en": name_en}, since))
    click.echo(f"{code.upper()} is {name}{_from(since)}.")


@organisations.command("functions")
@CODE
@click.option("--give", multiple=True, help="A function, such as placement; may be repeated.")
@click.option("--take", multiple=True, help="A function; may be repeated.")
@SINCE
@SESSION
def functions(code: str, give: tuple[str, ...], take: tuple[str, ...], since: Any, session: Path) -> None:
    """Give functions to CODE, and take some from it."""
    _ask(session, "POST", f"/v1/organisations/{_path(code)}/functions", _since({"give": give, "take": take}, since))
    click.echo(f"{code.upper()}: given {', '.join(give) or 'none'}, taken {', '.join(take) or 'none'}{_from(since)}.")


@organisations.command("succeed")
@CODE
@click.argument("successor", required=False)
@click.option("--nobody", is_flag=True, help="Nobody takes over: CODE stands again.")
@SINCE
@SESSION
def succeed(code: str, successor: str | None, nobody: bool, since: Any, session: Path) -> None:
    """Let SUCCESSOR take over from CODE: its functions, copies, agreements and persons."""
    if (successor is None) != nobody:
        raise CannotProceed("Say who takes over, or --nobody.")
    body = _since({"successor": successor.upper() if successor else None}, since)
    _ask(session, "PUT", f"/v1/organisations/{_path(code)}/successor", body)
    click.echo(f"{successor.upper() if successor else 'Nobody'} stands for {code.upper()}{_from(since)}.")


@organisations.command("suspend")
@CODE
@click.option("--reason", required=True, type=click.Choice(get_args(SuspensionReason)))
@SESSION
def suspend(code: str, reason: str, session: Path) -> None:
    """Stop tokens, copies and rights of CODE. What it sends waits; its alerts go on, marked."""
    _ask(session, "PUT", f"/v1/organisations/{_path(code)}/suspension", {"reason": reason})
    click.echo(f"{code.upper()} is suspended. Nothing of it is lost: simpul organisations lift {code.upper()}")


@organisations.command("lift")
@CODE
@SESSION
def lift(code: str, session: Path) -> None:
    """Let CODE go on where it stopped."""
    _ask(session, "DELETE", f"/v1/organisations/{_path(code)}/suspension")
    click.echo(f"{code.upper()} goes on where it stopped.")


def _path(code: str) -> str:
    """Codes need no quoting; whatever else was typed is no code."""
    if not code.replace("_", "").replace("-", "").replace(".", "").isalnum():
        raise CannotProceed(f"{code!r} is no code of an organisation.")
    return code.upper()


def _since(body: dict[str, Any], since: Any) -> dict[str, Any]:
    return body | ({"since": since.date().isoformat()} if since else {})


def _from(since: Any) -> str:
    return f" from {since.date().isoformat()}" if since else " from now on"


def _state(organisation: dict[str, Any]) -> str:
    states = ["suspended"] if organisation.get("suspended") else []
    states += [f"now {organisation['successor']}"] if organisation.get("successor") else []
    states += [f"stands for {', '.join(organisation['stands_for'])}"] if organisation.get("stands_for") else []
    return "; ".join(states)


def _ask(session: Path, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """The answer's JSON. Raises CannotProceed for whatever is refused."""
    operator = Session.load(session)
    headers = {"Authorization": f"Bearer {operator.access_token}"}
    if method != "GET":
        headers["Idempotency-Key"] = str(uuid4())
    tls = tls_settings().public_tls
    with httpx.Client(base_url=operator.api, trust_env=False, timeout=SECONDS, headers=headers, verify=tls) as http:
        try:
            answer = http.request(method, path, json=body)
        except httpx.TransportError as error:
            raise CannotProceed(f"The api does not answer at {operator.api} ({type(error).__name__}).") from None
    if answer.status_code == 202:
        click.echo("It is not settled yet: `simpul organisations show` tells when it is.", err=True)
    elif not answer.is_success:
        raise CannotProceed(f"The api refuses: {_said(answer)}.")
    return answer.json()


def _said(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        return f"{problem['code']}: {problem['title']} {problem['pointer']}".strip()
    except (ValueError, KeyError):
        return f"HTTP {answer.status_code}"
