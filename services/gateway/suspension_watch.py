"""A suspended organisation may write no loads and read no copies at the broker, until it is lifted; alerts go on.

The denials stand apart from those of `partner_access` and `flood_watch`: they are by prefix, so that each is given back
by whoever took it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from aiokafka.errors import KafkaError
from confluent_kafka import KafkaException
from confluent_kafka.admin import AclBinding, AclOperation, AclPermissionType, ResourceType

from contracts.topics import Names
from services.gateway import broker
from services.gateway.broker import Login
from services.gateway.domain.organisations import Organisations
from services.gateway.organisation_log import following
from services.gateway.provisioning import partner_user

AGAIN_SECONDS = 60.0
"""How often it is looked whether the denials stand, when nothing changed."""
RETRY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Change:
    """Rights of one organisation that were taken, or given back."""

    organisation: str
    suspended: bool


def denials(code: str, names: Names) -> list[AclBinding]:
    """What a suspended organisation may not: write loads, and read what is for it."""
    user, deny = partner_user(code, names), AclPermissionType.DENY
    loads = broker.right(user, ResourceType.TOPIC, names.intake(code), AclOperation.WRITE, deny, prefixed=True)
    copies = (names.delivery(code), names.delivery(code, urgent=True))
    return [
        loads,
        *(broker.right(user, ResourceType.TOPIC, name, AclOperation.READ, deny, prefixed=True) for name in copies),
    ]


def look(login: Login, names: Names, organisations: Organisations) -> list[Change]:
    """Bring the rights of every organisation in line; what was changed for it. Raises KafkaException."""
    admin = broker.connect(login)
    denied = broker.denied_by_prefix(admin)
    by_user = {partner_user(code, names): code for code in organisations.codes}
    standing = {by_user[user] for user, _ in denied if user in by_user}
    complete = {code for code in standing if {(b.principal[5:], b.name) for b in denials(code, names)} <= denied}
    taken = [Change(code, suspended=True) for code in sorted(organisations.suspended - complete)]
    given_back = [Change(code, suspended=False) for code in sorted(standing - organisations.suspended)]
    broker.add_rights(admin, [denial for change in taken for denial in denials(change.organisation, names)])
    if given_back:
        broker.delete_rights(admin, [denial for change in given_back for denial in denials(change.organisation, names)])
    return [*taken, *given_back]


async def watch(login: Login, names: Names, say: Callable[[Change], None]) -> None:
    """Follow what operators change, and `look` after each change and every minute, until cancelled.

    While the broker is away there is nothing to take: it serves nobody.
    """
    if not broker.has_users(login):
        return
    while True:
        try:
            async with following(login, names) as changes:
                await _keep(changes, login, names, say)
        except (KafkaError, KafkaException, OSError):
            await asyncio.sleep(RETRY_SECONDS)


async def _keep(
    changes: AsyncIterator[Organisations], login: Login, names: Names, say: Callable[[Change], None]
) -> None:
    seen, due, clock = None, 0.0, asyncio.get_running_loop().time
    async for organisations in changes:
        if organisations is not seen or clock() > due:
            for change in await asyncio.to_thread(look, login, names, organisations):
                say(change)
            seen, due = organisations, clock() + AGAIN_SECONDS
