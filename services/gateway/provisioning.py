"""Topics, users and rights on the broker: of the services, and of the partners that are connected."""

import asyncio
import difflib
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from contracts import codes
from contracts.topics import INTERNAL, PARTNER_KEPT_HOURS, Names, Topic
from services.gateway.settings import ONE_BROKER, Replication

Login = Mapping[str, str | int | float | bool]
"""confluent-kafka's settings of an administrator's client."""

FOR_EVER = "-1"
SCRAM_ROUNDS = 8192
SECONDS = 30.0


class TooFewBrokers(Exception):
    """Topics shall be held by more brokers than there are; the text is the broker's."""


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
    """Internal topics, and per service a user with its password and the rights that contracts/topics.py gives it.

    Topics that are there stay as they are. Raises TooFewBrokers.
    """
    await asyncio.to_thread(_sync_services, login, names, passwords, replication)


async def sync_topics(login: Login, names: Names, replication: Replication = ONE_BROKER) -> None:
    """Internal topics alone, for a broker whose users are kept elsewhere. Raises TooFewBrokers."""
    await asyncio.to_thread(_make_topics, AdminClient(dict(login)), internal_topics(names, replication))


def _sync_services(login: Login, names: Names, passwords: Mapping[str, str], replication: Replication) -> None:
    admin = AdminClient(dict(login))
    _make_topics(admin, internal_topics(names, replication))
    if not _has_users(login):
        return
    _set_passwords(admin, {f"{names.prefix}{service}": password for service, password in passwords.items()})
    _grant(admin, [right for service in passwords for right in service_rights(service, names)])


def internal_topics(names: Names, replication: Replication) -> list[NewTopic]:
    """Every internal topic. Retention by time is off: a janitor deletes behind committed offsets, or nobody does."""
    config = {"retention.ms": FOR_EVER, "retention.bytes": FOR_EVER}
    return [_topic(f"{names.prefix}{topic.name}", topic.partitions, config, replication) for topic in INTERNAL]


def _topic(name: str, partitions: int, config: Mapping[str, str], replication: Replication) -> NewTopic:
    """How many brokers hold it is said here, never left to a broker's default."""
    return NewTopic(
        name,
        num_partitions=partitions,
        replication_factor=replication.kafka_replication,
        config={**config, "min.insync.replicas": str(replication.kafka_min_insync)},
    )


def service_rights(service: str, names: Names) -> list[AclBinding]:
    """What one service may do."""
    user = f"{names.prefix}{service}"
    rights = [right for topic in INTERNAL for right in _topic_rights(service, user, topic, names)]
    if service == "gateway":
        for way, operations in (("from.", "READ WRITE DELETE"), ("to.", "READ WRITE")):
            rights += _allow(user, ResourceType.TOPIC, f"{names.prefix}{way}", operations, prefixed=True)
        return rights + _allow(user, ResourceType.GROUP, names.group("gateway-"), "READ", prefixed=True)
    for group in (service, f"{service}-follows"):
        rights += _allow(user, ResourceType.GROUP, names.group(group), "READ")
    return rights


def _topic_rights(service: str, user: str, topic: Topic, names: Names) -> list[AclBinding]:
    operations = []
    if service in topic.writers:
        operations.append("WRITE")
    if service in topic.readers:
        operations.append("READ")
        if topic.kept != "for ever":
            operations.append("DELETE")
    return _allow(user, ResourceType.TOPIC, f"{names.prefix}{topic.name}", " ".join(operations))


# -- the partners


def check_codes(given: Iterable[str]) -> tuple[str, ...]:
    """Organisation codes as the list writes them. Raises UnknownOrganisation."""
    known = {code.lower(): code for code in codes.organisations()}
    found = []
    for code in given:
        if code.lower() not in known:
            near = [known[name] for name in difflib.get_close_matches(code.lower(), known, 3, 0.6)]
            hint = f"; do you mean {', '.join(near)}?" if near else ""
            raise UnknownOrganisation(f"there is no organisation {code!r}{hint}")
        found.append(known[code.lower()])
    return tuple(dict.fromkeys(found))


async def sync_partners(
    login: Login,
    names: Names,
    given: Sequence[str],
    replication: Replication = ONE_BROKER,
    *,
    rotate: bool = False,
) -> Connected:
    """Connect organisations: four topics, a user, and the rights to its own topics and groups; safe to repeat.

    A user that is there keeps its password unless `rotate`. Raises UnknownOrganisation before anything is made, and
    TooFewBrokers.
    """
    return await asyncio.to_thread(_sync_partners, login, names, check_codes(given), replication, rotate)


def _sync_partners(
    login: Login, names: Names, organisations: Sequence[str], replication: Replication, rotate: bool
) -> Connected:
    admin = AdminClient(dict(login))
    _make_topics(admin, [topic for code in organisations for topic in partner_topics(code, names, replication)])
    if not _has_users(login):
        return Connected(tuple(organisations))
    users = {partner_user(code, names): code for code in organisations}
    there = set() if rotate else _existing_users(admin, users)
    passwords = {user: secrets.token_urlsafe(24) for user in users if user not in there}
    _set_passwords(admin, passwords)
    _grant(admin, [right for code in organisations for right in partner_rights(code, names)])
    return Connected(tuple(organisations), {users[user]: password for user, password in passwords.items()})


async def list_partners(login: Login, names: Names) -> list[str]:
    """Codes of the organisations that are connected."""
    found = await asyncio.to_thread(lambda: AdminClient(dict(login)).list_topics(timeout=SECONDS).topics)
    return [code for code in codes.organisations() if names.delivery(code) in found]


def partner_user(code: str, names: Names) -> str:
    """The Kafka user of an organisation."""
    return f"{names.prefix}{codes.org_topic_code(code)}"


def partner_topics(code: str, names: Names, replication: Replication) -> list[NewTopic]:
    """Both lanes, both ways; one partition each, so that a partner's order is total.

    The broker stamps what partners write: their clocks shall move neither the lag nor the time of deletion.
    """
    inward = {"retention.ms": FOR_EVER, "message.timestamp.type": "LogAppendTime"}
    outward = {"retention.ms": str(PARTNER_KEPT_HOURS * 3_600_000)}
    made = [(names.intake(code, urgent=urgent), inward) for urgent in (False, True)]
    made += [(names.delivery(code, urgent=urgent), outward) for urgent in (False, True)]
    return [_topic(name, 1, config, replication) for name, config in made]


def partner_rights(code: str, names: Names) -> list[AclBinding]:
    """Write to its own intake, read its own deliveries, join its own groups; nothing else."""
    user = partner_user(code, names)
    rights = []
    for urgent in (False, True):
        rights += _allow(user, ResourceType.TOPIC, names.intake(code, urgent=urgent), "WRITE")
        rights += _allow(user, ResourceType.TOPIC, names.delivery(code, urgent=urgent), "READ")
    return rights + _allow(user, ResourceType.GROUP, f"{partner_user(code, names)}.", "READ", prefixed=True)


# -- the broker


def _has_users(login: Login) -> bool:
    """False on a listener without logins, where rights mean nothing."""
    return "SASL" in str(login.get("security.protocol", "PLAINTEXT"))


def _allow(user: str, kind: ResourceType, name: str, operations: str, *, prefixed: bool = False) -> list[AclBinding]:
    pattern = ResourcePatternType.PREFIXED if prefixed else ResourcePatternType.LITERAL
    return [
        AclBinding(kind, name, pattern, f"User:{user}", "*", AclOperation[operation], AclPermissionType.ALLOW)
        for operation in operations.split()
    ]


def _make_topics(admin: AdminClient, topics: Sequence[NewTopic]) -> None:
    there = admin.list_topics(timeout=SECONDS).topics
    new = [topic for topic in topics if topic.topic not in there]
    for future in admin.create_topics(new).values() if new else ():
        try:
            future.result(SECONDS)
        except KafkaException as error:
            code = error.args[0].code()
            if code == KafkaError.INVALID_REPLICATION_FACTOR:
                raise TooFewBrokers(error.args[0].str()) from None
            if code != KafkaError.TOPIC_ALREADY_EXISTS:
                raise


def _existing_users(admin: AdminClient, users: Collection[str]) -> set[str]:
    found = set()
    answers: Any = admin.describe_user_scram_credentials(list(users))
    for user, future in answers.items():
        try:
            future.result(SECONDS)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.RESOURCE_NOT_FOUND:
                raise
        else:
            found.add(user)
    return found


def _set_passwords(admin: AdminClient, passwords: Mapping[str, str]) -> None:
    kind = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, SCRAM_ROUNDS)
    changes: list[Any] = [
        UserScramCredentialUpsertion(user, kind, password.encode()) for user, password in passwords.items()
    ]
    _wait(admin.alter_user_scram_credentials(changes) if changes else {})


def _grant(admin: AdminClient, rights: Sequence[AclBinding]) -> None:
    _wait(admin.create_acls(list(rights)) if rights else {})


def _wait(futures: Mapping[Any, Any]) -> None:
    for future in futures.values():
        future.result(SECONDS)
