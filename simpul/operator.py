"""An operator's requests to a process: signed with the operators' key, under the name of whoever has signed in."""

import functools
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import httpx

from deploy.local.errors import CannotProceed
from deploy.tls_settings import tls_settings
from simpul.addresses import VARIABLE, addresses
from simpul.machine import DATA

PROCESSES = {
    "registry": "registry",
    "indicators": "indicators",
    "alerts": "alerts",
    "gateway": "gateway-exchange",
    "gateway-urgent": "gateway-exchange-urgent",
}
"""What operators call a process, and its name."""
SECONDS = 120.0
SESSION = click.option(
    "--session", type=click.Path(path_type=Path), default=DATA / "session.json", show_default=True,
    help="What `simpul login` kept.",
)  # fmt: skip


class Refusal(CannotProceed):
    """What the process refused; `code` is empty where it gave none."""

    def __init__(self, service: str, code: str, reason: str) -> None:
        super().__init__(f"{service} refuses: {reason}")
        self.code = code


@dataclass(frozen=True)
class Session:
    """Who has signed in. `until` in seconds since 1970."""

    name: str
    api: str
    access_token: str
    signed_pass: str
    until: float

    @classmethod
    def load(cls, file: Path) -> "Session":
        """Raises CannotProceed where nobody has signed in, or it is over."""
        try:
            session = cls(**json.loads(file.read_bytes()))
        except (OSError, ValueError, TypeError):
            raise CannotProceed("Nobody has signed in here: `simpul login` first.") from None
        if session.until < time.time():
            raise CannotProceed(f"The sign-in of {session.name} is over: `simpul login` again.")
        return session

    def keep(self, file: Path) -> None:
        """In a file that only its owner reads."""
        from deploy.local.keys import write_secret

        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_secret(file, json.dumps(asdict(self), indent=1).encode())


@dataclass(frozen=True)
class Operator:
    """Asks processes, at `url` or where they are."""

    url: str | None
    keys: Path
    session: Path

    def ask(self, service: str, method: str, path: str, **query: str) -> Any:
        """The answer's JSON. Raises Refusal, and CannotProceed when nobody answers, has signed in, or has the key."""
        process = PROCESSES[service]
        base = self.url or addresses()[process]
        with httpx.Client(base_url=base, trust_env=False, timeout=SECONDS, verify=tls_settings().public_tls) as client:
            request = client.build_request(method, path, params=query)
            self._sign(request, process)
            try:
                answer = client.send(request)
            except httpx.TransportError as error:
                raise CannotProceed(
                    f"{service} does not answer at {base} ({type(error).__name__}): is it running?"
                ) from None
        if answer.is_success:
            return answer.json()
        raise Refusal(service, *_said(answer))

    def _sign(self, request: httpx.Request, process: str) -> None:
        from chassis.security.keys import KeyRing, MissingKey
        from chassis.security.principal import HEADER, OPERATOR, PLATFORM, Signer
        from contracts.commands import Principal

        try:
            signer = Signer(KeyRing.load(self.keys))
        except (MissingKey, OSError, ValueError):
            raise CannotProceed(f"{self.keys} is not the operators' key ring: name it with --keys.") from None
        session = Session.load(self.session)
        who = Principal(organisation=PLATFORM, user=session.name, roles=(OPERATOR,), purpose="operations")
        target = request.url.raw_path.decode("ascii")
        signed = signer.sign(who, process, request.method, target, request.content, session.signed_pass)
        request.headers[HEADER] = signed


def as_operator(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the argument `operator`, and the options that say where and with what."""

    @click.option("--url", help=f"Base address of the process.  [default: as {VARIABLE} says, else on this machine]")
    @click.option(
        "--keys", type=click.Path(path_type=Path), default=DATA / "keys" / "operators.json", show_default=True,
        help="The operators' key ring.",
    )  # fmt: skip
    @SESSION
    @functools.wraps(command)
    def run(url: str | None, keys: Path, session: Path, **more: Any) -> None:
        command(operator=Operator(url, keys, session), **more)

    return run


def _said(answer: httpx.Response) -> tuple[str, str]:
    try:
        problem = answer.json()
        return problem["code"], f"{problem['code']}: {problem['title']}"
    except (ValueError, KeyError):
        return "", f"HTTP {answer.status_code}"
