"""Which partners are connected; withdrawing a partner's rights, giving them back, and disconnecting it for good."""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from contracts import codes
from contracts.topics import Names, partner_slug
from services.gateway import broker
from services.gateway.broker import Login
from services.gateway.provisioning import intake_rights, load_denials, partner_user

NOTICED_SECONDS = 10.0
"""By then every exchange has seen that a partner is connected no more, whether it can be asked or not: they look every
few seconds."""
TAKEN_SECONDS = 15.0
"""So long a disconnection waits for the exchange to take what the partner sent last."""


class NoUsers(Exception):
    """This broker takes everybody: there are no rights to withdraw."""


class NotConnected(Exception):
    """The text names the organisation."""


@dataclass(frozen=True, slots=True)
class Partner:
    """One that is connected. `loads_withdrawn`: it sent more than its share (`flood_watch`).

    `not_taken`: records it sent that the exchange has not read.
    `not_read`: messages for it that no group of its own has acknowledged; whoever reads without a group is not seen.
    """

    code: str
    cut_off: bool
    loads_withdrawn: bool
    not_taken: int
    not_read: int


async def list_partners(login: Login, names: Names) -> list[Partner]:
    """Every organisation that has a topic of its own."""
    return await asyncio.to_thread(_list_partners, login, names)


async def cut_off(login: Login, names: Names, code: str) -> None:
    """Deny a partner everything, at once and on open connections too; its topics, user and password stay.

    Raises NotConnected and NoUsers.
    """
    await asyncio.to_thread(_cut_off, login, names, code)


async def restore(login: Login, names: Names, code: str) -> None:
    """Take that denial back, and no other: what the watches over floods and suspensions withdrew they give back.

    Raises NotConnected and NoUsers.
    """
    await asyncio.to_thread(_restore, login, names, code)


async def settle(login: Login, names: Names, code: str, within: float = TAKEN_SECONDS) -> Partner:
    """How a partner stands when the exchange has taken what it sent, or `within` seconds have passed."""
    deadline = asyncio.get_running_loop().time() + within
    while True:
        (partner,) = await asyncio.to_thread(_describe, broker.connect(login), names, [code])
        if not partner.not_taken or asyncio.get_running_loop().time() > deadline:
            return partner
        await asyncio.sleep(0.5)


Noticed = Callable[[], Awaitable[bool]]
"""Whether every exchange is known to have noticed that a partner is connected no more."""


async def disconnect(login: Login, names: Names, code: str, noticed: Noticed, within: float = NOTICED_SECONDS) -> None:
    """Remove a partner's user, rights, topics and groups. First of all the topic without which it is connected no more.

    The rest follows when the exchanges have `noticed`, so that none of them waits for a topic that is gone, or after so
    many seconds. Raises NotConnected.
    """
    admin = broker.connect(login)
    await asyncio.to_thread(_require_connected, admin, names, code)
    await asyncio.to_thread(broker.delete_topics, admin, [names.delivery(code, urgent=True)])
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within):
            while not await noticed():
                await asyncio.sleep(0.25)
    await asyncio.to_thread(_remove, admin, names, code, users=broker.has_users(login))


def _list_partners(login: Login, names: Names) -> list[Partner]:
    admin = broker.connect(login)
    topics = broker.list_topics(admin)
    registered = sorted(_codes_in(names, topics) - codes.organisations().keys())
    connected = [code for code in (*codes.organisations(), *registered) if topics & _topics(names, code)]
    return _describe(admin, names, connected)


def _codes_in(names: Names, topics: Set[str]) -> set[str]:
    """Of organisations that have a topic to send loads."""
    intake = re.compile(names.intake_pattern(urgent=False))
    return {partner_slug(topic, names.prefix).upper() for topic in topics if intake.match(topic)}


def _topics(names: Names, code: str) -> set[str]:
    return {*_intake(names, code), *_deliveries(names, code)}


def _intake(names: Names, code: str) -> tuple[str, str]:
    return names.intake(code), names.intake(code, urgent=True)


def _deliveries(names: Names, code: str) -> tuple[str, str]:
    return names.delivery(code), names.delivery(code, urgent=True)


def _describe(admin: AdminClient, names: Names, organisations: Sequence[str]) -> list[Partner]:
    ranges = broker.log_ranges(admin, {topic for code in organisations for topic in _topics(names, code)})
    groups = broker.list_groups(admin, names.prefix)
    taken = _furthest(admin, groups, names.group("gateway-exchange"))
    not_taken, denied = broker.count_unread(ranges, taken), broker.denied_topics(admin)
    return [
        Partner(
            code,
            cut_off=(partner_user(code, names), "*") in denied,
            loads_withdrawn=(partner_user(code, names), names.intake(code)) in denied,
            not_taken=sum(not_taken[topic] for topic in _intake(names, code)),
            not_read=_not_read(ranges, names, code, _furthest(admin, groups, f"{partner_user(code, names)}.")),
        )
        for code in organisations
    ]


def _furthest(admin: AdminClient, groups: Sequence[str], prefix: str) -> dict[broker.Place, int]:
    """How far the furthest of those groups is whose names begin so."""
    offsets = dict[broker.Place, int]()
    for group in groups:
        if group.startswith(prefix):
            for place, offset in broker.committed_offsets(admin, group).items():
                offsets[place] = max(offset, offsets.get(place, 0))
    return offsets


def _not_read(
    ranges: Mapping[broker.Place, tuple[int, int]], names: Names, code: str, read: Mapping[broker.Place, int]
) -> int:
    unread = broker.count_unread(ranges, read)
    return sum(unread[topic] for topic in _deliveries(names, code))


def _denials(user: str) -> list[AclBinding]:
    return [
        broker.right(user, kind, "*", AclOperation.ALL, AclPermissionType.DENY)
        for kind in (ResourceType.TOPIC, ResourceType.GROUP)
    ]


def _cut_off(login: Login, names: Names, code: str) -> None:
    admin = broker.connect(login)
    _require_connected(admin, names, code)
    _require_users(login)
    broker.add_rights(admin, _denials(partner_user(code, names)))


def _restore(login: Login, names: Names, code: str) -> None:
    admin = broker.connect(login)
    _require_connected(admin, names, code)
    _require_users(login)
    broker.delete_rights(admin, _denials(partner_user(code, names)))


def _remove(admin: AdminClient, names: Names, code: str, *, users: bool) -> None:
    user = partner_user(code, names)
    broker.delete_topics(admin, _topics(names, code))
    broker.delete_groups(admin, broker.list_groups(admin, f"{user}."))
    if users:
        broker.delete_user(admin, user)
        broker.delete_rights(admin, [*load_denials(code, names), *intake_rights(code, names)])
        _delete_all_rights(admin, user)


def _delete_all_rights(admin: AdminClient, user: str) -> None:
    anything: Any = (
        ResourceType.ANY, None, ResourcePatternType.ANY, f"User:{user}", None, AclOperation.ANY, AclPermissionType.ANY,
    )  # fmt: skip
    broker.wait(admin.delete_acls([AclBindingFilter(*anything)], request_timeout=broker.SECONDS))


def _require_connected(admin: AdminClient, names: Names, code: str) -> None:
    if not broker.list_topics(admin) & _topics(names, code):
        raise NotConnected(f"{code} is not connected")


def _require_users(login: Login) -> None:
    if not broker.has_users(login):
        raise NoUsers("this broker has no users: everybody may do everything")
