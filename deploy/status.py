"""How an installation stands: every process, how far consumers have read, and the partners."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import httpx
from confluent_kafka import KafkaException
from prometheus_client.parser import text_string_to_metric_families

from contracts.topics import SERVICES, Names
from services.gateway import broker, partner_access
from services.gateway.broker import Login
from services.gateway.partner_access import Partner

SECONDS = 5.0
"""For one answer: who takes longer is not there."""


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """`waiting_for`: the checks of `/readyz` that are false."""

    name: str
    url: str
    state: Literal["ready", "not ready", "away"] = "away"
    waiting_for: tuple[str, ...] = ()
    dead_letters: int | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class GroupStatus:
    """A consumer group of a service. `unread`: records that it has not acknowledged, by topic, where there are any."""

    name: str
    unread: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class InstallationStatus:
    """`brokers` is 0 while none answers; then nothing is known of groups and partners."""

    processes: tuple[ProcessStatus, ...]
    brokers: int = 0
    groups: tuple[GroupStatus, ...] = ()
    partners: tuple[Partner, ...] = field(default=())

    @property
    def in_order(self) -> bool:
        """Whether everything runs and nothing waits for an operator."""
        ready = all(process.state == "ready" and not process.dead_letters for process in self.processes)
        return ready and self.brokers > 0


async def installation_status(
    urls: Mapping[str, str], login: Login | None, names: Names, tls: ssl.SSLContext
) -> InstallationStatus:
    """`urls` of the processes by name; without a login the broker is not asked."""
    async with httpx.AsyncClient(trust_env=False, timeout=SECONDS, verify=tls) as client:
        processes = await asyncio.gather(*(_process(client, name, url) for name, url in urls.items()))
    brokers = await asyncio.to_thread(_count_brokers, login) if login else 0
    if not login or not brokers:
        return InstallationStatus(tuple(processes))
    groups = await asyncio.to_thread(_groups, login, names)
    partners = await partner_access.list_partners(login, names)
    return InstallationStatus(tuple(processes), brokers, tuple(groups), tuple(partners))


async def _process(client: httpx.AsyncClient, name: str, url: str) -> ProcessStatus:
    try:
        ready = await client.get(f"{url}/readyz")
        metrics = _metrics((await client.get(f"{url}/metrics")).text)
        checks: dict[str, bool] = ready.json()["checks"]
    except (httpx.TransportError, ValueError, KeyError):
        return ProcessStatus(name, url)
    return ProcessStatus(
        name,
        url,
        "ready" if ready.is_success else "not ready",
        tuple(check for check, passed in checks.items() if not passed),
        dead_letters=int(sum(metrics.get("simpul_dead_letters", {"": 0.0}).values())),
        version=next(iter(metrics.get("simpul_build_info", {})), None),
    )


def _metrics(text: str) -> dict[str, dict[str, float]]:
    """Values by metric and by its first label's value."""
    values: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            values.setdefault(sample.name, {})[next(iter(sample.labels.values()), "")] = sample.value
    return values


def _count_brokers(login: Login) -> int:
    try:
        return len(broker.connect(login).list_topics(timeout=SECONDS).brokers)
    except KafkaException:
        return 0


def _groups(login: Login, names: Names) -> list[GroupStatus]:
    """Of the services, by their names."""
    admin = broker.connect(login)
    statuses = []
    for group in broker.list_groups(admin, names.prefix):
        name = group.removeprefix(names.prefix)
        if name.split("-")[0] in SERVICES:
            committed = broker.committed_offsets(admin, group)
            ranges = broker.log_ranges(admin, {topic for topic, _ in committed})
            unread = broker.count_unread(ranges, committed)
            statuses.append(GroupStatus(name, {topic: count for topic, count in unread.items() if count}))
    return statuses
