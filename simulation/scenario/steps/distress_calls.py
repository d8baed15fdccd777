"""Distress calls: on a quiet platform, and while their sender's own load is running."""

import asyncio
import time

from services.notifications.alerts.domain.routing import Place, route
from simulation.scenario import partner_messages
from simulation.scenario.context import ScenarioContext
from simulation.scenario.day_plan import Journey, WorkerPlan
from simulation.scenario.observations import AcknowledgedCall, ApiRead, DistressCall, Observations
from simulation.scenario.participants import COORDINATION, MISSIONS, REGISTRY_OWNER, URGENT
from simulation.scenario.partners import Client
from simulation.scenario.people import SimulatedPerson
from simulation.scenario.waiting import CALL_SECONDS, ROUND_SECONDS, STEP_SECONDS

PURPOSE = "emergency_protection"
"""Of whoever reads what a reporter said."""


async def call_idle(context: ScenarioContext, observations: Observations, count: int) -> None:
    """Calls one after the other on a quiet platform."""
    for number, worker in enumerate(_callers(observations)[:count]):
        observations.idle_calls.append(await _call(context, observations, worker, number))
        context.progress("distress calls, quiet", number + 1, count)


async def call_under_load(context: ScenarioContext, observations: Observations, count: int) -> None:
    """Calls during the first half of the load, fewer where that is over early; the mission takes the first of them."""
    sender = context.partners[REGISTRY_OWNER]
    messages = observations.day.bulk()
    observations.load = await sender.send(messages)
    observations.note_sent(REGISTRY_OWNER, observations.load)
    callers = _callers(observations)[::-1][:count]
    acknowledging: asyncio.Task[None] | None = None

    def load_done() -> int:
        return sender.inbox.count_final(observations.load)

    for number, worker in enumerate(callers):
        due = number * len(messages) // (2 * count)
        await context.until("load, to the next call", load_done, due, within=STEP_SECONDS)
        if load_done() > len(messages) // 2:
            break
        trace = partner_messages.new_traceparent()
        observations.load_calls.append(await _call(context, observations, worker, 100 + number, trace))
        acknowledging = acknowledging or asyncio.create_task(_acknowledge(context, observations, trace))
    await context.until("bulk load", load_done, len(messages), within=STEP_SECONDS)
    if acknowledging:
        await acknowledging


async def watch_stream(context: ScenarioContext, observations: Observations) -> None:
    """Note what the migration coordinator's stream shows, until cancelled."""
    async with context.officer(COORDINATION, "koordinator", "migration_coordinator") as coordinator:
        async for notice in coordinator.stream():
            observations.stream.append(notice)


def _callers(observations: Observations) -> list[WorkerPlan]:
    """Departed workers whom a connected mission serves; last those who left without a placement."""
    reachable = [worker for worker in observations.day.valid if set(_recipients(worker.person)) & set(MISSIONS)]
    unplaced = [worker for worker in reachable if worker.journey is Journey.DEPARTED_UNPLACED]
    return [worker for worker in reachable if worker.journey is Journey.DEPARTED] + unplaced


def _recipients(person: SimulatedPerson) -> tuple[str, ...]:
    """Whom the routing of alerts names for a call from the person's destination, as far as they are connected."""
    routing = route(partner_messages.DISTRESS, Place(country=person.destination))
    return tuple(code for code in routing.recipients if code in URGENT)


async def _call(
    context: ScenarioContext, observations: Observations, worker: WorkerPlan, number: int, traceparent: str = ""
) -> DistressCall:
    message = partner_messages.distress_call(REGISTRY_OWNER, worker.person, number, traceparent=traceparent)
    sent = await context.partners[REGISTRY_OWNER].send([message], urgent=True)
    observations.note_sent(REGISTRY_OWNER, sent)
    call = DistressCall(worker.person, message.id, _recipients(worker.person), sent[message.id])
    deadline = time.monotonic() + CALL_SECONDS
    while not call.complete and time.monotonic() < deadline:
        await asyncio.sleep(0.005)
        _note_arrivals(context, call)
    if observations.load:
        inbox = context.partners[REGISTRY_OWNER].inbox
        call.load_pending = len(observations.load) - inbox.count_final(observations.load)
    return call


def _note_arrivals(context: ScenarioContext, call: DistressCall) -> None:
    """The receipt names the alert; the first copy of it at each recipient is its arrival."""
    receipts = context.partners[REGISTRY_OWNER].inbox.receipts.get(call.record)
    if receipts and "subject" in receipts[0].body:
        call.alert = receipts[0].body["subject"]
    for organisation in call.recipients:
        if copies := context.partners[organisation].inbox.alerts.get(call.alert):
            call.arrivals[organisation] = copies[0].at


async def _acknowledge(context: ScenarioContext, observations: Observations, traceparent: str) -> None:
    """The duty officer of the mission takes the alert that the copy told of, in the copy's own trace."""
    call = observations.load_calls[0]
    mission = call.recipients[0]
    acknowledged = AcknowledgedCall(call, traceparent.split("-")[1], mission)
    observations.acknowledged = acknowledged
    copies = context.partners[mission].inbox.alerts.get(call.alert)
    if not copies:
        return
    async with context.officer(mission, "petugas-piket", "duty_officer", purpose=PURPOSE) as officer:
        began = time.monotonic()
        headers = {"traceparent": copies[0].traceparent} if copies[0].traceparent else {}
        path = f"/v1/alerts/{call.alert}/acknowledgement"
        response = await officer.ask("POST", path, if_match='"1"', **headers)
        acknowledged.api_milliseconds = (time.monotonic() - began) * 1000
        acknowledged.status = response.status_code
        await _wait_until_seen(context, observations, acknowledged)
        await _read_alert(observations, officer, call.alert)


async def _wait_until_seen(
    context: ScenarioContext, observations: Observations, acknowledged: AcknowledgedCall
) -> None:
    """By the other recipients, and on the coordinator's stream."""
    call = acknowledged.call
    inboxes = [context.partners[code].inbox for code in call.recipients]

    def seen() -> int:
        copies = sum(
            any(copy.body["state"] == "acknowledged" for copy in inbox.alerts.get(call.alert, ())) for inbox in inboxes
        )
        notices = [data["alert"] for name, data in observations.stream if name == "alert.acknowledged"]
        return copies + (call.alert in notices)

    await context.until("acknowledgement seen", seen, len(inboxes) + 1, within=ROUND_SECONDS)


async def _read_alert(observations: Observations, officer: Client, alert: str) -> None:
    response = await officer.ask("GET", f"/v1/alerts/{alert}")
    observations.reads.append(ApiRead("alert, by its officer", response.status_code, expected=200))
    report = await officer.ask("GET", f"/v1/alerts/{alert}/report")
    observations.reads.append(ApiRead("what its reporter said, by its officer", report.status_code, expected=200))
