"""Topics as one user sees them: whether it may write them, and their identity.

One made anew under its old name has another id, and cursors into the old one are expired.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicCollection, Uuid
from confluent_kafka.admin import AclOperation, AdminClient

from chassis.messaging.retry import Outage
from chassis.settings import Settings

REQUEST_SECONDS = 5.0
_BASE64URL = str.maketrans("+/", "-_")
_ABSENT = frozenset({KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError.TOPIC_AUTHORIZATION_FAILED})


@dataclass(frozen=True, slots=True)
class TopicDescription:
    """One topic as the broker knows it; `writable` by the user who asks."""

    id: str
    partitions: tuple[int, ...]
    writable: bool


class Topics:
    """Asks the broker; aiokafka's own admin client does not know topic ids."""

    def __init__(self, settings: Settings) -> None:
        self._admin = AdminClient(confluent_options(settings))

    async def find(self, topics: Iterable[str]) -> dict[str, TopicDescription]:
        """Those topics that exist, by name. Raises Outage."""
        wanted = TopicCollection(list(topics))
        futures = self._admin.describe_topics(
            wanted, include_authorized_operations=True, request_timeout=REQUEST_SECONDS
        )
        waiting = [asyncio.wrap_future(future) for future in futures.values()]
        results = await asyncio.gather(*waiting, return_exceptions=True)
        result_by_name = dict(zip(futures, results, strict=True))
        return {name: _description(result) for name, result in result_by_name.items() if _exists(result)}


def _description(result: Any) -> TopicDescription:
    partitions = tuple(sorted(partition.id for partition in result.partitions))
    allowed = result.authorized_operations or ()
    return TopicDescription(base64url(result.topic_id), partitions, writable=AclOperation.WRITE in allowed)


def base64url(topic_id: Uuid) -> str:
    """A topic's id as the broker writes it; the client writes standard base64, whose `+` means a space in a query."""
    return str(topic_id).translate(_BASE64URL)


def _exists(result: Any) -> bool:
    if isinstance(result, KafkaException):
        if result.args[0].code() in _ABSENT:
            return False
        raise Outage("the broker does not tell of its topics")
    if isinstance(result, BaseException):
        raise result
    return True


def confluent_options(settings: Settings) -> dict[str, str | int | float | bool]:
    """Settings of confluent-kafka's clients."""
    options: dict[str, str | int | float | bool] = {"bootstrap.servers": settings.kafka_url, "log_level": 2}
    if settings.kafka_security == "PLAINTEXT":
        return options
    password = settings.kafka_password.get_secret_value() if settings.kafka_password else ""
    options |= tls_options(settings) if settings.kafka_security == "SASL_SSL" else {}
    return options | {
        "security.protocol": settings.kafka_security,
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": settings.kafka_user or "",
        "sasl.password": password,
    }


def tls_options(settings: Settings) -> dict[str, str]:
    """TLS as confluent-kafka's clients are told of it; they check host names by default."""
    identity, ca = settings.identity, settings.kafka_ca or settings.tls_ca
    files = {
        "ssl.ca.location": ca,
        "ssl.certificate.location": identity.certificate if identity else None,
        "ssl.key.location": (identity.key or identity.certificate) if identity else None,
    }
    return {name: str(file) for name, file in files.items() if file is not None}
