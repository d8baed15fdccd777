"""The broker as its administrator sees it: topics, users, rights, and how far consumers have read."""

import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    OffsetSpec,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)

Login = Mapping[str, str | int | float | bool]
"""confluent-kafka's settings of an administrator's client."""

SCRAM_ROUNDS = 8192
SECONDS = 30.0
"""For one request of an administrator."""


class TooFewBrokers(Exception):
    """Topics shall be held by more brokers than there are; the text is the broker's."""


def connect(login: Login) -> AdminClient:
    """Keep it while its answers are awaited: they end with it."""
    return AdminClient(dict(login))


def has_users(login: Login) -> bool:
    """False on a listener without logins, where rights mean nothing."""
    return "SASL" in str(login.get("security.protocol", "PLAINTEXT"))


# -- topics


def list_topics(admin: AdminClient) -> set[str]:
    return set(admin.list_topics(timeout=SECONDS).topics)


def make_topics(admin: AdminClient, topics: Sequence[NewTopic]) -> None:
    """Returns when the broker shows them. Those that are there stay as they are. Raises TooFewBrokers."""
    existing = list_topics(admin)
    new = [topic for topic in topics if topic.topic not in existing]
    for future in admin.create_topics(new).values() if new else ():
        try:
            future.result(SECONDS)
        except KafkaException as error:
            code = error.args[0].code()
            if code == KafkaError.INVALID_REPLICATION_FACTOR:
                raise TooFewBrokers(error.args[0].str()) from None
            if code != KafkaError.TOPIC_ALREADY_EXISTS:
                raise
    deadline, names = time.monotonic() + SECONDS, {topic.topic for topic in new}
    while not names <= list_topics(admin) and time.monotonic() < deadline:
        time.sleep(0.05)


def delete_topics(admin: AdminClient, topics: Collection[str]) -> None:
    """Those that are there, with all that stands in them. A broker still lists a topic just after it is gone."""
    existing = sorted(list_topics(admin) & set(topics))
    for future in admin.delete_topics(existing, operation_timeout=SECONDS).values() if existing else ():
        try:
            future.result(SECONDS)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                raise


# -- users


def existing_users(admin: AdminClient, users: Collection[str]) -> set[str]:
    existing = set()
    answers: Any = admin.describe_user_scram_credentials(list(users))
    for user, future in answers.items():
        try:
            future.result(SECONDS)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.RESOURCE_NOT_FOUND:
                raise
        else:
            existing.add(user)
    return existing


def set_passwords(admin: AdminClient, passwords: Mapping[str, str]) -> None:
    """Users that are not there are made."""
    kind = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, SCRAM_ROUNDS)
    changes: list[Any] = [
        UserScramCredentialUpsertion(user, kind, password.encode()) for user, password in passwords.items()
    ]
    wait(admin.alter_user_scram_credentials(changes) if changes else {})


def delete_user(admin: AdminClient, user: str) -> None:
    if existing_users(admin, [user]):
        deletion: list[Any] = [UserScramCredentialDeletion(user, ScramMechanism.SCRAM_SHA_512)]
        wait(admin.alter_user_scram_credentials(deletion))


# -- rights


def right(
    user: str,
    kind: ResourceType,
    name: str,
    operation: AclOperation,
    permission: AclPermissionType = AclPermissionType.ALLOW,
    *,
    prefixed: bool = False,
) -> AclBinding:
    """What a user may do, or with DENY may not, from any host; `prefixed`: wherever a name begins so."""
    pattern = ResourcePatternType.PREFIXED if prefixed else ResourcePatternType.LITERAL
    return AclBinding(kind, name, pattern, f"User:{user}", "*", operation, permission)


def rights(user: str, kind: ResourceType, name: str, operations: str, *, prefixed: bool = False) -> list[AclBinding]:
    """`operations` by their names, separated by spaces."""
    return [right(user, kind, name, AclOperation[operation], prefixed=prefixed) for operation in operations.split()]


def add_rights(admin: AdminClient, bindings: Sequence[AclBinding]) -> None:
    wait(admin.create_acls(list(bindings)) if bindings else {})


def delete_rights(admin: AdminClient, bindings: Sequence[AclBinding]) -> None:
    """These alone, and no other that they cover."""
    exactly = [
        AclBindingFilter(
            binding.restype, binding.name, binding.resource_pattern_type, binding.principal, binding.host,
            binding.operation, binding.permission_type,
        )
        for binding in bindings
    ]  # fmt: skip
    wait(admin.delete_acls(exactly, request_timeout=SECONDS))


def denied_topics(admin: AdminClient) -> set[tuple[str, str]]:
    """User and topic, or `*`, of each denial of writing or of everything, by the whole name."""
    return {
        (binding.principal.removeprefix("User:"), binding.name)
        for binding in _denials(admin, ResourcePatternType.LITERAL)
        if binding.operation in (AclOperation.WRITE, AclOperation.ALL)
    }


def denied_by_prefix(admin: AdminClient) -> set[tuple[str, str]]:
    """User and topic of each denial by the beginning of a name."""
    return {
        (binding.principal.removeprefix("User:"), binding.name)
        for binding in _denials(admin, ResourcePatternType.PREFIXED)
    }


def _denials(admin: AdminClient, pattern: ResourcePatternType) -> Sequence[AclBinding]:
    anything: Any = (ResourceType.TOPIC, None, pattern, None, None, AclOperation.ANY, AclPermissionType.DENY)
    bindings: Sequence[AclBinding] = admin.describe_acls(AclBindingFilter(*anything), request_timeout=SECONDS).result(
        SECONDS
    )
    return bindings


# -- how far consumers have read

Place = tuple[str, int]
"""Topic and partition."""


def log_ranges(admin: AdminClient, topics: Collection[str]) -> dict[Place, tuple[int, int]]:
    """The first offset that is kept and the one that comes next, of each partition of those topics that exist."""
    partitions = [
        TopicPartition(topic, partition)
        for topic, metadata in admin.list_topics(timeout=SECONDS).topics.items()
        if topic in topics
        for partition in metadata.partitions
    ]
    starts = _offsets(admin, partitions, OffsetSpec.earliest())  # type: ignore[no-untyped-call]
    ends = _offsets(admin, partitions, OffsetSpec.latest())  # type: ignore[no-untyped-call]
    return {place: (starts[place], end) for place, end in ends.items()}


def list_groups(admin: AdminClient, prefix: str) -> list[str]:
    """Consumer groups whose names begin with a prefix."""
    answer: Any = admin.list_consumer_groups(request_timeout=SECONDS).result(SECONDS)
    return sorted(group.group_id for group in answer.valid if group.group_id.startswith(prefix))


def committed_offsets(admin: AdminClient, group: str) -> dict[Place, int]:
    """Where a group goes on, by partition."""
    request = [ConsumerGroupTopicPartitions(group)]
    answer = admin.list_consumer_group_offsets(request, request_timeout=SECONDS)[group].result(SECONDS)
    return {(place.topic, place.partition): place.offset for place in answer.topic_partitions if place.offset >= 0}


def count_unread(ranges: Mapping[Place, tuple[int, int]], committed: Mapping[Place, int]) -> Counter[str]:
    """Records of each topic that are not acknowledged; of a partition never acknowledged, all that are kept."""
    counts: Counter[str] = Counter()
    for place, (start, end) in ranges.items():
        counts[place[0]] += end - max(committed.get(place, 0), start)
    return counts


def delete_groups(admin: AdminClient, groups: Sequence[str]) -> None:
    """Those that nobody is in any more; a member that is still connected keeps its group."""
    for future in admin.delete_consumer_groups(list(groups), request_timeout=SECONDS).values() if groups else ():
        try:
            future.result(SECONDS)
        except KafkaException as error:
            if error.args[0].code() not in (KafkaError.NON_EMPTY_GROUP, KafkaError.GROUP_ID_NOT_FOUND):
                raise


def _offsets(admin: AdminClient, partitions: Sequence[TopicPartition], spec: OffsetSpec) -> dict[Place, int]:
    futures = admin.list_offsets(dict.fromkeys(partitions, spec), request_timeout=SECONDS) if partitions else {}
    return {(place.topic, place.partition): future.result(SECONDS).offset for place, future in futures.items()}


def wait(futures: Mapping[Any, Any]) -> None:
    """Until each is answered; raises KafkaException."""
    for future in futures.values():
        future.result(SECONDS)
