"""Registrations, invalid ones among them; identities; placements; departures late and twice; lookalikes."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import replace

from contracts.outcomes import Fault, problem
from simulation.scenario import partner_messages
from simulation.scenario.context import ScenarioContext
from simulation.scenario.day_plan import DayPlan, Journey
from simulation.scenario.observations import ExpectedRefusal, Observations
from simulation.scenario.participants import BORDER_CONTROL, IDENTITY_AUTHORITY, INSURANCE, REGISTRY_OWNER
from simulation.scenario.partner_messages import PartnerMessage
from simulation.scenario.partners import Inbox
from simulation.scenario.waiting import STEP_SECONDS

FACT_EVENTS = frozenset(
    {
        "registry.person.registered.v1",
        "registry.person.identity_confirmed.v1",
        "registry.episode.placement_recorded.v1",
        "registry.episode.departed.v1",
    }
)
"""What the registry announces of a fact; restatements apart."""
REPEATED = 25
"""Registrations that KP2MI sends once more."""


async def send_facts(context: ScenarioContext, observations: Observations) -> None:
    """Everything that the three institutions say on this day, in an order that the registry has to cope with."""
    day = observations.day
    unregistered = day.departures(Journey.DEPARTED_BEFORE_REGISTRATION)
    await _send(context, observations, BORDER_CONTROL, unregistered, "departures before registration")
    await _register(context, observations)
    unplaced = day.departures(Journey.DEPARTED_BEFORE_PLACEMENT)
    await _send(context, observations, BORDER_CONTROL, unplaced, "departures before placement")
    answers = list(day.identity_answers())
    await _send(context, observations, IDENTITY_AUTHORITY, answers, "identities confirmed", wait=False)
    placements = list(day.placements(person_tokens(context)))
    await _send(context, observations, REGISTRY_OWNER, placements, "placements")
    await _all_final(context, observations, IDENTITY_AUTHORITY, "identities confirmed")
    await _report_departures(context, observations)
    await _exceed_rights(context, observations)
    await _send(context, observations, REGISTRY_OWNER, day.lookalike_registrations(), "lookalikes")
    await context.until(
        "copies to social security", lambda: fact_copies(context, day), count_facts(day), within=STEP_SECONDS
    )


def person_tokens(context: ScenarioContext) -> dict[str, str]:
    """The ids of persons that KP2MI's receipts gave, by record."""
    receipts = context.partners[REGISTRY_OWNER].inbox.receipts.items()
    return {record: several[0].body["person"] for record, several in receipts if "person" in several[0].body}


def count_facts(day: DayPlan) -> int:
    """How many facts are stated today, the load apart; the registry announces each once."""
    return sum(1 for worker in day.valid for _ in day.facts_about(worker))


def fact_copies(context: ScenarioContext, day: DayPlan) -> int:
    """How many copies of facts about today's people social security has."""
    inbox = context.partners[INSURANCE].inbox
    return count_copies(inbox, inbox.registered_at(day.registered_at, day.load_registered_at))


def count_copies(inbox: Inbox, people: Iterable[str]) -> int:
    """How many copies of facts about these people, by the receiver's own ids, have arrived."""
    return sum(inbox.person_events[person][event] for person in people for event in FACT_EVENTS)


async def _register(context: ScenarioContext, observations: Observations) -> None:
    messages, valid = [], []
    for worker, message in observations.day.registrations():
        messages.append(message)
        if defect := worker.defect:
            expected = ExpectedRefusal(defect.code, defect.pointer, defect.fault)
            observations.expected_refusals[REGISTRY_OWNER, message.id] = expected
        else:
            valid.append(message)
    await _send(context, observations, REGISTRY_OWNER, messages, "registrations")
    await context.partners[REGISTRY_OWNER].send(valid[:REPEATED])


async def _report_departures(context: ScenarioContext, observations: Observations) -> None:
    """The rest; some come again as they were, and then under another number."""
    day = observations.day
    ordinary = day.departures(Journey.DEPARTED, Journey.DEPARTED_TWICE, Journey.DEPARTED_UNPLACED)
    await _send(context, observations, BORDER_CONTROL, ordinary, "departures")
    await context.partners[BORDER_CONTROL].send(day.departures(Journey.DEPARTED_TWICE))
    await _send(context, observations, BORDER_CONTROL, day.second_departures(), "departures reported again")


async def _exceed_rights(context: ScenarioContext, observations: Observations) -> None:
    """KP2MI uses an id again, reports what the border owns, and names a person id that was never issued to it."""
    day = observations.day
    first, second = day.valid[0].person, day.valid[1].person
    earlier = partner_messages.registration(REGISTRY_OWNER, first, day.now)
    changed = json.loads(earlier.value) | {"occurred_at": day.now.isoformat()}
    reused = replace(earlier, value=json.dumps(changed).encode())
    not_owned = partner_messages.departure(REGISTRY_OWNER, first, day.now, counter="sisko")
    unissued = partner_messages.placement(REGISTRY_OWNER, second, day.now, by_token=f"p_{secrets.token_urlsafe(32)}")
    unissued = _renumbered(unissued, "tanpa-nama")
    _expect(observations, not_owned, "not_owner")
    _expect(observations, unissued, "person_unknown", "/person/id")
    await context.partners[REGISTRY_OWNER].send([reused])
    await _send(context, observations, REGISTRY_OWNER, [not_owned, unissued], "records beyond its rights")
    receipts = context.partners[REGISTRY_OWNER].inbox.receipts
    await context.until("another body under a used id", lambda: len(receipts[reused.id]), 2, within=STEP_SECONDS)


def _expect(observations: Observations, message: PartnerMessage, code: str, pointer: str = "") -> None:
    expected = ExpectedRefusal(code, pointer, Fault(problem(code).fault))
    observations.expected_refusals[REGISTRY_OWNER, message.id] = expected


def _renumbered(message: PartnerMessage, record_id: str) -> PartnerMessage:
    headers = {**dict(message.headers), "ce_id": record_id.encode()}
    return replace(message, id=record_id, headers=tuple(headers.items()))


async def _send(
    context: ScenarioContext,
    observations: Observations,
    organisation: str,
    messages: list[PartnerMessage],
    what: str,
    *,
    wait: bool = True,
) -> None:
    observations.note_sent(organisation, await context.partners[organisation].send(messages))
    if wait:
        await _all_final(context, observations, organisation, what)


async def _all_final(context: ScenarioContext, observations: Observations, organisation: str, what: str) -> None:
    sent, inbox = observations.sent[organisation], context.partners[organisation].inbox
    await context.until(f"{organisation}: {what}", lambda: inbox.count_final(sent), len(sent), within=STEP_SECONDS)


async def all_delivered(context: ScenarioContext, observations: Observations) -> None:
    """Wait until social security, which gets a copy of every fact, has those of the load too."""
    day = observations.day
    expected = count_facts(day) + len(observations.load)
    await context.until("copies of the load", lambda: fact_copies(context, day), expected, within=STEP_SECONDS)
