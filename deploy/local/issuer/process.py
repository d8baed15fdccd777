"""The sign-in as a process of the stack, and the registration by which the gateway takes its tokens."""

import asyncio
import json
import sys
from pathlib import Path

from deploy.local import ports
from deploy.local.keys import ensure
from deploy.local.process import Process
from deploy.local.tokens import AUDIENCE

REGISTRATION = "issuers.json"


class IssuerProcess(Process):
    """`python -m deploy.local.issuer` on loopback."""

    def __init__(self, folder: Path, port: int) -> None:
        self.keys = folder / "keys"
        command = [sys.executable, "-m", "deploy.local.issuer", "--host", ports.HOST, "--port", str(port)]
        super().__init__("issuer", folder, port, [*command, "--keys", str(self.keys)])

    @property
    def registration(self) -> Path:
        """The file by which the gateway of this machine takes its tokens (TOKEN_ISSUERS)."""
        return self.keys.parent / REGISTRATION

    async def prepare(self) -> None:
        await asyncio.to_thread(ensure, self.keys)
        register(self.registration, self.keys, self.url)


def register(file: Path, keys: Path, url: str) -> None:
    """Write to `file` (TOKEN_ISSUERS) that the gateway takes the tokens of the issuer at `url`."""
    entry = {
        "issuer": url, "jwks": str(keys / "jwks.json"), "audience": AUDIENCE, "clients": ["simpul-*", "system-*"],
        "organisations": ["*", "SIMPUL"], "max_age_seconds": 3600,
    }  # fmt: skip
    file.write_text(json.dumps([entry], indent=1))
