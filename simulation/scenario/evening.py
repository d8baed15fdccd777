"""What the terminal shows when the story is over, and how to go on by hand."""

from collections.abc import Iterator
from typing import Any

from deploy.local.kafka import KafkaLogin
from simulation.scenario.cast import COORDINATION, FOREIGN, MISSIONS
from simulation.scenario.stage import Stage
from simulation.scenario.told import Told

EXAMPLE = MISSIONS[2]
"""Whose Kafka login is shown."""


def outcome(found: dict[str, Any]) -> Iterator[str]:
    """The numbers of a summary."""
    sent, applied = sum(found["sent"].values()), sum(found["applied"].values())
    yield f"Day {found['day']}: {sent:,} records sent, {applied:,} applied."
    for organisation, codes in found["refused"].items():
        if codes:
            yield f"Refused to {organisation}: " + ", ".join(f"{code} {count}" for code, count in codes.items())
    yield f"Alerts: {found['alerts']}. Copies: " + ", ".join(f"{code} {n:,}" for code, n in found["copies"].items())
    took = found["latency_ms"]
    for what, name in (
        ("distress call to the last copy, quiet", "alert_idle"),
        ("distress call to the last copy, under load", "alert_under_load"),
        ("record to the last copy, in one upload", "record_to_last_copy"),
    ):
        yield f"  {what:<44} p50 {took[f'{name}_p50']:6,.0f} ms   p99 {took[f'{name}_p99']:6,.0f} ms"
    yield "Expectations met: {met} of {of}.".format(**found["expectations"])
    yield from (f"  not met: {line}" for line in found["unmet"])


def doors(stage: Stage, told: Told) -> Iterator[str]:
    """Addresses, and tokens and logins of this machine, ready to paste."""
    api = stage.stack.url("gateway-api")
    round_id = told.round.id if told.round else "ROUND"
    yield f"Gateway API     {api}/docs"
    yield f"Kafka           {stage.stack.kafka.url}"
    if told.emergency and "zipkin" in stage.stack.names():
        yield f"The call's trace  {stage.stack.url('zipkin')}/zipkin/traces/{told.emergency.trace}"
    yield ""
    yield f"# an officer of {FOREIGN}: the alerts that KEMLU was told of"
    yield f"TOKEN={stage.token(FOREIGN, 'petugas', 'duty_officer')}"
    yield f'curl -s {api}/v1/alerts -H "Authorization: Bearer $TOKEN"'
    yield ""
    yield "# the migration coordinator: who has answered, and what happens now"
    yield f"TOKEN={stage.token(COORDINATION, 'koordinator', 'migration_coordinator', 'mgi_coordinator')}"
    yield f'curl -s {api}/v1/rounds/{round_id}/completeness -H "Authorization: Bearer $TOKEN"'
    yield f'curl -sN {api}/v1/stream -H "Authorization: Bearer $TOKEN"'
    yield ""
    yield from _login(stage.stack.partners[EXAMPLE], stage)


def _login(login: KafkaLogin, stage: Stage) -> Iterator[str]:
    yield f"# {EXAMPLE} on Kafka (docs/partners.md)"
    yield f"bootstrap.servers={login.url}"
    yield f"security.protocol={login.security}"
    if login.user:
        yield "sasl.mechanism=SCRAM-SHA-512"
        yield f"sasl.username={login.user}"
        yield f"sasl.password={login.password}"
    yield f"# writes {stage.names.intake(EXAMPLE)}, reads {stage.names.delivery(EXAMPLE)}, joins {login.user}.…"
