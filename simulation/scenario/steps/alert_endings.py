"""What partners' systems do with alerts besides raising them: one is taken and ended, and one is tried as a key."""

from contracts.outcomes import Fault
from simulation.scenario import partner_messages
from simulation.scenario.context import ScenarioContext
from simulation.scenario.observations import ExpectedRefusal, Observations
from simulation.scenario.participants import FOREIGN_MINISTRY, STATISTICS
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


async def try_as_key(context: ScenarioContext, observations: Observations) -> None:
    """The statistics office, which knows pseudonyms alone, asks by an administrative alert whom a number belongs to."""
    message = partner_messages.overdue_report_about(STATISTICS, observations.day.valid[0].person)
    refusal = ExpectedRefusal("person_not_permitted", "/person", Fault.SENDER)
    observations.expected_refusals[STATISTICS, message.id] = refusal
    sent = await context.partners[STATISTICS].send([message])
    observations.note_sent(STATISTICS, sent)
    inbox = context.partners[STATISTICS].inbox
    await context.until("an alert tried as a key", lambda: inbox.count_final(sent), 1, within=CALL_SECONDS)
