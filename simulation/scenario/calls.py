"""Distress calls: while nothing else happens, and while their sender's own load is running."""

import asyncio
import time

from contracts.codes import missions
from simulation.scenario import records
from simulation.scenario.cast import COORDINATION, FOREIGN, LOADER, MISSIONS
from simulation.scenario.day import Course, Life
from simulation.scenario.facts import PATIENCE
from simulation.scenario.partners import Client
from simulation.scenario.stage import Stage
from simulation.scenario.told import Call, Emergency, Told

CALL_SECONDS = 15
"""After this long a call counts as not delivered."""


async def play_idle(stage: Stage, told: Told, count: int) -> None:
    """Calls one after the other on a quiet platform."""
    for number, life in enumerate(_callers(told)[:count]):
        told.idle_calls.append(await _call(stage, told, life, number))
        stage.progress("distress calls, quiet", number + 1, count)


async def play_under_load(stage: Stage, told: Told, count: int) -> None:
    """Calls during the first half of the load, fewer where that is over early; the mission takes the first of them."""
    loader = stage.partners[LOADER]
    batch = told.day.bulk()
    told.load = await loader.send(batch)
    told.note(LOADER, told.load)
    callers = _callers(told)[::-1][:count]
    taking: asyncio.Task[None] | None = None
    for number, life in enumerate(callers):
        due = number * len(batch) // (2 * count)
        await stage.until("load, to the next call", lambda: loader.inbox.settled(told.load), due, within=PATIENCE)
        if loader.inbox.settled(told.load) > len(batch) // 2:
            break
        trace = records.new_traceparent()
        told.load_calls.append(await _call(stage, told, life, 100 + number, trace))
        taking = taking or asyncio.create_task(_take(stage, told, trace))
    await stage.until("bulk load", lambda: loader.inbox.settled(told.load), len(batch), within=PATIENCE)
    if taking:
        await taking


async def watch(stage: Stage, told: Told) -> None:
    """What the migration coordinator's stream shows, until cancelled."""
    async with stage.person(COORDINATION, "koordinator", "migration_coordinator") as coordinator:
        async for notice in coordinator.stream():
            told.notices.append(notice)


def _callers(told: Told) -> list[Life]:
    """Departed workers whom a connected mission serves; last those who left without a placement."""
    reached = [life for life in told.day.sound if set(life.missions) & set(MISSIONS)]
    unplaced = [life for life in reached if life.course is Course.UNPLACED]
    return [life for life in reached if life.course is Course.DEPARTED] + unplaced


async def _call(stage: Stage, told: Told, life: Life, number: int, traceparent: str = "") -> Call:
    record = records.distress(LOADER, life.person, number, traceparent=traceparent)
    organisations = (*(one for one in missions(life.person.destination) if one in MISSIONS), FOREIGN, LOADER)
    sent = await stage.partners[LOADER].send([record], urgent=True)
    told.note(LOADER, sent)
    call = Call(life.person, record.id, organisations, sent[record.id])
    deadline = time.monotonic() + CALL_SECONDS
    while not call.complete and time.monotonic() < deadline:
        await asyncio.sleep(0.005)
        _look(stage, call)
    if told.load:
        call.load_left = len(told.load) - stage.partners[LOADER].inbox.settled(told.load)
    return call


def _look(stage: Stage, call: Call) -> None:
    """The receipt names the alert; the first copy of it at each told organisation is its arrival."""
    receipts = stage.partners[LOADER].inbox.receipts.get(call.record)
    if receipts and "subject" in receipts[0].body:
        call.alert = receipts[0].body["subject"]
    for organisation in call.told:
        if copies := stage.partners[organisation].inbox.alerts.get(call.alert):
            call.arrived[organisation] = copies[0].at


async def _take(stage: Stage, told: Told, traceparent: str) -> None:
    """The duty officer of the mission takes the alert that the copy told of, in the copy's own trace."""
    call = told.load_calls[0]
    told.emergency = Emergency(call, traceparent.split("-")[1], officer=call.told[0])
    copies = stage.partners[call.told[0]].inbox.alerts.get(call.alert)
    if not copies:
        return
    async with stage.person(call.told[0], "petugas-piket", "duty_officer") as officer:
        began = time.monotonic()
        headers = {"traceparent": copies[0].traceparent} if copies[0].traceparent else {}
        answer = await officer.ask("POST", f"/v1/alerts/{call.alert}/acknowledgement", if_match='"1"', **headers)
        told.emergency.acknowledged = (time.monotonic() - began) * 1000
        told.emergency.status = answer.status_code
        await _seen(stage, told, officer)


async def _seen(stage: Stage, told: Told, officer: Client) -> None:
    """Wait for the news of it at those who were told, and on the coordinator's stream."""
    assert told.emergency
    call = told.emergency.call
    others = [stage.partners[code].inbox for code in call.told]

    def news() -> int:
        known = sum(any(c.body["state"] == "acknowledged" for c in one.alerts.get(call.alert, ())) for one in others)
        shown = any(name == "alert.acknowledged" and data["alert"] == call.alert for name, data in told.notices)
        return known + shown

    await stage.until("acknowledgement seen", news, len(others) + 1, within=60)
    told.reads["alert, by its officer"] = (await officer.ask("GET", f"/v1/alerts/{call.alert}")).status_code
