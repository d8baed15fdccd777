"""`python -m deploy.compose.setup`: topics, and the processes' Kafka users and rights, before the services start."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from contracts.topics import PROCESSES, Names
from deploy.compose.secrets import MOUNT
from deploy.local.errors import CannotProceed
from deploy.local.kafka import KafkaLogin
from deploy.local.prepare import topics_and_users
from services.gateway.settings import Replication


def main() -> None:
    """KAFKA_URL and its companions name the broker and its administrator, KAFKA_REPLICATION how many hold a record.

    Raises CannotProceed.
    """
    login = KafkaLogin.given()
    if login is None:
        raise CannotProceed("KAFKA_URL is not set.")
    passwords = json.loads(Path(MOUNT, "passwords.json").read_text())
    users: dict[str, str] = {name: passwords[name] for name in PROCESSES}
    asyncio.run(topics_and_users(login, Names().prefix, users, Replication()))


if __name__ == "__main__":
    main()
