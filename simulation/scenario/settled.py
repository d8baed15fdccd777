"""Checks of what came back to the senders, and of the state in which people stand in the end."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from contracts.outcomes import Fault
from simulation.scenario import facts, records
from simulation.scenario.broken import WAYS
from simulation.scenario.cast import LOADER, MISSIONS, STATISTICS
from simulation.scenario.day import Course, Life
from simulation.scenario.judging import Verdict, equal, none
from simulation.scenario.partners import Inbox
from simulation.scenario.stage import Stage
from simulation.scenario.told import Refusal, Told

PERSON = "exchange.person.copied.v1"
State = tuple[str, frozenset[str]]


def judge(stage: Stage, told: Told) -> Iterator[Verdict]:
    """Points 1 and 2 of the story."""
    yield none("every record has a final receipt", _unsettled(stage, told))
    yield none("every sound record is applied", _refused_although_sound(stage, told))
    yield none("every broken record is refused with its code, pointer and fault", _told_otherwise(stage, told))
    used = {refusal.code for refusal in told.refusals.values()}
    yield none("registrations were broken in twelve ways", [way.name for way in WAYS if way.code not in used])
    yield none("another body under a used id is refused", _not_reused(stage, told))
    yield none("a record sent twice is applied once", _doubled(stage, told))
    yield none("the api tells the right state of a worker of every course", _misread(told))
    for mission in MISSIONS:
        lives = {life.person.passport: life for life in told.day.sound if mission in life.missions}
        states = _mission_states(stage.partners[mission].inbox)
        yield none(f"{mission}: every worker in the right state", _wrong(states, lives))
    found = _counted(_states(stage.partners[STATISTICS].inbox, told).values())
    wanted = _counted((life.status, life.flags) for life in told.day.sound)
    yield equal("statistics counts the right states", found, wanted)
    yield none("late facts restate what was announced", _not_restated(stage, told))


def _unsettled(stage: Stage, told: Told) -> Iterator[str]:
    for organisation, sent in told.sent.items():
        missing = len(sent) - inbox_of(stage, organisation).settled(sent)
        if missing:
            yield f"{organisation}: {missing} of {len(sent)} have none"


def inbox_of(stage: Stage, organisation: str) -> Inbox:
    """Whichever way the partner is connected."""
    return stage.partners[organisation].inbox if organisation in stage.partners else stage.mailbox


def _refused_although_sound(stage: Stage, told: Told) -> Iterator[str]:
    for organisation, sent in told.sent.items():
        receipts = inbox_of(stage, organisation).receipts
        for record in sent.keys() & receipts.keys():
            first = receipts[record][0]
            if (organisation, record) not in told.refusals and first.result != "applied":
                yield f"{organisation}: {first.result} {first.code}"


def _told_otherwise(stage: Stage, told: Told) -> Iterator[str]:
    for (organisation, record), wanted in told.refusals.items():
        for receipt in inbox_of(stage, organisation).receipts.get(record, ())[:1]:
            given = receipt.body.get("problems", ())
            found = Refusal(given[0]["code"], given[0]["pointer"], Fault(given[0]["fault"])) if given else None
            if receipt.result != "refused" or found != wanted:
                yield f"{receipt.result} {found} instead of {wanted}"


def _not_reused(stage: Stage, told: Told) -> Iterator[str]:
    receipts = stage.partners[LOADER].inbox.receipts[records.registered(told.day.sound[0].person)]
    found = [(receipt.result, receipt.code) for receipt in receipts]
    if found != [("applied", ""), ("refused", "id_reused")]:
        yield str(found)


def _doubled(stage: Stage, told: Told) -> Iterator[str]:
    """As many events as facts were reported, however often the records came."""
    events = stage.partners[STATISTICS].inbox.events
    found = sum(count for event, count in events.items() if event in facts.ANNOUNCED)
    wanted = facts.events(told) + len(told.load)
    if found != wanted:
        yield f"{found} copies of facts instead of {wanted}"


def _states(inbox: Inbox, told: Told) -> dict[str, State]:
    """The last state told of each person who does not belong to the load, by the receiver's own id."""
    loaded = _loaded(inbox, told)
    found: dict[str, State] = {}
    for copy in inbox.of(PERSON):
        if "status" in copy.body["facts"] and copy.body["person"] not in loaded:
            found[copy.body["person"]] = _state(copy.body["facts"])
    return found


def _loaded(inbox: Inbox, told: Told) -> set[str]:
    """Ids whose first and only copy came after the load began: those of the day have others before."""
    began = min(told.load.values(), default=float("inf"))
    before = {copy.body["person"] for copy in inbox.of(PERSON) if copy.at < began}
    return {copy.body["person"] for copy in inbox.of(PERSON)} - before


def _state(given: Mapping[str, Any]) -> State:
    return given["status"], frozenset(given.get("flags", ()))


def _misread(told: Told) -> Iterator[str]:
    for life, given in told.states:
        if not given or _state(given) != (life.status, life.flags):
            yield f"{life.course}: {given.get('status')} {given.get('flags')}"


def _mission_states(inbox: Inbox) -> dict[str, State]:
    """By passport number: a mission knows its people."""
    copies = [copy.body for copy in inbox.of(PERSON) if "passport" in copy.body.get("personal", {})]
    return {body["personal"]["passport"]: _state(body["facts"]) for body in copies}


def _wrong(found: Mapping[str, State], lives: Mapping[str, Life]) -> Iterator[str]:
    for name, life in lives.items():
        if name not in found:
            yield f"{life.course}: nothing"
        elif found[name] != (life.status, life.flags):
            yield f"{life.course}: {_shown(found[name])} instead of {_shown((life.status, life.flags))}"


def _shown(state: State) -> str:
    return " ".join((state[0], *sorted(state[1])))


def _counted(states: Iterable[State]) -> dict[str, int]:
    return dict(sorted(Counter(_shown(state) for state in states).items()))


def _not_restated(stage: Stage, told: Told) -> Iterator[str]:
    """A placement that comes after the departure clears the flag that the departure had raised."""
    tokens = facts.tokens(stage)
    copies = stage.partners[LOADER].inbox.of(PERSON)
    restated = {copy.body["person"] for copy in copies if copy.body["event"] == "registry.person.restated.v1"}
    for life in told.day.sound:
        if life.course is Course.BORDER_FIRST and tokens.get(records.registered(life.person)) not in restated:
            yield "a departure before its placement"
