"""Checks of the distress calls, of the acknowledgement, and of its trace."""

from collections.abc import Iterator
from statistics import median

from simulation.scenario.checks.expectations import Expectation, expect_equal, expect_none
from simulation.scenario.context import ScenarioContext
from simulation.scenario.observations import AcknowledgedCall, DistressCall, Observations
from simulation.scenario.span_collector import SpanCollector

MEDIAN_MILLISECONDS = 500
"""From the call to the last of the copies: half of the calls made under load are told within it."""
TRACED = {"gateway-exchange-urgent", "gateway-api", "registry", "alerts"}


def check_alerts(
    context: ScenarioContext, observations: Observations, collector: SpanCollector | None, *, timed: bool
) -> Iterator[Expectation]:
    """`timed` checks the latency, else the order alone."""
    yield expect_none("every call reaches its recipients", _not_delivered(observations.calls))
    yield expect_none("recipients learn who calls, and what they said", _nameless(context, observations.calls))
    late = _after_load(observations.load_calls)
    yield expect_none("calls under load overtake it: all copies arrive before its last record", late)
    if timed:
        actual = median([call.latency for call in observations.load_calls] or [float("inf")])
        fault = "" if actual <= MEDIAN_MILLISECONDS else f"{actual:.0f} ms"
        yield Expectation("half of the calls under load are told within half a second", not fault, fault)
    yield expect_none(
        "a system takes an alert and one ends it: all recipients learn of both",
        _not_ended(context, observations.idle_calls[:1]),
    )
    if not observations.acknowledged:
        yield Expectation("the duty officer takes an alert", met=False, actual="no call was made")
        return
    yield from _acknowledgement(context, observations, observations.acknowledged)
    broken = _broken_trace(context, observations.acknowledged)
    yield expect_none("one trace leads from the call to the acknowledgement", broken)
    if collector:
        services = collector.services_of(observations.acknowledged.trace_id)
        yield expect_none("every service that took part stands in the trace", sorted(TRACED - services))


def _not_delivered(calls: list[DistressCall]) -> Iterator[str]:
    for call in calls:
        if missing := sorted(set(call.recipients) - set(call.arrivals)):
            yield f"{_number(call)} did not reach {', '.join(missing)}"


def _nameless(context: ScenarioContext, calls: list[DistressCall]) -> Iterator[str]:
    for call in calls:
        for code in call.recipients:
            copies = context.inbox(code).alerts.get(call.alert, ())
            names = {copy.clear.get("full_name") for copy in copies}
            narrated = any("narrative" in copy.body.get("report", {}) for copy in copies)
            if call.person.full_name not in names or not narrated:
                yield f"{code} does not know whom {_number(call)} is about"


def _not_ended(context: ScenarioContext, calls: list[DistressCall]) -> Iterator[str]:
    for call in calls:
        for code in call.recipients:
            states = {copy.body["state"] for copy in context.inbox(code).alerts.get(call.alert, ())}
            if states != {"raised", "acknowledged", "resolved"}:
                yield f"{code} knows {', '.join(sorted(states)) or 'nothing'}"


def _number(call: DistressCall) -> str:
    """The part of the record's id that names nobody."""
    return call.record.rpartition("/")[2]


def _after_load(calls: list[DistressCall]) -> Iterator[str]:
    if not calls:
        yield "no call was made"
    for number, call in enumerate(calls):
        if call.load_pending == 0 or not call.complete:
            yield f"call {number} came after the load"


def _acknowledgement(
    context: ScenarioContext, observations: Observations, acknowledged: AcknowledgedCall
) -> Iterator[Expectation]:
    yield expect_equal("the duty officer takes the alert over the api", acknowledged.status, 200)
    stream, alert = observations.stream, acknowledged.call.alert
    officers = [data["by"] for name, data in stream if name == "alert.acknowledged" and data["alert"] == alert]
    yield expect_equal("the coordinator's stream shows who took it", officers, [acknowledged.mission])
    yield expect_none("all recipients learn of it", _unaware(context, acknowledged))
    raised = {data["alert"] for name, data in stream if name == "alert.raised"}
    unseen = [call.alert for call in observations.calls if call.alert not in raised]
    yield expect_none("the stream showed every alert", unseen)
    yield expect_none("the stream names nobody", [name for name, data in stream if "person" in data])


def _unaware(context: ScenarioContext, acknowledged: AcknowledgedCall) -> Iterator[str]:
    for code in acknowledged.call.recipients:
        copies = context.inbox(code).alerts.get(acknowledged.call.alert, ())
        if not any(copy.body.get("acknowledged_by") == acknowledged.mission for copy in copies):
            yield code


def _broken_trace(context: ScenarioContext, acknowledged: AcknowledgedCall) -> Iterator[str]:
    for code in acknowledged.call.recipients:
        for copy in context.inbox(code).alerts.get(acknowledged.call.alert, ()):
            if acknowledged.trace_id not in (copy.traceparent or ""):
                yield f"{code}: {copy.body['state']}"
