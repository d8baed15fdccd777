"""Who is connected, and what counts on which day."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from prometheus_client import REGISTRY

from contracts.model import WIB
from services.gateway import directory
from services.gateway.domain import agreements
from services.gateway.exchange.connections import Connections
from tests.gateway.exchange.installation import Installation
from tests.gateway.exchange.samples import raised, registered

LAST_DAY = date(2030, 12, 31)
"""`valid_to` of every agreement that does not stand for emergencies."""
AGREEMENTS = agreements.load()
EVENING = datetime(2030, 12, 31, 23, 59, tzinfo=WIB)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the time of day that the exchange goes by."""
    return lambda at: monkeypatch.setattr(directory, "datetime", SimpleNamespace(now=at.astimezone))


async def test_a_new_day_in_jakarta_ends_what_has_run_out_though_nobody_connects(
    running: Installation, clock: Callable[[datetime], None]
) -> None:
    chosen = Connections(running.exchange.settings, running.names, lambda: AGREEMENTS)
    try:
        clock(EVENING)
        await chosen.refresh()
        before = chosen.routing
        assert {one.receiver for one in before.of_person(registered())} == {"KBRI_KUL", "KAB-33.07", "BPS", "BPJS_TK"}
        clock(EVENING + timedelta(minutes=2))
        assert chosen.routing.of_person(registered()) == ()
        assert chosen.routing.of_alert(raised())
        assert before.today == LAST_DAY
        assert chosen.routing.connected == before.connected
    finally:
        await chosen.close()


async def test_who_gets_what_is_worked_out_anew_only_when_something_changed(running: Installation) -> None:
    chosen = Connections(running.exchange.settings, running.names, lambda: AGREEMENTS)
    try:
        await chosen.refresh()
        before = chosen.routing
        await chosen.refresh()
        assert chosen.routing is before
    finally:
        await chosen.close()


async def test_what_is_approved_or_ended_counts_from_the_next_look_on(running: Installation) -> None:
    known = [AGREEMENTS]
    chosen = Connections(running.exchange.settings, running.names, lambda: known[-1])
    try:
        await chosen.refresh()
        assert "BPS" in {one.receiver for one in chosen.routing.of_person(registered())}
        known.append(tuple(one for one in AGREEMENTS if one.id != "official-statistics"))
        assert "BPS" not in {one.receiver for one in chosen.routing.of_person(registered())}
    finally:
        await chosen.close()


async def test_several_may_ask_at_once(running: Installation) -> None:
    """Intake, a probe and the clock do; the first of them connects."""
    chosen = Connections(running.exchange.settings, running.names, lambda: AGREEMENTS)
    try:
        await asyncio.gather(*(chosen.refresh() for _ in range(5)))
        assert chosen.topics >= {running.names.intake("KP2MI")}
        assert REGISTRY.get_sample_value("simpul_partner_connected", {"organisation": "KP2MI"}) == 1
        chosen.current.connected = frozenset({"BNPB"})
        await chosen.refresh()
        assert REGISTRY.get_sample_value("simpul_partner_connected", {"organisation": "BNPB"}) == 0
    finally:
        await chosen.close()
