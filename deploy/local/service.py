"""One of Simpul's own processes, run as `simpul serve NAME`, and what its environment says."""

import os
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from chassis.security.certificates import Identity, client_context
from contracts.topics import API
from deploy.certificates import CA, CERTIFICATE, KEY
from deploy.local import ports
from deploy.local.kafka import KafkaLogin
from deploy.local.process import Process
from deploy.local.secret_files import password
from deploy.local.tokens import AUDIENCE, ISSUER

SERVICE_OF = {
    "registry": "registry",
    "indicators": "indicators",
    "alerts": "alerts",
    "gateway-api": "gateway",
    "gateway-exchange": "gateway",
    "gateway-exchange-urgent": "gateway",
}
"""Process -> its service, which has the database. Kafka user, database user and key ring are the process's own."""

AGREEMENTS = Path(__file__).parents[2] / "services" / "gateway" / "agreements.json"
"""What a machine's installation begins with."""
SERVICES = tuple(dict.fromkeys(SERVICE_OF.values()))


def operations_of(name: str) -> str:
    """The name of an api's other port, at which operators and Prometheus find it."""
    return f"{name}-operations"


OPERATIONS = operations_of(API)


@dataclass(frozen=True)
class Machine:
    """What the processes of one machine have in common."""

    folder: Path
    ports: Mapping[str, int]
    kafka: KafkaLogin
    mongo_urls: Mapping[str, str]
    prefix: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    tls: Path | None = None
    """A folder that `deploy.certificates` filled: processes then speak and ask for mutual TLS."""

    @property
    def keys(self) -> Path:
        """The folder of key rings and of the local token issuer."""
        return self.folder / "keys"

    def passwords(self) -> dict[str, str]:
        """Of the processes' Kafka users, made at the first call."""
        return {process: password(self.folder / "kafka" / f"{process}.password") for process in SERVICE_OF}

    def login(self, process: str) -> KafkaLogin:
        if "SASL" not in self.kafka.security:
            return self.kafka
        return replace(self.kafka, user=f"{self.prefix}{process}", password=self.passwords()[process])

    def environment(self, process: str, instance: str) -> dict[str, str]:
        service = SERVICE_OF[process]
        settings = {
            **self.login(process).environment,
            "MONGO_URL": self.mongo_urls[process],
            "MONGO_DATABASE": f"{self.prefix}{service}".replace(".", "_"),
            "KEYS": str(self.keys / f"{process}.json"),
            "INSTANCE": instance,
            "TOPIC_PREFIX": self.prefix,
            "HOST": ports.HOST,
        }
        gateway = self._gateway() if service == "gateway" else {}
        return {**os.environ, **settings, **self._tls(), **gateway, **self.settings}

    def _tls(self) -> dict[str, str]:
        if not self.tls:  # whatever the shell has for commands is not for these
            return dict.fromkeys(("TLS_CERTIFICATE", "TLS_KEY", "TLS_CLIENT_CA"), "")
        files = {"TLS_CA": CA, "TLS_CERTIFICATE": CERTIFICATE, "TLS_KEY": KEY, "TLS_CLIENT_CA": CA}
        return {name: str(self.tls / file) for name, file in files.items()}

    def _gateway(self) -> dict[str, str]:
        others, scheme = [service for service in SERVICES if service != "gateway"], "https" if self.tls else "http"
        return {
            **{f"{name.upper()}_URL": f"{scheme}://{ports.HOST}:{self.ports[name]}" for name in others},
            "TOKEN_ISSUER": ISSUER,
            "TOKEN_AUDIENCE": AUDIENCE,
            "TOKEN_JWKS": str(self.keys / "jwks.json"),
            "AGREEMENTS_FILE": str(AGREEMENTS),
            "TRANSPARENCY_FOLDER": str(self.folder / "transparency"),
            "PARTNERS_SEE": "docs",
        }


class Service(Process):
    """Ready when `/readyz` says that it is consuming. `process` is what it is, `name` which one (registry-1).

    `settings` are added to its environment.
    """

    ready_within = 120.0

    def __init__(
        self, process: str, name: str, port: int, machine: Machine, settings: Mapping[str, str] | None = None
    ) -> None:
        self.process = process
        instance = f"{process}-0" if name == process else name
        environment = machine.environment(process, instance) | {"PORT": str(port)} | dict(settings or {})
        super().__init__(name, machine.folder, port, [sys.executable, "-m", "simpul", "serve", process], environment)

    @property
    def url(self) -> str:
        """Over HTTPS where its environment names a certificate."""
        scheme = "https" if (self.environment or {}).get("TLS_CERTIFICATE") else "http"
        return f"{scheme}://{ports.HOST}:{self.port}"

    async def is_ready(self) -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False, verify=self._tls()) as client:
                answer = await client.get(f"{self.url}/readyz", timeout=2)
        except httpx.TransportError:
            return False
        return answer.status_code == httpx.codes.OK

    def _tls(self) -> ssl.SSLContext | bool:
        """As it talks to itself; with httpx's own CAs where it does without TLS."""
        names = ("TLS_CA", "TLS_CERTIFICATE", "TLS_KEY")
        ca, certificate, key = (Path(file) if (file := (self.environment or {}).get(name)) else None for name in names)
        return client_context(ca, Identity(certificate, key)) if certificate else True
