"""What has to be there before the processes start: key rings, topics, users and their rights."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from contracts.topics import Names
from deploy.local.kafka import KafkaLogin
from deploy.local.secret_files import keep
from services.gateway.settings import Replication


def key_rings(folder: Path) -> None:
    """A key ring for each service in `folder`, made at the first start and kept."""
    from deploy.local.keys import ensure

    ensure(folder)


async def topics_and_users(
    administrator: KafkaLogin, prefix: str, passwords: Mapping[str, str], replication: Replication
) -> None:
    """Internal topics, and per service a user with these passwords and the rights it needs; safe to repeat."""
    from services.gateway.provisioning import sync_services

    await sync_services(administrator.confluent, Names(prefix), passwords, replication)


async def partners(
    administrator: KafkaLogin, prefix: str, organisations: Sequence[str], folder: Path, replication: Replication
) -> dict[str, KafkaLogin]:
    """Connect organisations; their logins, by code. Passwords are kept in `folder`, readable by its owner only."""
    from services.gateway.provisioning import partner_user, sync_partners

    names = Names(prefix)
    files = {code: folder / f"{code.lower()}.password" for code in organisations}
    made = (await sync_partners(administrator.confluent, names, organisations, replication)).passwords
    lost = [code for code in organisations if code not in made and not files[code].exists()]
    if lost:
        made |= (await sync_partners(administrator.confluent, names, lost, replication, rotate=True)).passwords
    for code, password in made.items():
        keep(files[code], password)
    if "SASL" not in administrator.security:
        return dict.fromkeys(organisations, administrator)
    return {
        code: replace(administrator, user=partner_user(code, names), password=file.read_text())
        for code, file in files.items()
    }
