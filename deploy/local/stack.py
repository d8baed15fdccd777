"""Everything of one machine as one object: brokers, databases and the processes of the services."""

import asyncio
import os
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Self

from chassis.security.certificates import Identity, client_context
from contracts.topics import API
from deploy.certificates import CA, CERTIFICATE, KEY, Authority
from deploy.local import prepare
from deploy.local.balancer import Balancer
from deploy.local.data_folder import DataFolder
from deploy.local.database import Database
from deploy.local.errors import CannotProceed
from deploy.local.issuer.process import IssuerProcess
from deploy.local.kafka import Kafka, KafkaLogin, Node
from deploy.local.ports import HOST, SETTING, fixed, free, holder, is_taken
from deploy.local.process import Process
from deploy.local.processes import start_all, stop_all
from deploy.local.progress import Progress, silent
from deploy.local.service import OPERATIONS, SERVICE_OF, SERVICES, Machine, Service, operations_of
from deploy.local.zipkin import Zipkin
from services.gateway.settings import Replication


def nothing_more(_name: str) -> Mapping[str, str]:
    """No settings of its own for any process."""
    return {}


class Stack:
    """Started and stopped as a whole or one by one; `async with` does both. `deploy.local.ports.NAMES` has the names.

    `KAFKA_URL` (and its companions) and `MONGO_URL` in the environment take the place of the servers of its own.
    `settings` are added to the environment of the services' processes, for instance LOG_LEVEL, and `settings_of` a
    process's name to that one's; `prefix` goes before every topic, group, user and database of theirs. The
    organisations of `connect` are connected before the services start. `sign_in` adds the process `issuer`, at which
    the officers of the story sign in, and the pages that they see then.

    A cluster has `brokers` kafka-1, kafka-2, …, and `copies` of each process: registry-0, registry-1, … behind one
    address, that of `registry`. `database_ports`: where services reach their own databases, where not directly.
    With `tls` everything on it speaks TLS with certificates of a CA of its own; not for several copies.
    """

    def __init__(
        self,
        folder: Path,
        *,
        ports: Mapping[str, int] | None = None,
        traces: bool = False,
        sign_in: bool = False,
        cache: str = "1G",
        prefix: str = "",
        settings: Mapping[str, str] | None = None,
        settings_of: Callable[[str], Mapping[str, str]] = nothing_more,
        connect: Sequence[str] = (),
        brokers: int = 1,
        copies: int = 1,
        database_ports: Mapping[str, int] | None = None,
        tls: bool = False,
    ) -> None:
        self.folder = folder.resolve()
        self._tls = self.folder / "tls" if tls else None
        self.ports = dict(ports or fixed())
        self.prefix = prefix or os.environ.get("TOPIC_PREFIX", "")
        self.settings, self.settings_of = dict(settings or {}), settings_of
        self.connect = connect
        self.partners: dict[str, KafkaLogin] = {}
        self._data = DataFolder(self.folder)
        self._mongo = os.environ.get("MONGO_URL")
        self._database_ports = dict(database_ports or {})
        self._process_of = _copies(copies)
        self._brokers: list[Kafka] = []
        self._given = KafkaLogin.given()
        if self._given is None:
            self._brokers = _brokers(self.folder, self.ports, brokers, self._tls)
        servers: list[Process] = [*self._brokers]
        if not self._mongo:
            servers += [self._database(service, cache) for service in SERVICES]
        if copies > 1:
            servers.append(self._balancer())
        if traces:
            zipkin = Zipkin(self.folder, self.ports["zipkin"])
            self.settings = {"ZIPKIN_ENDPOINT": zipkin.endpoint, "TRACE_RATIO": "1", **self.settings}
            servers.append(zipkin)
        if sign_in:
            issuer = IssuerProcess(self.folder, self.ports["issuer"])
            pages = {"WEB_ISSUER": issuer.url, "WEB_ADDRESS": f"http://{HOST}:{self.ports['gateway-api']}"}
            self.settings = {"TOKEN_ISSUERS": str(issuer.registration), **pages, **self.settings}
            servers.append(issuer)
        self._servers = {server.name: server for server in servers}
        self._services: dict[str, Service] = {}

    def _balancer(self) -> Balancer:
        """Each process's port becomes the address of its copies, which get ports of their own."""
        self._give_ports(self._process_of)
        behind = {
            self.ports[process]: [self.ports[name] for name, owner in self._process_of.items() if owner == process]
            for process in SERVICE_OF
        }
        behind[self.ports[OPERATIONS]] = [
            self.ports[operations_of(name)] for name, owner in self._process_of.items() if owner == API
        ]
        return Balancer(self.folder, self.ports["balancer"], behind)

    def _give_ports(self, names: Iterable[str]) -> None:
        """Free ones, to processes that have none of their own."""
        wanted = [port for name in names for port in (name, operations_of(name))]
        self.ports |= dict(zip(wanted, free(len(wanted)), strict=True))

    @property
    def kafka(self) -> KafkaLogin:
        """The administrator's login at the brokers."""
        return self._given or self._brokers[0].login

    @property
    def keys(self) -> Path:
        """The folder of key rings and of the local token issuer."""
        return self._machine().keys

    async def start(self, progress: Progress = silent) -> None:
        """Everything, servers first. Raises CannotProceed, and then nothing is left running."""
        self._data.lock()
        try:
            self._require_ports()
            if self._tls:
                Authority(self.folder / "authority").certify(self._tls, ["localhost", HOST], client=True)
            for server in self._servers.values():
                server.progress = progress
            machine = self._machine()
            self._services = {name: self._service(process, name) for name, process in self._process_of.items()}
            await start_all("starting servers", self._servers.values(), progress)
            await asyncio.to_thread(prepare.key_rings, machine.keys)
            replication = self._brokers[0].replication if self._brokers else Replication()
            await prepare.topics_and_users(self.kafka, self.prefix, machine.passwords(), replication)
            self.partners = await prepare.partners(
                self.kafka, self.prefix, self.connect, self.folder / "partners", replication
            )
            await start_all("starting services", self._services.values(), progress)
        except BaseException:
            self._kill_all()
            raise

    async def stop(self, progress: Progress = silent) -> None:
        """Services first, then what they rest on. Data stays."""
        try:
            await stop_all("stopping services", self._services.values(), progress)
            await stop_all("stopping servers", self._servers.values(), progress)
        finally:
            self._kill_all()

    def kill(self, name: str) -> None:
        """SIGKILL to one process; returns when it is gone."""
        self._process(name).kill()

    def pause(self, name: str) -> None:
        """SIGSTOP to one process."""
        self._process(name).pause()

    def resume(self, name: str) -> None:
        """SIGCONT to one that was paused."""
        self._process(name).resume()

    async def stop_one(self, name: str) -> None:
        """SIGTERM to one process; returns when it is gone."""
        await self._process(name).stop()

    async def start_one(self, name: str, **settings: str) -> None:
        """One that was stopped or killed, on its old port, with further settings if any; returns when it is ready."""
        process = self._process(name)
        if settings:
            process.environment = {**(process.environment or {}), **settings}
        await process.start()

    async def launch(self, name: str) -> None:
        """As `start_one`, but returns at once: what it needs may be away."""
        await self._process(name).launch()

    async def is_ready(self, name: str) -> bool:
        """Whether a process that runs says so."""
        process = self._process(name)
        return process.pid is not None and await process.is_ready()

    async def start_another(self, process: str) -> str:
        """A further process of a service, on a free port; returns its name, for instance registry-1."""
        name = self.add_another(process)
        await self.start_one(name)
        return name

    def add_another(self, process: str) -> str:
        """As `start_another`, but it does not run yet."""
        name = f"{process}-{sum(service.process == process for service in self._services.values())}"
        self._give_ports([name])
        self._services[name] = self._service(process, name)
        return name

    def url(self, name: str) -> str:
        """Address of a process (`kafka`: host and port; `db-…`: a MongoDB address), also of a server that was given."""
        if name == "kafka":
            return self.kafka.url
        if name.startswith("db-") and self._mongo:
            return self._mongo
        if name == OPERATIONS or (name in SERVICE_OF and name not in self._services):  # of its copies
            return f"{'https' if self._tls else 'http'}://{HOST}:{self.ports[name]}"
        return self._process(name).url

    def client_tls(self) -> ssl.SSLContext | bool:
        """For whoever asks its processes over HTTPS, as httpx takes it."""
        return client_context(self._tls / CA, Identity(self._tls / CERTIFICATE, self._tls / KEY)) if self._tls else True

    def pid(self, name: str) -> int | None:
        """None unless it runs."""
        return self._process(name).pid

    def names(self) -> tuple[str, ...]:
        """Every process of this stack, running or not."""
        return (*self._servers, *(self._services or self._process_of))

    def service_names(self) -> tuple[str, ...]:
        """Those of them that are ours, without servers."""
        return tuple(self._services or self._process_of)

    def environment(self, name: str) -> dict[str, str]:
        """What a service process reads."""
        return dict(self._services[name].environment or {})

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _process(self, name: str) -> Process:
        return self._servers.get(name) or self._services[name]

    def _service(self, process: str, name: str) -> Service:
        operations = {"OPERATIONS_PORT": str(self.ports[operations_of(name)])} if process == API else {}
        return Service(process, name, self.ports[name], self._machine(), {**operations, **self.settings_of(name)})

    def _database(self, service: str, cache: str) -> Database:
        name = f"db-{service}"
        users = [process for process, of in SERVICE_OF.items() if of == service]
        return Database(name, self.folder, self.ports[name], cache, users=users, tls=self._tls)

    def _database_url(self, process: str) -> str:
        service = SERVICE_OF[process]
        database = self._servers[f"db-{service}"]
        assert isinstance(database, Database)
        return database.url_of(process, self._database_ports.get(service))

    def _machine(self) -> Machine:
        urls = {process: self._mongo or self._database_url(process) for process in SERVICE_OF}
        return Machine(self.folder, self.ports, self.kafka, urls, self.prefix, self.settings, self._tls)

    def _require_ports(self) -> None:
        controllers = {f"{kafka.name}-controller": kafka.controller_port for kafka in self._brokers}
        operations = (operations_of(name) for name, process in self._process_of.items() if process == API)
        names = dict.fromkeys((*self._servers, *self._process_of, *SERVICE_OF, *operations, OPERATIONS))
        for name, port in ({name: self.ports[name] for name in names} | controllers).items():
            if is_taken(port):
                raise CannotProceed(
                    f"Port {port} ({name}) is taken by {holder(port)}: "
                    f"end that, or move all ports, for instance {SETTING}=28080."
                )

    def _kill_all(self) -> None:
        for process in (*self._services.values(), *self._servers.values()):
            process.kill()
        self._data.unlock()


def _copies(count: int) -> dict[str, str]:
    """What each process is, by its name."""
    if count == 1:
        return {process: process for process in SERVICE_OF}
    return {f"{process}-{number}": process for process in SERVICE_OF for number in range(count)}


def _brokers(folder: Path, ports: Mapping[str, int], count: int, tls: Path | None) -> list[Kafka]:
    if count == 1:
        return [Kafka(folder, ports["kafka"], ports["kafka-controller"], tls=tls)]
    names = [f"kafka-{number}" for number in range(1, count + 1)]
    nodes = [Node(number, ports[name], ports[f"{name}-controller"]) for number, name in enumerate(names, 1)]
    return [Kafka(folder, node.port, node.controller_port, nodes=nodes, tls=tls) for node in nodes]
