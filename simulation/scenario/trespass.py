"""What a partner tries that its rights do not cover: the broker itself has to refuse it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from simulation.scenario.cast import FOREIGN, LOADER, REGENCIES
from simulation.scenario.stage import Stage
from simulation.scenario.told import Told, Trespass

INTRUDER = REGENCIES[0]
MILLISECONDS = 10_000


async def play(stage: Stage, told: Told) -> None:
    """One regency tries everything; nothing of it may succeed."""
    names, login = stage.names, stage.partners[INTRUDER].login
    group = f"{names.prefix}{FOREIGN.lower()}.simulator"
    deeds: dict[str, Callable[[], Awaitable[object]]] = {
        "read another's topic": lambda: _read(stage, names.delivery(FOREIGN)),
        "read what another sends": lambda: _read(stage, names.intake(LOADER)),
        "read an internal topic": lambda: _read(stage, names.events("registry")),
        "write to another's topic": lambda: _write(stage, names.intake(LOADER)),
        "write to its own delivery topic": lambda: _write(stage, names.delivery(INTRUDER)),
        "write an internal command": lambda: _write(stage, names.commands("registry")),
        "join another's consumer group": lambda: _join(stage, group),
        "log in with a wrong password": lambda: _log_in(replace(login, password="guessed").client),  # noqa: S106
    }
    for number, (deed, attempt) in enumerate(deeds.items(), 1):
        told.trespasses.append(Trespass(deed, await _error(attempt)))
        stage.progress("trespasses", number, len(deeds))


async def _error(attempt: Callable[[], Awaitable[object]]) -> str:
    try:
        await attempt()
    except KafkaError as refused:
        return type(refused).__name__
    return ""


async def _read(stage: Stage, topic: str) -> object:
    """In a group of its own, so that the topic alone decides."""
    group = f"{stage.names.prefix}{INTRUDER.lower()}.intruder"
    return await _consume(stage, topic, group)


async def _join(stage: Stage, group: str) -> object:
    """With a topic of its own, so that the group alone decides."""
    return await _consume(stage, stage.names.delivery(INTRUDER), group)


async def _consume(stage: Stage, topic: str, group: str) -> object:
    login = stage.partners[INTRUDER].login.client
    consumer = AIOKafkaConsumer(topic, **login, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False)
    try:
        await consumer.start()
        return await consumer.getmany(timeout_ms=MILLISECONDS)
    finally:
        await consumer.stop()


async def _write(stage: Stage, topic: str) -> object:
    producer = AIOKafkaProducer(**stage.partners[INTRUDER].login.client, request_timeout_ms=MILLISECONDS)
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
