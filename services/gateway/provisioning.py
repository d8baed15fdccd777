"""Topics, users and rights on the broker: of the services, and of the partners that are connected."""

import asyncio
import difflib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from confluent_kafka.admin import AclBinding, AclOperation, AclPermissionType, NewTopic, ResourceType

from contracts import codes
from contracts.topics import API, DOORS, EXCHANGE, INTERNAL, PARTNER_KEPT_HOURS, URGENT, Names, Topic
from services.gateway import broker, broker_limits
from services.gateway.broker import Login
from services.gateway.broker_limits import Quota
from services.gateway.settings import ONE_BROKER, PartnerLimits, Replication

FOR_EVER = "-1"


class UnknownOrganisation(Exception):
    """No such code in the list; the text names codes that look like it."""


@dataclass(frozen=True)
class Connected:
    """What a synchronisation did. `passwords` of users that were made, or rotated, now: they are shown once."""

    organisations: tuple[str, ...]
    passwords: dict[str, str] = field(default_factory=dict)


# -- the services


async def sync_services(
    login: Login, names: Names, passwords: Mapping[str, str], replication: Replication = ONE_BROKER
) -> None:
    """Internal topics, and per process a user with its password and the rights that contracts/topics.py gives it.

    Topics that are there stay as they are. Raises TooFewBrokers.
    """
    await asyncio.to_thread(_sync_services, login, names, passwords, replication)


async def sync_topics(login: Login, names: Names, replication: Replication = ONE_BROKER) -> None:
    """Internal topics alone, for a broker whose users are kept elsewhere. Raises TooFewBrokers."""
    await asyncio.to_thread(broker.make_topics, broker.connect(login), internal_topics(names, replication))


def _sync_services(login: Login, names: Names, passwords: Mapping[str, str], replication: Replication) -> None:
    admin = broker.connect(login)
    broker.make_topics(admin, internal_topics(names, replication))
    if not broker.has_users(login):
        return
    broker.set_passwords(admin, {process_user(process, names): password for process, password in passwords.items()})
    broker.add_rights(admin, [right for process in passwords for right in process_rights(process, names)])


def internal_topics(names: Names, replication: Replication) -> list[NewTopic]:
    """Every internal topic. Where a janitor deletes behind committed offsets, or nobody does, time deletes nothing."""
    return [_topic(f"{names.prefix}{topic.name}", topic.partitions, _kept(topic), replication) for topic in INTERNAL]


def _kept(topic: Topic) -> dict[str, str]:
    hours = topic.kept_hours
    return {"retention.ms": FOR_EVER if hours is None else str(hours * 3_600_000), "retention.bytes": FOR_EVER}


def _topic(name: str, partitions: int, config: Mapping[str, str], replication: Replication) -> NewTopic:
    """How many brokers hold it is said here, never left to a broker's default."""
    return NewTopic(
        name,
        num_partitions=partitions,
        replication_factor=replication.kafka_replication,
        config={**config, "min.insync.replicas": str(replication.kafka_min_insync)},
    )


def process_user(process: str, names: Names) -> str:
    """The Kafka user of one of the platform's processes."""
    return f"{names.prefix}{process}"


def process_rights(process: str, names: Names) -> list[AclBinding]:
    """What one process may do."""
    user = process_user(process, names)
    rights = [right for topic in INTERNAL for right in _topic_rights(process, user, topic, names)]
    for way, operations in PARTNER_TOPICS.get(process, {}).items():
        rights += broker.rights(user, ResourceType.TOPIC, f"{names.prefix}{way}", operations, prefixed=True)
    for group in _groups(process):
        rights += broker.rights(user, ResourceType.GROUP, names.group(group), "READ")
    return rights


PARTNER_TOPICS: Mapping[str, Mapping[str, str]] = {
    API: {"from.": "WRITE", "to.": "READ"},
    EXCHANGE: {"to.": "WRITE"},
    URGENT: {"to.": "WRITE"},
}
"""By the beginning of a topic's name. The api appends what a system sends by HTTPS and reads its mailbox for it; either
exchange delivers to both priorities, for what becomes of an alert is answered in the one that it was sent in. What they
take in is said partner by partner (`intake_rights`)."""


def _groups(process: str) -> tuple[str, ...]:
    """The api is in none: it reads without. The exchange of loads settles the gateway's own commands besides."""
    if process == API:
        return ()
    if process == EXCHANGE:
        return (process, "gateway")
    return (process,) if process in DOORS else (process, f"{process}-follows")


def _topic_rights(process: str, user: str, topic: Topic, names: Names) -> list[AclBinding]:
    operations = [
        operation
        for operation, processes in (("WRITE", topic.writers), ("READ", topic.readers), ("DELETE", (topic.janitor,)))
        if process in processes
    ]
    return broker.rights(user, ResourceType.TOPIC, f"{names.prefix}{topic.name}", " ".join(operations))


# -- the partners


def check_codes(codes_in_any_case: Iterable[str], registered: Iterable[str] = ()) -> tuple[str, ...]:
    """Organisation codes as the list, or whoever registered them, writes them. Raises UnknownOrganisation."""
    listed = {code.lower(): code for code in (*codes.organisations(), *registered)}
    checked = []
    for code in codes_in_any_case:
        if code.lower() not in listed:
            near = [listed[name] for name in difflib.get_close_matches(code.lower(), listed, 3, 0.6)]
            hint = f"; do you mean {', '.join(near)}?" if near else ""
            raise UnknownOrganisation(f"there is no organisation {code!r}{hint}")
        checked.append(listed[code.lower()])
    return tuple(dict.fromkeys(checked))


async def sync_partners(
    login: Login,
    names: Names,
    organisations: Sequence[str],
    replication: Replication = ONE_BROKER,
    *,
    limits: PartnerLimits | None = None,
    rotate: bool = False,
    registered: Iterable[str] = (),
) -> Connected:
    """Connect organisations: topics, a user, its quotas, and rights to its own topics and groups; safe to repeat.

    A user that is there keeps its password unless `rotate`. `registered`: codes beside those of the list. Raises
    UnknownOrganisation before anything is made, TooFewBrokers, and KafkaError.
    """
    listed = check_codes(organisations, registered)
    connected = await asyncio.to_thread(_sync_partners, login, names, listed, replication, rotate)
    quota = _quota(limits or PartnerLimits())
    await broker_limits.set_quotas(login, {partner_user(code, names): quota for code in listed})
    return connected


def _quota(limits: PartnerLimits) -> Quota:
    return Quota(limits.partner_produce_bytes, limits.partner_consume_bytes, limits.partner_request_percent)


def _sync_partners(
    login: Login, names: Names, organisations: Sequence[str], replication: Replication, rotate: bool
) -> Connected:
    admin = broker.connect(login)
    broker.make_topics(admin, [topic for code in organisations for topic in partner_topics(code, names, replication)])
    if not broker.has_users(login):
        return Connected(tuple(organisations))
    users = {partner_user(code, names): code for code in organisations}
    existing = set() if rotate else broker.existing_users(admin, users)
    passwords = {user: secrets.token_urlsafe(24) for user in users if user not in existing}
    broker.set_passwords(admin, passwords)
    rights = [right for code in organisations for right in (*partner_rights(code, names), *intake_rights(code, names))]
    broker.add_rights(admin, rights)
    return Connected(tuple(organisations), {users[user]: password for user, password in passwords.items()})


def partner_user(code: str, names: Names) -> str:
    """The Kafka user of an organisation."""
    return f"{names.prefix}{codes.org_topic_code(code)}"


def partner_topics(code: str, names: Names, replication: Replication) -> list[NewTopic]:
    """Both lanes, both ways; one partition each, so that a partner's order is total.

    The broker stamps what partners write: their clocks shall move neither the lag nor the time of deletion.
    """
    inward = {"retention.ms": FOR_EVER, "message.timestamp.type": "LogAppendTime"}
    outward = {"retention.ms": str(PARTNER_KEPT_HOURS * 3_600_000)}
    topics = [(names.intake(code, urgent=urgent), inward) for urgent in (False, True)]
    topics += [(names.delivery(code, urgent=urgent), outward) for urgent in (False, True)]
    return [_topic(name, 1, config, replication) for name, config in topics]


def intake_rights(code: str, names: Names) -> list[AclBinding]:
    """Each exchange takes in, and deletes behind itself, what a partner sends in its own priority."""
    return [
        right
        for process, urgent in ((EXCHANGE, False), (URGENT, True))
        for right in broker.rights(
            process_user(process, names), ResourceType.TOPIC, names.intake(code, urgent=urgent), "READ DELETE"
        )
    ]


def load_denials(code: str, names: Names) -> list[AclBinding]:
    """Of a flooding partner's loads, over Kafka and over HTTPS. The broker takes and drops both in one step."""
    return [
        broker.right(user, ResourceType.TOPIC, names.intake(code), AclOperation.WRITE, AclPermissionType.DENY)
        for user in (partner_user(code, names), process_user(API, names))
    ]


def partner_rights(code: str, names: Names) -> list[AclBinding]:
    """Write to its own intake, read its own deliveries, join its own groups; nothing else."""
    user = partner_user(code, names)
    rights = []
    for urgent in (False, True):
        rights += broker.rights(user, ResourceType.TOPIC, names.intake(code, urgent=urgent), "WRITE")
        rights += broker.rights(user, ResourceType.TOPIC, names.delivery(code, urgent=urgent), "READ")
    return rights + broker.rights(user, ResourceType.GROUP, f"{partner_user(code, names)}.", "READ", prefixed=True)
