"""Organisations change in the middle of a load: nothing is doubled, refused or lost."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from contracts.gateway import (
    LiftSuspension,
    NameSuccessor,
    OrganisationCommand,
    RenameOrganisation,
    SuspendOrganisation,
)
from simulation.scenario.people import make_nik
from tests.eventually import eventually
from tests.gateway.exchange.installation import Installation, Partner
from tests.gateway.exchange.samples import DISTRESS, IDENTITY, REGISTRATION, headers, with_

REGISTER, CONFIRM, ALERT = (
    "partner.registration.submitted.v1",
    "partner.identity.confirmed.v1",
    "partner.alert.reported.v1",
)
COPY, ALERT_COPY = "exchange.person.copied.v1", "exchange.alert.copied.v1"
RENAMED, MERGED, SUCCESSOR, SUSPENDED = "33.01-DISNAKER", "33.02-DISNAKER", "33.04-DISNAKER", "33.03-DISNAKER"
CODES = (RENAMED, MERGED, SUCCESSOR, SUSPENDED)
HALF = 15
TODAY = date(2026, 1, 1)
_serials = count(5000)


@pytest.fixture(scope="module")
async def partners(running: Installation) -> AsyncIterator[dict[str, Partner]]:
    async with AsyncExitStack() as stack:
        made = {code: await stack.enter_async_context(running.connected(code)) for code in CODES}
        await running.exchange.connections.refresh()
        await running.urgent.connections.refresh()
        yield made


def somebody(nik: str) -> dict[str, Any]:
    """A registration of a woman who has nothing in common with others but her birthday."""
    name = "".join(chr(ord("a") + int(digit)) for digit in nik[-4:])
    person = {"full_name": f"{name}wati {name[::-1]}ningsih", "nik": nik, "birth_date": "1998-12-05", "sex": "P"}
    return REGISTRATION | {"person": person | {"home_regency": "33.07"}}


def registrations(code: str, part: str) -> dict[str, str]:
    """NIK by id of the record."""
    return {
        f"{code}-{part}-{number}": make_nik("33.07", date(1998, 12, 5), "P", next(_serials)) for number in range(HALF)
    }


async def load(partner: Partner, niks: Mapping[str, str]) -> None:
    """As fast as the broker takes them."""
    async with AIOKafkaProducer(**partner.login.client) as producer:
        for name, nik in niks.items():
            found = headers(REGISTER, source=f"/{partner.code}/test", id=name)
            await producer.send(partner.names.intake(partner.code), json.dumps(somebody(nik)).encode(), headers=found)
        await producer.flush()


async def owners(running: Installation) -> Counter[str]:
    """How many persons each of ours has registered, as the registry's log tells."""
    events = await running.events("registry")
    registered = {
        event["person"]: event
        for event in events
        if event.get("type") == "registry.person.registered.v1"  # other tests leave odd events in the log
    }
    return Counter(event["facets"]["owner"] for event in registered.values() if event["facets"]["owner"] in CODES)


def outcomes(partner: Partner) -> Counter[str]:
    """What became of its records, each receipt once."""
    receipts = {
        receipt["receipt"]: receipt
        for body in partner.copies("exchange.receipts.reported.v1")
        for receipt in body["receipts"]
    }
    by_record = Counter(receipt["record"] for receipt in receipts.values())
    assert set(by_record.values()) <= {1}, "a record has two receipts"
    return Counter(receipt["result"] for receipt in receipts.values())


async def known(running: Installation, check: Any) -> None:
    """Until both exchanges know it."""

    def everywhere() -> bool:
        return all(check(process.directory.organisations()) for process in (running.exchange, running.urgent))

    await eventually(everywhere, timeout=30)


async def test_one_is_renamed_two_are_merged_and_one_is_suspended_in_the_middle_of_a_load(
    running: Installation, partners: dict[str, Partner]
) -> None:
    first, second = ({code: registrations(code, part) for code in CODES} for part in ("before", "after"))
    changes: list[OrganisationCommand] = [
        RenameOrganisation(organisation=RENAMED, name_id="Dinas Baru", name_en="New Office", since=TODAY),
        NameSuccessor(organisation=MERGED, successor=SUCCESSOR, since=TODAY),
        SuspendOrganisation(organisation=SUSPENDED, reason="credentials_stolen"),
    ]
    before = asyncio.gather(*(load(partners[code], niks) for code, niks in first.items()))
    await asyncio.gather(*(running.operate(change) for change in changes))
    await before
    await known(running, lambda now: SUSPENDED in now.suspended and now.successor(MERGED, _now()) == SUCCESSOR)

    await asyncio.gather(*(load(partners[code], niks) for code, niks in second.items()))
    both = {"applied": 2 * HALF}
    await eventually(lambda: all(outcomes(partners[code]) == both for code in CODES[:3]), timeout=120)
    assert outcomes(partners[SUSPENDED])["refused"] == 0
    assert (await owners(running))[SUSPENDED] <= HALF

    await partners[SUSPENDED].send(ALERT, DISTRESS, urgent=True, id="distress-1")
    marked = await eventually(
        lambda: [one for one in running["KBRI_KUL"].copies(ALERT_COPY) if one.get("source_suspended")], timeout=30
    )
    assert len({one["alert"] for one in marked}) == 1
    await running.operate(LiftSuspension(organisation=SUSPENDED))
    await known(running, lambda now: not now.suspended)
    await eventually(lambda: outcomes(partners[SUSPENDED]) == {"applied": 2 * HALF + 1}, timeout=120)
    assert await owners(running) == dict.fromkeys(CODES, 2 * HALF)

    await the_successor_owns_what_was_the_others(running, partners, first[MERGED][f"{MERGED}-before-0"])


async def the_successor_owns_what_was_the_others(running: Installation, partners: dict[str, Partner], nik: str) -> None:
    await running["KEMENDAGRI"].send(CONFIRM, with_(IDENTITY, "person", {"nik": nik}), id="confirm-merged")
    follow_up = await eventually(lambda: _follow_ups(partners[SUCCESSOR]), timeout=30)
    assert len(follow_up) == 1
    assert _follow_ups(partners[MERGED]) == []
    await load(partners[SUCCESSOR], {"again": nik})
    (receipt,) = await eventually(lambda: partners[SUCCESSOR].receipts("again"), timeout=30)
    assert (receipt["result"], receipt["warnings"]) == ("applied", [])


def _follow_ups(partner: Partner) -> list[dict[str, Any]]:
    return [one for one in partner.copies(COPY) if one["event"] == "registry.person.identity_confirmed.v1"]


def _now() -> datetime:
    return datetime.now(UTC)
