"""Builders that every room of tests shares: valid by default, so that a test names only what matters."""

from collections.abc import Sequence
from typing import Any

import httpx
from aiokafka import ConsumerRecord

from chassis.security.keys import KeyRing
from contracts.commands import Principal
from deploy.local import keys

OFFICER = Principal(organisation="KP2MI")
OPERATOR = Principal(organisation="KEMLU", user="u-1", roles=("operator",))


def a_record(
    offset: int = 0,
    key: bytes | None = b"key",
    value: bytes | None = b"{}",
    headers: Sequence[tuple[str, bytes | None]] = (),
    topic: str = "topic",
    partition: int = 0,
) -> Any:
    """A record as a consumer takes it from the log."""
    return ConsumerRecord(topic, partition, offset, 1_772_330_400_000, 0, key, value, None, -1, -1, headers)


def two_rings(service: str = "alerts") -> tuple[KeyRing, KeyRing]:
    """The gateway's key ring and a service's, of the same installation; `service` need not be one of ours."""
    made = keys.rings()
    gateway, own = made["gateway"], made["alerts"]
    gateway["public"][f"sealing-{service}"] = gateway["public"]["sealing-alerts"]
    own["secrets"][f"sealing-{service}"] = own["secrets"]["sealing-alerts"]
    return KeyRing(**gateway), KeyRing(**own)


def told(answer: httpx.Response) -> dict[str, Any]:
    """What an answer says, without the trace, of which every request has its own."""
    return {name: value for name, value in answer.json().items() if name != "trace_id"}
