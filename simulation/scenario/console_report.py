"""What the terminal shows when the scenario is over, and how to go on by hand."""

from collections.abc import Iterator
from typing import Any

from deploy.local.kafka import KafkaLogin
from simulation.scenario.context import ScenarioContext
from simulation.scenario.observations import Observations
from simulation.scenario.participants import COORDINATION, FOREIGN_MINISTRY, MISSIONS

MISSION = MISSIONS[2]
"""Whose Kafka login is shown."""


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
    yield f"Gateway API     {api}/docs"
    yield f"Kafka           {context.stack.kafka.url}"
    if observations.acknowledged and "zipkin" in context.stack.names():
        yield f"The call's trace  {context.stack.url('zipkin')}/zipkin/traces/{observations.acknowledged.trace_id}"
    yield ""
    yield f"# an officer of {FOREIGN_MINISTRY}: the alerts that KEMLU was told of"
    yield f"TOKEN={context.token(FOREIGN_MINISTRY, 'petugas', 'duty_officer')}"
    yield f'curl -s {api}/v1/alerts -H "Authorization: Bearer $TOKEN"'
    yield ""
    yield "# the migration coordinator: who has answered, and what happens now"
    yield f"TOKEN={context.token(COORDINATION, 'koordinator', 'migration_coordinator', 'mgi_coordinator')}"
    yield f'curl -s {api}/v1/rounds/{round_id}/completeness -H "Authorization: Bearer $TOKEN"'
    yield f'curl -sN {api}/v1/stream -H "Authorization: Bearer $TOKEN"'
    yield ""
    yield from _login(context.stack.partners[MISSION], context)


def _login(login: KafkaLogin, context: ScenarioContext) -> Iterator[str]:
    yield f"# {MISSION} on Kafka (docs/partners.md)"
    yield f"bootstrap.servers={login.url}"
    yield f"security.protocol={login.security}"
    if login.user:
        yield "sasl.mechanism=SCRAM-SHA-512"
        yield f"sasl.username={login.user}"
        yield f"sasl.password={login.password}"
    yield f"# writes {context.names.intake(MISSION)}, reads {context.names.delivery(MISSION)}, joins {login.user}.…"
