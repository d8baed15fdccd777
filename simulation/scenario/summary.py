"""What a story amounts to: the numbers of `.simpul/story.json` and of the terminal."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from simulation.scenario import records
from simulation.scenario.cast import LOADER, MISSIONS
from simulation.scenario.judging import Verdict
from simulation.scenario.settled import PERSON, inbox_of
from simulation.scenario.stage import Stage
from simulation.scenario.told import Call, Told


def summary(stage: Stage, told: Told, verdicts: Iterable[Verdict]) -> dict[str, Any]:
    """Counts by organisation, latencies in milliseconds, and every expectation. Nothing names a person."""
    judged = list(verdicts)
    return {
        "day": told.day.number,
        "sent": {organisation: len(sent) for organisation, sent in told.sent.items()},
        "applied": {organisation: _results(stage, organisation)["applied"] for organisation in told.sent},
        "refused": {organisation: _refused(stage, organisation) for organisation in told.sent},
        "alerts": len({call.alert for call in told.calls if call.alert}),
        "copies": {code: len(partner.inbox.copies) for code, partner in sorted(stage.partners.items())},
        "latency_ms": _latencies(stage, told),
        "expectations": {"met": sum(one.met for one in judged), "of": len(judged)},
        "unmet": [f"{one.expectation}: {one.instead}" for one in judged if not one.met],
    }


def _results(stage: Stage, organisation: str) -> Counter[str]:
    receipts = inbox_of(stage, organisation).receipts
    return Counter(receipt.result for several in receipts.values() for receipt in several)


def _refused(stage: Stage, organisation: str) -> dict[str, int]:
    receipts = inbox_of(stage, organisation).receipts
    found = Counter(one.code for several in receipts.values() for one in several if one.result == "refused")
    return dict(sorted(found.items()))


def _latencies(stage: Stage, told: Told) -> dict[str, float]:
    idle, loaded = _calls(told.idle_calls), _calls(told.load_calls)
    copies = _record_to_last_copy(stage, told)
    return {
        "alert_idle_p50": quantile(idle, 0.5),
        "alert_idle_p99": quantile(idle, 0.99),
        "alert_under_load_p50": quantile(loaded, 0.5),
        "alert_under_load_p99": quantile(loaded, 0.99),
        "record_to_last_copy_p50": quantile(copies, 0.5),
        "record_to_last_copy_p99": quantile(copies, 0.99),
    }


def _calls(calls: Iterable[Call]) -> list[float]:
    return [call.latency for call in calls if call.complete]


def _record_to_last_copy(stage: Stage, told: Told) -> list[float]:
    """Registrations of the day, sent as one upload: to the last of the copies at the missions, which know whom by."""
    arrived: defaultdict[str, float] = defaultdict(float)
    for code in MISSIONS:
        for copy in stage.partners[code].inbox.of(PERSON):
            if copy.body["event"] == "registry.person.registered.v1" and "personal" in copy.body:
                passport = copy.body["personal"].get("passport", "")
                arrived[passport] = max(arrived[passport], copy.at)
    sent = told.sent.get(LOADER, {})
    known = [(life.person.passport, records.registered(life.person)) for life in told.day.sound]
    return [(arrived[passport] - sent[record]) * 1000 for passport, record in known if passport in arrived]


def quantile(values: Iterable[float], share: float) -> float:
    """By nearest rank, in whole milliseconds; 0 when there are none."""
    ordered = sorted(values)
    return float(round(ordered[min(int(len(ordered) * share), len(ordered) - 1)])) if ordered else 0.0
