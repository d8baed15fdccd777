"""Checks of the distress calls, of the acknowledgement, of its trace, and of the assessment round."""

from collections.abc import Iterator
from statistics import median

from simulation.scenario.cast import (
    ANSWERS_BY_API,
    ANSWERS_BY_EVENT,
    ANSWERS_BY_HTTPS,
    ANSWERS_HALF,
    ANSWERS_LATE,
    FOREIGN,
)
from simulation.scenario.judging import Verdict, equal, none
from simulation.scenario.rounds import ROUND
from simulation.scenario.spans import Spans
from simulation.scenario.stage import Stage
from simulation.scenario.told import Call, Emergency, Round, Told

WITHIN = 500
"""Milliseconds from the call to the last of the copies: the median of the calls made under load."""
TRACED = {"gateway-exchange", "gateway-api", "registry", "alerts"}


def judge(stage: Stage, told: Told, spans: Spans | None, *, timed: bool) -> Iterator[Verdict]:
    """Points 4 to 6 of the story; `timed` judges the latency, else the order alone."""
    yield none("every call reaches the mission, KEMLU and KP2MI", _lost(told.calls))
    yield none("the mission learns who calls, and what they said", _nameless(stage, told.calls))
    yield none("calls under load overtake it: all copies are there before its last record", _late(told.load_calls))
    if timed:
        found = median([call.latency for call in told.load_calls] or [float("inf")])
        instead = "" if found <= WITHIN else f"{found:.0f} ms"
        yield Verdict("half of the calls under load are told within half a second", not instead, instead)
    yield from _taken(stage, told)
    if told.emergency:
        yield none("one trace leads from the call to the acknowledgement", _broken_trace(stage, told.emergency))
        if spans:
            services = spans.services_of(told.emergency.trace)
            yield none("every service that took part stands in the trace", sorted(TRACED - services))
    yield from _round(stage, told.round) if told.round else (Verdict("a round was opened", met=False),)


def _lost(calls: list[Call]) -> Iterator[str]:
    for call in calls:
        if missing := sorted(set(call.told) - set(call.arrived)):
            yield f"{call.record.rpartition('/')[2]} did not reach {', '.join(missing)}"


def _nameless(stage: Stage, calls: list[Call]) -> Iterator[str]:
    for call in calls:
        for code in call.told:
            copies = stage.partners[code].inbox.alerts.get(call.alert, ())
            names = {copy.body.get("personal", {}).get("full_name") for copy in copies}
            said = any("narrative" in copy.body.get("report", {}) for copy in copies)
            if call.person.full_name not in names or not said:
                yield f"{code} does not know whom {call.record.rpartition('/')[2]} is about"


def _late(calls: list[Call]) -> Iterator[str]:
    if not calls:
        yield "no call was made"
    for number, call in enumerate(calls):
        if call.load_left == 0 or not call.complete:
            yield f"call {number} came after the load"


def _taken(stage: Stage, told: Told) -> Iterator[Verdict]:
    taken = told.emergency
    if not taken:
        yield Verdict("the duty officer takes an alert", met=False, instead="no call was made")
        return
    yield equal("the duty officer takes the alert over the api", taken.status, 200)
    shown = [data for name, data in told.notices if name == "alert.acknowledged" and data["alert"] == taken.call.alert]
    yield equal("the coordinator's stream shows who took it", [one["by"] for one in shown], [taken.officer])
    yield none("those who were told learn of it", _unaware(stage, taken))
    raised = {data["alert"] for name, data in told.notices if name == "alert.raised"}
    yield none("the stream showed every alert", [c.alert for c in told.calls if c.alert not in raised])
    yield none("the stream names nobody", [name for name, data in told.notices if "person" in data])


def _unaware(stage: Stage, taken: Emergency) -> Iterator[str]:
    for code in taken.call.told:
        copies = stage.partners[code].inbox.alerts.get(taken.call.alert, ())
        if not any(copy.body.get("acknowledged_by") == taken.officer for copy in copies):
            yield code


def _broken_trace(stage: Stage, taken: Emergency) -> Iterator[str]:
    for code in taken.call.told:
        for copy in stage.partners[code].inbox.alerts.get(taken.call.alert, ()):
            if taken.trace not in (copy.traceparent or ""):
                yield f"{code}: {copy.body['state']}"


def _round(stage: Stage, played: Round) -> Iterator[Verdict]:
    asked = {code: _asked(stage, played, code) for code in (*ANSWERS_BY_EVENT, ANSWERS_HALF, *ANSWERS_BY_API)}
    wrong = [code for code, count in asked.items() if count != played.after[code]["assigned"]]
    yield none("every connected respondent gets its own questions", wrong)
    yield equal("no answer over the api is refused", played.refused, [])
    on_time = (*ANSWERS_BY_EVENT, *ANSWERS_BY_API, ANSWERS_BY_HTTPS)
    yield none(
        "who answered everything in time is complete", [c for c in on_time if not _is_complete(played, c, late=0)]
    )
    late = played.after[ANSWERS_LATE]
    yield none("who answered after the due time is complete and late", [] if _all_late(late) else [str(late["late"])])
    half = played.after[ANSWERS_HALF]
    fine = half["overdue"] and half["answered"] == half["assigned"] // 2
    yield none("who answered half is overdue", [] if fine else [f"{half['answered']} of {half['assigned']}"])
    yield equal("who answered nothing is overdue", played.after[FOREIGN]["overdue"], True)
    yield none("nobody is overdue before the due time", [c for c, one in played.before.items() if one["overdue"]])


def _asked(stage: Stage, played: Round, code: str) -> int:
    copies = stage.partners[code].inbox.of(ROUND)
    return sum(len(copy.body["questions"]) for copy in copies if copy.body["round"] == played.id)


def _is_complete(played: Round, code: str, *, late: int) -> bool:
    one = played.after[code]
    return bool(one["complete"]) and one["late"] == late


def _all_late(one: dict[str, int]) -> bool:
    return bool(one["complete"]) and one["late"] == one["assigned"]
