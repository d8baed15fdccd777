"""What else becomes of alerts: a system takes one and one ends it, one is tried as a key, one is reviewed."""

from contracts.outcomes import Fault
from simulation.scenario import partner_messages
from simulation.scenario.context import ScenarioContext
from simulation.scenario.observations import ApiRead, ExpectedRefusal, Observations
from simulation.scenario.participants import FOREIGN_MINISTRY, HOTLINE, STATISTICS
from simulation.scenario.waiting import CALL_SECONDS


async def end_by_system(context: ScenarioContext, observations: Observations) -> None:
    """The ministry's system takes the first call, and the mission's ends it."""
    call = observations.idle_calls[0]
    taken = partner_messages.alert_taken(FOREIGN_MINISTRY, call.alert)
    ended = partner_messages.alert_ended(call.recipients[0], call.alert, "helped")
    inboxes = [context.partners[code].inbox for code in call.recipients]
    for organisation, message, state in (
        (FOREIGN_MINISTRY, taken, "acknowledged"),
        (call.recipients[0], ended, "resolved"),
    ):
        observations.note_sent(organisation, await context.partners[organisation].send([message], urgent=True))

        def seen(state: str = state) -> int:
            return sum(
                any(copy.body["state"] == state for copy in inbox.alerts.get(call.alert, ())) for inbox in inboxes
            )

        await context.until(f"alert {state} by a system", seen, len(inboxes), within=CALL_SECONDS)


async def review_reason(context: ScenarioContext, observations: Observations) -> None:
    """A hotline tells of somebody whom no agreement of its ministry covers, and its officer looks into that."""
    message = partner_messages.distress_call(HOTLINE, observations.day.valid[0].person, 0, reason="asked_for_help")
    sent = await context.partners[HOTLINE].send([message])
    observations.note_sent(HOTLINE, sent)
    inbox = context.partners[HOTLINE].inbox
    await context.until("a call by a hotline", lambda: inbox.count_final(sent), 1, within=CALL_SECONDS)
    alert = inbox.receipts[message.id][0].body["subject"]
    async with context.officer(HOTLINE, "pelindungan-data", "data_protection_officer") as officer:
        listed = (await officer.ask("GET", "/v1/emergency-reviews?limit=200")).raise_for_status().json()["reviews"]
        path, body = f"/v1/emergency-reviews/{alert}/closure", {"finding": "justified"}
        closed = await officer.ask("POST", path, body)
        status = closed.status_code if alert in {review["alert"] for review in listed} else 0
        observations.reads.append(ApiRead("review of an alert without an agreement, closed", status, expected=200))


async def try_as_key(context: ScenarioContext, observations: Observations) -> None:
    """The statistics office, which knows pseudonyms alone, asks by an administrative alert whom a number belongs to."""
    message = partner_messages.overdue_report_about(STATISTICS, observations.day.valid[0].person)
    refusal = ExpectedRefusal("person_not_permitted", "/person", Fault.SENDER)
    observations.expected_refusals[STATISTICS, message.id] = refusal
    sent = await context.partners[STATISTICS].send([message])
    observations.note_sent(STATISTICS, sent)
    inbox = context.partners[STATISTICS].inbox
    await context.until("an alert tried as a key", lambda: inbox.count_final(sent), 1, within=CALL_SECONDS)
