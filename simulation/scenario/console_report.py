"""What the terminal shows when the scenario is over, and how to go on by hand."""

from collections.abc import Iterator
from typing import Any

from deploy.local.service import OPERATIONS, SERVICE_OF
from simulation.scenario.context import ScenarioContext
from simulation.scenario.observations import Observations
from simulation.scenario.participants import COORDINATION, FOREIGN_MINISTRY, MISSIONS, REGISTRY_OWNER

MISSION = MISSIONS[2]
PLACEMENT = '{"occurred_at":"2026-04-10","person":{"passport":"X0000001"},"destination":"MY","scheme":"p_to_p"}'
CALL = (
    '{"occurred_at":"2026-04-12T14:02:00+08:00","alert_type":"ALT-DISTRESS","country":"HK",'
    '"narrative":"Says that she is locked in."}'
)
"""What the two partners whose logins are shown may send: each is accepted as it stands (docs/partners.md)."""


def report_numbers(numbers: dict[str, Any]) -> Iterator[str]:
    """The numbers of a summary."""
    sent, applied = sum(numbers["sent"].values()), sum(numbers["applied"].values())
    yield f"Day {numbers['day']}: {sent:,} records sent, {applied:,} applied."
    for organisation, codes in numbers["refused"].items():
        if codes:
            yield f"Refused to {organisation}: " + ", ".join(f"{code} {count}" for code, count in codes.items())
    copies = ", ".join(f"{code} {count:,}" for code, count in numbers["copies"].items())
    yield f"Alerts: {numbers['alerts']}. Copies: {copies}"
    latencies = numbers["latency_ms"]
    for what, name in (
        ("distress call to the last copy, quiet", "alert_idle"),
        ("distress call to the last copy, under load", "alert_under_load"),
        ("record to the last copy, in one upload", "record_to_last_copy"),
    ):
        p50, p99 = latencies[f"{name}_p50"], latencies[f"{name}_p99"]
        yield f"  {what:<44} p50 {p50:6,.0f} ms   p99 {p99:6,.0f} ms"
    yield "Expectations met: {met} of {of}.".format(**numbers["expectations"])
    yield from (f"  not met: {line}" for line in numbers["unmet"])


def report_access(context: ScenarioContext, observations: Observations) -> Iterator[str]:
    """Addresses, and tokens and logins of this machine, ready to paste."""
    api = context.stack.url("gateway-api")
    round_id = observations.round.id if observations.round else "ROUND"
    yield from _addresses(context, observations)
    yield ""
    yield f"# an officer of {FOREIGN_MINISTRY}: the alerts that KEMLU was told of"
    yield f"TOKEN={context.token(FOREIGN_MINISTRY, 'petugas', 'duty_officer')}"
    yield f'curl -s {api}/v1/alerts -H "Authorization: Bearer $TOKEN"'
    yield ""
    yield "# the migration coordinator: who has answered, and what happens now"
    yield f"TOKEN={context.token(COORDINATION, 'koordinator', 'migration_coordinator')}"
    yield f'curl -s {api}/v1/rounds/{round_id}/completeness -H "Authorization: Bearer $TOKEN"'
    yield f'curl -sN {api}/v1/stream -H "Authorization: Bearer $TOKEN"'
    yield ""
    yield f"# a steward of {REGISTRY_OWNER}: pairs that may be one person (docs/stewards.md)"
    yield f"TOKEN={context.token(REGISTRY_OWNER, 'verifikator', 'identity_steward', purpose='identity_stewardship')}"
    yield f'curl -s {api}/v1/duplicates -H "Authorization: Bearer $TOKEN"'
    yield ""
    yield f"# the system of {REGISTRY_OWNER} states a placement on Kafka, and reads its receipt (docs/partners.md)"
    yield from _partner(context, REGISTRY_OWNER, "partner.placement.reported.v1", "2026-000017", PLACEMENT)
    yield ""
    yield f"# the system of {MISSION}, a mission, raises an alert"
    yield from _partner(context, MISSION, "partner.alert.reported.v1", "2026-000001", CALL)


def _addresses(context: ScenarioContext, observations: Observations) -> Iterator[str]:
    stack = context.stack
    yield f"Gateway API     {stack.url('gateway-api')}/docs"
    yield f"Kafka           {stack.kafka.url}"
    if observations.acknowledged and "zipkin" in stack.names():
        yield f"The call's trace  {stack.url('zipkin')}/zipkin/traces/{observations.acknowledged.trace_id}"
    internal = (OPERATIONS, *(process for process in SERVICE_OF if process != "gateway-api"))
    others = (f"{process} {stack.url(process)}" for process in internal)
    yield f"Processes       {', '.join(others)} (each has /readyz and /metrics; all in one look: simpul status)"


def _partner(context: ScenarioContext, code: str, ce_type: str, record_id: str, body: str) -> Iterator[str]:
    login = context.stack.partners[code]
    where = f"export ORGANISATION={code} KAFKA_URL={login.url} KAFKA_SECURITY={login.security}"
    yield f"{where} KAFKA_USER={login.user} KAFKA_PASSWORD={login.password}"
    yield f"echo '{body}' | .venv/bin/python examples/python/producer.py {ce_type} {record_id}"
    yield "timeout 10 .venv/bin/python examples/python/consumer.py"
