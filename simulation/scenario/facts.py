"""The first act: registrations and placements, broken ones among them; identities; departures late and twice."""

import json
import secrets
from dataclasses import replace

from contracts.outcomes import Fault
from simulation.scenario import records
from simulation.scenario.cast import BORDER, IDENTITY, LOADER, STATISTICS
from simulation.scenario.day import Course
from simulation.scenario.records import Record
from simulation.scenario.stage import Stage
from simulation.scenario.told import Refusal, Told

PATIENCE = 180
"""Seconds that a wait lasts at most; what is missing then is what a check reports."""
ANNOUNCED = frozenset(
    {
        "registry.person.registered.v1",
        "registry.person.identity_confirmed.v1",
        "registry.episode.placement_recorded.v1",
        "registry.episode.departed.v1",
    }
)
REPEATED = 25
"""Registrations that KP2MI sends once more."""


async def play(stage: Stage, told: Told) -> None:
    """Everything that the three institutions say on this day, in an order that the registry has to cope with."""
    day = told.day
    await _send(stage, told, BORDER, day.departures(Course.UNKNOWN_YET), "departures of people unknown yet")
    await _register(stage, told)
    await _send(stage, told, BORDER, day.departures(Course.BORDER_FIRST), "departures before placements")
    await _send(stage, told, IDENTITY, list(day.identities()), "identities confirmed", wait=False)
    await _send(stage, told, LOADER, list(day.placements(tokens(stage))), "placements")
    await _settled(stage, told, IDENTITY, "identities confirmed")
    await _depart(stage, told)
    await _overstep(stage, told)
    expected = events(told)
    await stage.until("copies to statistics", lambda: _announced(stage), expected, within=PATIENCE)


def tokens(stage: Stage) -> dict[str, str]:
    """The ids of persons that KP2MI's receipts gave, by record."""
    found = stage.partners[LOADER].inbox.receipts.items()
    return {record: got[0].body["person"] for record, got in found if "person" in got[0].body}


def events(told: Told) -> int:
    """How many events of persons the day makes, restatements apart."""
    placed = sum(1 for _ in told.day.placements({}))
    twice = len(told.day.departures(Course.DEPARTED_TWICE))
    return len(told.day.sound) + placed + sum(1 for _ in told.day.identities()) + _departing(told) + twice


def _departing(told: Told) -> int:
    return sum(life.status == "P1_DEPARTED" for life in told.day.sound)


def _announced(stage: Stage) -> int:
    found = stage.partners[STATISTICS].inbox.events
    return sum(count for event, count in found.items() if event in ANNOUNCED)


async def _register(stage: Stage, told: Told) -> None:
    batch = []
    for life, record in told.day.registrations():
        batch.append(record)
        if life.way:
            told.refusals[LOADER, record.id] = Refusal(life.way.code, life.way.pointer, life.way.fault)
    await _send(stage, told, LOADER, batch, "registrations")
    again = [record for life, record in told.day.registrations() if life.way is None]
    await stage.partners[LOADER].send(again[:REPEATED])


async def _depart(stage: Stage, told: Told) -> None:
    """The rest; those reported twice come again as they were, and then under another number with the day only."""
    ordinary = told.day.departures(Course.DEPARTED, Course.DEPARTED_TWICE, Course.UNPLACED)
    await _send(stage, told, BORDER, ordinary, "departures")
    await stage.partners[BORDER].send(told.day.departures(Course.DEPARTED_TWICE))
    again = told.day.departures(Course.DEPARTED_TWICE, counter="2", coarse=True)
    await _send(stage, told, BORDER, again, "departures reported again")


async def _overstep(stage: Stage, told: Told) -> None:
    """KP2MI uses an id again, reports what the border owns, and names a person id that was never issued to it."""
    one, other = told.day.sound[0].person, told.day.sound[1].person
    taken = records.registration(LOADER, one, told.day.now)
    changed = json.loads(taken.value) | {"occurred_at": told.day.now.isoformat()}
    reused = replace(taken, value=json.dumps(changed).encode())
    foreign = records.departure(LOADER, one, told.day.now, counter="sisko")
    nobody = records.placement(LOADER, other, told.day.now, by_token=f"p_{secrets.token_urlsafe(32)}")
    unknown = replace(nobody, id="tanpa-nama", headers=_numbered(nobody, "tanpa-nama"))
    told.refusals[LOADER, foreign.id] = Refusal("not_owner", "", Fault.POLICY)
    told.refusals[LOADER, unknown.id] = Refusal("person_unknown", "/person/id", Fault.SENDER)
    await stage.partners[LOADER].send([reused])
    await _send(stage, told, LOADER, [foreign, unknown], "records beyond its rights")
    inbox = stage.partners[LOADER].inbox
    await stage.until("another body under a used id", lambda: len(inbox.receipts[reused.id]), 2, within=PATIENCE)


def _numbered(record: Record, record_id: str) -> tuple[tuple[str, bytes], ...]:
    return tuple({**dict(record.headers), "ce_id": record_id.encode()}.items())


async def _send(
    stage: Stage, told: Told, organisation: str, batch: list[Record], what: str, *, wait: bool = True
) -> None:
    told.note(organisation, await stage.partners[organisation].send(batch))
    if wait:
        await _settled(stage, told, organisation, what)


async def _settled(stage: Stage, told: Told, organisation: str, what: str) -> None:
    sent, inbox = told.sent[organisation], stage.partners[organisation].inbox
    await stage.until(f"{organisation}: {what}", lambda: inbox.settled(sent), len(sent), within=PATIENCE)


async def all_delivered(stage: Stage, told: Told) -> None:
    """Wait until statistics, which gets a copy of everything, has that of the load too."""
    expected = events(told) + len(told.load)
    await stage.until("copies of the load", lambda: _announced(stage), expected, within=PATIENCE)
