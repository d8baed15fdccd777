"""What a service does behind its commands: publish what a crash left behind, delete what is old."""

from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.commands.processor import CommandProcessor
from chassis.messaging.dead_letters import DeadLetters
from chassis.messaging.priority import Gate
from chassis.messaging.retry import Health, every
from chassis.settings import Settings

SWEEP_SECONDS = 2.0
COMMANDS_KEPT_HOURS = 72.0
"""How long a topic of commands keeps what was acknowledged."""


async def keep_sweeping(processor: CommandProcessor[Any], gate: Gate, health: Health) -> None:
    """Until cancelled: when idle, publish what a crash left in the outbox."""

    async def sweep() -> None:
        async with gate.turn(urgent=False):
            await processor.outbox.drain()

    await every(SWEEP_SECONDS, sweep, health, "sweep")


async def keep_forgetting(
    processor: CommandProcessor[Any], dead_letters: DeadLetters, settings: Settings, health: Health
) -> None:
    """Until cancelled: delete published messages and processed commands that are older than the settings say.

    A processed command stays for as long as a dead letter may bring it back.
    """

    async def forget() -> None:
        now = datetime.now(UTC)
        await processor.outbox.forget(now - timedelta(hours=settings.outbox_kept_hours))
        kept = now - timedelta(days=settings.processed_kept_days)
        await processor.processed.forget(min(kept, await dead_letters.oldest() or kept))

    await every(_pause(settings), forget, health, "forget")


def _pause(settings: Settings) -> float:
    """Seconds: a minute, or less where messages are kept for minutes only."""
    return min(60.0, settings.outbox_kept_hours * 3600 / 4)
