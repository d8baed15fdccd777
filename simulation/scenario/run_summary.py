"""The numbers of a run, for `.simpul/scenario.json` and the terminal."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from simulation.scenario.checks.expectations import Expectation
from simulation.scenario.context import ScenarioContext
from simulation.scenario.observations import DistressCall, Observations
from simulation.scenario.participants import MISSIONS, REGISTRY_OWNER
from simulation.scenario.partner_messages import registration_id
from simulation.scenario.partners import PERSON_COPY, REGISTERED, Receipt


def summarise(
    context: ScenarioContext, observations: Observations, expectations: Iterable[Expectation]
) -> dict[str, Any]:
    """Counts by organisation, latencies in milliseconds, and unmet expectations. Nothing names a person."""
    several = list(expectations)
    return {
        "day": observations.day.number,
        "sent": {organisation: len(sent) for organisation, sent in observations.sent.items()},
        "applied": {code: _results(context, observations, code)["applied"] for code in observations.sent},
        "refused": {code: _refusals(context, observations, code) for code in observations.sent},
        "alerts": len({call.alert for call in observations.calls if call.alert}),
        "in_review": len(observations.day.lookalikes),
        "copies": {code: len(partner.inbox.copies) for code, partner in sorted(context.partners.items())},
        "latency_ms": _latencies(context, observations),
        "expectations": {"met": sum(expectation.met for expectation in several), "of": len(several)},
        "unmet": [f"{expectation.sentence}: {expectation.actual}" for expectation in several if not expectation.met],
    }


def _receipts(context: ScenarioContext, observations: Observations, organisation: str) -> list[Receipt]:
    """Of what the scenario sent: the same organisation may have sent more."""
    receipts = context.inbox(organisation).receipts
    return [receipt for record in observations.sent[organisation] for receipt in receipts.get(record, ())]


def _results(context: ScenarioContext, observations: Observations, organisation: str) -> Counter[str]:
    return Counter(receipt.result for receipt in _receipts(context, observations, organisation))


def _refusals(context: ScenarioContext, observations: Observations, organisation: str) -> dict[str, int]:
    receipts = _receipts(context, observations, organisation)
    return dict(sorted(Counter(receipt.code for receipt in receipts if receipt.result == "refused").items()))


def _latencies(context: ScenarioContext, observations: Observations) -> dict[str, float]:
    idle, loaded = _calls(observations.idle_calls), _calls(observations.load_calls)
    copies = _record_to_last_copy(context, observations)
    return {
        "alert_idle_p50": quantile(idle, 0.5),
        "alert_idle_p99": quantile(idle, 0.99),
        "alert_under_load_p50": quantile(loaded, 0.5),
        "alert_under_load_p99": quantile(loaded, 0.99),
        "record_to_last_copy_p50": quantile(copies, 0.5),
        "record_to_last_copy_p99": quantile(copies, 0.99),
    }


def _calls(calls: Iterable[DistressCall]) -> list[float]:
    return [call.latency for call in calls if call.complete]


def _record_to_last_copy(context: ScenarioContext, observations: Observations) -> list[float]:
    """Registrations of the day, sent as one upload: to the last of the copies at the missions."""
    arrived: defaultdict[str, float] = defaultdict(float)
    for code in MISSIONS:
        for copy in context.inbox(code).of_type(PERSON_COPY):
            if copy.body["event"] == REGISTERED and copy.clear:
                passport = copy.clear.get("passport", "")
                arrived[passport] = max(arrived[passport], copy.at)
    sent = observations.sent.get(REGISTRY_OWNER, {})
    records = {worker.person.passport: registration_id(worker.person) for worker in observations.day.valid}
    return [(arrived[passport] - sent[record]) * 1000 for passport, record in records.items() if passport in arrived]


def quantile(values: Iterable[float], share: float) -> float:
    """By nearest rank, in whole milliseconds; 0 when there are none."""
    ordered = sorted(values)
    return float(round(ordered[min(int(len(ordered) * share), len(ordered) - 1)])) if ordered else 0.0
