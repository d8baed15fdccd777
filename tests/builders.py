"""Builders that every room of tests shares: valid by default, so that a test names only what matters."""

from collections.abc import Sequence
from typing import Any

import httpx
from aiokafka import ConsumerRecord

from chassis.security.keys import KeyRing
from contracts.commands import Principal
from deploy.local import keys

OFFICER = Principal(organisation="KP2MI")
OPERATOR = Principal(organisation="SIMPUL", user="wayan.adi", roles=("operator",), purpose="operations")


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
    """The api's key ring and a service's, of the same installation; `service` need not be one of ours."""
    api, _, own = three_rings(service)
    return api, own


def three_rings(service: str = "alerts") -> tuple[KeyRing, KeyRing, KeyRing]:
    """As `two_rings`, with the operators' between them."""
    made = keys.rings()
    api, own = made["gateway-api"], made["alerts"]
    api["public"][f"sealing-{service}"] = api["public"]["sealing-alerts"]
    own["secrets"][f"sealing-{service}"] = own["secrets"]["sealing-alerts"]
    return KeyRing(**api), KeyRing(**made["operators"]), KeyRing(**own)


def told(answer: httpx.Response) -> dict[str, Any]:
    """What an answer says, without the trace, of which every request has its own."""
    return {name: value for name, value in answer.json().items() if name != "trace_id"}
