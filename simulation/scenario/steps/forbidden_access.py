"""What a partner tries that its rights do not cover: the broker itself has to refuse it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from simulation.scenario.context import ScenarioContext
from simulation.scenario.observations import ForbiddenAttempt, Observations
from simulation.scenario.participants import FOREIGN_MINISTRY, REGENCIES, REGISTRY_OWNER

INTRUDER = REGENCIES[0]
MILLISECONDS = 10_000


async def try_forbidden_access(context: ScenarioContext, observations: Observations) -> None:
    """One regency tries everything; nothing of it may succeed."""
    names, login = context.names, context.partners[INTRUDER].login
    group = f"{names.prefix}{FOREIGN_MINISTRY.lower()}.simulator"
    attempts: dict[str, Callable[[], Awaitable[object]]] = {
        "read another's topic": lambda: _read(context, names.delivery(FOREIGN_MINISTRY)),
        "read what another sends": lambda: _read(context, names.intake(REGISTRY_OWNER)),
        "read an internal topic": lambda: _read(context, names.events("registry")),
        "write to another's topic": lambda: _write(context, names.intake(REGISTRY_OWNER)),
        "write to its own delivery topic": lambda: _write(context, names.delivery(INTRUDER)),
        "write an internal command": lambda: _write(context, names.commands("registry")),
        "join another's consumer group": lambda: _join(context, group),
        "log in with a wrong password": lambda: _log_in(replace(login, password="guessed").client),  # noqa: S106
    }
    for number, (action, attempt) in enumerate(attempts.items(), 1):
        observations.forbidden.append(ForbiddenAttempt(action, await _error_of(attempt)))
        context.progress("attempts beyond a partner's rights", number, len(attempts))


async def _error_of(attempt: Callable[[], Awaitable[object]]) -> str:
    try:
        await attempt()
    except KafkaError as refused:
        return type(refused).__name__
    return ""


async def _read(context: ScenarioContext, topic: str) -> object:
    """In a group of its own, so that the topic alone decides."""
    group = f"{context.names.prefix}{INTRUDER.lower()}.intruder"
    return await _consume(context, topic, group)


async def _join(context: ScenarioContext, group: str) -> object:
    """With a topic of its own, so that the group alone decides."""
    return await _consume(context, context.names.delivery(INTRUDER), group)


async def _consume(context: ScenarioContext, topic: str, group: str) -> object:
    login = context.partners[INTRUDER].login.client
    consumer = AIOKafkaConsumer(topic, **login, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False)
    try:
        await consumer.start()
        return await consumer.getmany(timeout_ms=MILLISECONDS)
    finally:
        await consumer.stop()


async def _write(context: ScenarioContext, topic: str) -> object:
    producer = AIOKafkaProducer(**context.partners[INTRUDER].login.client, request_timeout_ms=MILLISECONDS)
    await producer.start()
    try:
        return await producer.send_and_wait(topic, b"{}")
    finally:
        await producer.stop()


async def _log_in(login: dict[str, object]) -> object:
    consumer = AIOKafkaConsumer(**login)
    try:
        return await consumer.start()
    finally:
        await consumer.stop()
