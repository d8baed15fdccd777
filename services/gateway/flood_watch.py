"""A partner that sends more than its share loses the right to write its loads, and gets it back; alerts go on.

Nothing is deleted for it: what stands in its topic is taken as before. What its systems send by HTTPS is written by the
api, which is denied that one topic too and answers `loads_stopped`.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiokafka.errors import KafkaError
from confluent_kafka import KafkaException

from contracts.topics import Names, partner_slug
from services.gateway import broker, broker_limits
from services.gateway.broker import Login
from services.gateway.provisioning import load_denials, partner_user
from services.gateway.settings import PartnerLimits

GIVEN_BACK_BELOW = 0.8
"""Of the limit: a topic that stays at it does not win and lose the right every few seconds."""
SECONDS_BETWEEN = 10.0


@dataclass(frozen=True, slots=True)
class Change:
    """One partner's right to write loads, taken or given back; `why` is a sentence for the operator."""

    organisation: str
    withdrawn: bool
    why: str


def decide(
    sizes: Mapping[str, int], usable: int | None, withdrawn: frozenset[str], limits: PartnerLimits
) -> list[Change]:
    """`sizes`: bytes kept of each partner's loads. While the disk is low, the largest one more at each look."""
    low = usable is not None and usable < limits.broker_min_free_bytes
    limit = limits.partner_topic_bytes
    changes = [
        Change(organisation, True, f"its topic keeps {_mib(size)} MiB, and {_mib(limit)} is the limit")
        for organisation, size in sizes.items()
        if size > limit and organisation not in withdrawn
    ]
    if low:
        taken = withdrawn | {change.organisation for change in changes}
        writing = {organisation: size for organisation, size in sizes.items() if organisation not in taken}
        largest = max(writing, key=lambda organisation: writing[organisation], default=None)
        if largest is not None and writing[largest]:
            changes.append(Change(largest, True, f"the broker's disk has {_mib(usable or 0)} MiB left"))
        return changes
    return changes + [
        Change(organisation, False, f"its topic keeps {_mib(sizes.get(organisation, 0))} MiB")
        for organisation in sorted(withdrawn)
        if sizes.get(organisation, 0) < limit * GIVEN_BACK_BELOW
    ]


def _mib(size: int) -> int:
    return size // 2**20


async def look(login: Login, names: Names, limits: PartnerLimits) -> list[Change]:
    """One look at what the broker keeps, and what was changed for it. Raises KafkaError and KafkaException."""
    kept = await broker_limits.kept(login)
    intake = re.compile(names.intake_pattern())
    sizes = {_code(topic, names): size for topic, size in kept.topic_bytes.items() if intake.match(topic)}
    withdrawn = await asyncio.to_thread(withdrawn_from, login, names)
    changes = decide(sizes, kept.usable_bytes, withdrawn, limits)
    for change in changes:
        await asyncio.to_thread(_carry_out, login, names, change)
    return changes


async def watch(
    login: Login, names: Names, limits: PartnerLimits, say: Callable[[Change], None], every: float = SECONDS_BETWEEN
) -> None:
    """`look` until cancelled. While the broker is away there is nothing to see."""
    while True:
        try:
            changes = await look(login, names, limits)
        except (KafkaError, KafkaException):
            changes = []
        for change in changes:
            say(change)
        await asyncio.sleep(every)


def withdrawn_from(login: Login, names: Names) -> frozenset[str]:
    """Those whose right to write loads is withdrawn now."""
    intake = re.compile(names.intake_pattern())
    denied = broker.denied_topics(broker.connect(login))
    return frozenset(
        code
        for user, topic in denied
        if intake.match(topic) and user == partner_user(code := _code(topic, names), names)
    )


def _code(topic: str, names: Names) -> str:
    return partner_slug(topic, names.prefix).upper()


def _carry_out(login: Login, names: Names, change: Change) -> None:
    admin, denials = broker.connect(login), load_denials(change.organisation, names)
    if change.withdrawn:
        broker.add_rights(admin, denials)
    else:
        broker.delete_rights(admin, denials)
