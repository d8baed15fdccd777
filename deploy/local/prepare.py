"""What has to be there before the five processes start: key rings, topics, users and their rights."""

from collections.abc import Mapping
from pathlib import Path

from contracts.topics import Names
from deploy.local.kafka import KafkaLogin


def key_rings(folder: Path) -> None:
    """A key ring for each service in `folder`, made at the first start and kept."""
    from deploy.local.keys import ensure

    ensure(folder)


async def topics_and_users(administrator: KafkaLogin, prefix: str, passwords: Mapping[str, str]) -> None:
    """Internal topics, and per service a user with these passwords and the rights it needs; safe to repeat."""
    from services.gateway.provisioning import sync_services

    await sync_services(administrator.confluent, Names(prefix), passwords)
