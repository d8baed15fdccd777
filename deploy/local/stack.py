"""Everything of one machine as one object: broker, databases and the five processes."""

import asyncio
import os
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from deploy.local import prepare
from deploy.local.data_folder import Folder
from deploy.local.database import Database
from deploy.local.kafka import Kafka, KafkaLogin
from deploy.local.ports import SETTING, fixed, free, holder, is_taken
from deploy.local.process import Process
from deploy.local.report import Progress, Trouble, silent
from deploy.local.service import SERVICE_OF, SERVICES, Service, Surroundings
from deploy.local.zipkin import Zipkin
from services.gateway.settings import ONE_BROKER, Replication


class Stack:
    """Started and stopped as a whole or one by one; `async with` does both. `deploy.local.ports.NAMES` has the names.

    `KAFKA_URL` (and its companions) and `MONGO_URL` in the environment take the place of the servers of its own.
    `settings` are added to the environment of the five processes, for instance LOG_LEVEL; `prefix` goes before every
    topic, group, user and database of theirs. The organisations of `connect` are connected before the services start.
    """

    def __init__(
        self,
        folder: Path,
        *,
        ports: Mapping[str, int] | None = None,
        traces: bool = False,
        cache: str = "1G",
        prefix: str = "",
        settings: Mapping[str, str] | None = None,
        connect: Sequence[str] = (),
    ) -> None:
        self.folder = folder.resolve()
        self.ports = dict(ports or fixed())
        self.prefix = prefix or os.environ.get("TOPIC_PREFIX", "")
        self.settings = dict(settings or {})
        self.connect = connect
        self.partners: dict[str, KafkaLogin] = {}
        self._hold = Folder(self.folder)
        self._mongo = os.environ.get("MONGO_URL")
        self._broker = KafkaLogin.given() or Kafka(self.folder, self.ports["kafka"], self.ports["kafka-controller"])
        own: list[Process] = [self._broker] if isinstance(self._broker, Kafka) else []
        if not self._mongo:
            own += [Database(f"db-{name}", self.folder, self.ports[f"db-{name}"], cache) for name in SERVICES]
        if traces:
            zipkin = Zipkin(self.folder, self.ports["zipkin"])
            self.settings = {"ZIPKIN_ENDPOINT": zipkin.endpoint, "TRACE_RATIO": "1", **self.settings}
            own.append(zipkin)
        self._servers = {server.name: server for server in own}
        self._services: dict[str, Service] = {}

    @property
    def kafka(self) -> KafkaLogin:
        """The administrator's login at the broker."""
        return self._broker.login if isinstance(self._broker, Kafka) else self._broker

    @property
    def keys(self) -> Path:
        """The folder of key rings and of the local token issuer."""
        return self._surroundings().keys

    async def start(self, progress: Progress = silent) -> None:
        """Everything, servers first. Raises Trouble, and then nothing is left running."""
        self._hold.hold()
        try:
            self._require_ports()
            for server in self._servers.values():
                server.progress = progress
            around = self._surroundings()
            self._services = {name: Service(name, name, self.ports[name], around) for name in SERVICE_OF}
            await _start("starting servers", self._servers.values(), progress)
            await asyncio.to_thread(prepare.key_rings, around.keys)
            replication = ONE_BROKER if isinstance(self._broker, Kafka) else Replication()
            await prepare.topics_and_users(self.kafka, self.prefix, around.passwords(), replication)
            self.partners = await prepare.partners(
                self.kafka, self.prefix, self.connect, self.folder / "partners", replication
            )
            await _start("starting services", self._services.values(), progress)
        except BaseException:
            self._kill_all()
            raise

    async def stop(self) -> None:
        """Services first, then what they rest on. Data stays."""
        try:
            await _together(process.stop() for process in self._services.values())
            await _together(process.stop() for process in self._servers.values())
        finally:
            self._kill_all()

    def kill(self, name: str) -> None:
        """SIGKILL to one process; returns when it is gone."""
        self._process(name).kill()

    async def stop_one(self, name: str) -> None:
        """SIGTERM to one process; returns when it is gone."""
        await self._process(name).stop()

    async def start_one(self, name: str, **settings: str) -> None:
        """One that was stopped or killed, on its old port, with further settings if any; returns when it is ready."""
        process = self._process(name)
        if settings:
            process.environment = {**(process.environment or {}), **settings}
        await process.start()

    async def start_another(self, process: str) -> str:
        """A second process of a service beside the first, on a free port; returns its name, for instance registry-1."""
        name = f"{process}-{sum(one.startswith(f'{process}-') for one in self._services) + 1}"
        (self.ports[name],) = free(1)
        self._services[name] = Service(process, name, self.ports[name], self._surroundings())
        await self.start_one(name)
        return name

    def url(self, name: str) -> str:
        """Address of a process (`kafka`: host and port; `db-…`: a MongoDB address), also of a server that was given."""
        if name == "kafka":
            return self.kafka.url
        if name.startswith("db-") and self._mongo:
            return self._mongo
        return self._process(name).url

    def pid(self, name: str) -> int | None:
        """None unless it runs."""
        return self._process(name).pid

    def names(self) -> tuple[str, ...]:
        """Every process of this stack, running or not."""
        return (*self._servers, *self._services)

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

    def _surroundings(self) -> Surroundings:
        urls = {name: self.url(f"db-{name}") for name in SERVICES}
        return Surroundings(self.folder, self.ports, self.kafka, urls, self.prefix, self.settings)

    def _require_ports(self) -> None:
        controller = ["kafka-controller"] if "kafka" in self._servers else []
        for name in (*self._servers, *controller, *SERVICE_OF):
            port = self.ports[name]
            if is_taken(port):
                raise Trouble(
                    f"Port {port} ({name}) is taken by {holder(port)}: "
                    f"end that, or move all ports, for instance {SETTING}=28080."
                )

    def _kill_all(self) -> None:
        for process in (*self._services.values(), *self._servers.values()):
            process.kill()
        self._hold.release()


async def _start(what: str, processes: Iterable[Process], progress: Progress) -> None:
    waiting = list(processes)
    done = 0
    progress(what, done, len(waiting))

    async def one(process: Process) -> None:
        nonlocal done
        await process.start()
        done += 1
        progress(what, done, len(waiting))

    await _together(one(process) for process in waiting)


async def _together(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """All at once; the first that fails ends the others and is what the caller sees."""
    try:
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(one)
    except ExceptionGroup as several:
        raise several.exceptions[0] from None
