"""What lies aside is handled again: by an operator's order what is held, by itself what was postponed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chassis import telemetry
from chassis.messaging.batch_runner import MAX_CONFLICTS
from chassis.messaging.dead_letters import DeadLetter, DeadLetters
from chassis.messaging.retry import LostRace, Outage, TooSlow, failure_of, is_outage
from chassis.messaging.subscription import Batch, Postponed, Subscription


class Replay:
    """Hands dead letters to whoever reads their topics now."""

    def __init__(self, subscriptions: Sequence[Subscription], dead_letters: DeadLetters) -> None:
        self.subscriptions, self.dead_letters = subscriptions, dead_letters

    async def replay(self) -> dict[str, int]:
        """Handle again what is held, in the order of the log, each in a turn of its own: other work goes between.

        What fails stays, and those of its line behind it. Repeats until nothing more succeeds. Raises an outage.
        """
        replayed, failed = 0, set[str]()
        while succeeded := await self._replay_once(failed):
            replayed += succeeded
        telemetry.log.info("replayed", replayed=replayed, left=len(failed))
        return {"replayed": replayed, "keys_left": len(failed)}

    async def _replay_once(self, failed: set[str]) -> int:
        """How many succeeded; adds lines (or ids, of what has no key) that failed."""
        after, succeeded = "", 0
        while letters := await self.dead_letters.read(after):
            for letter in letters:
                after = letter.page
                if (letter.line or letter.id) in failed:
                    continue
                error = await self._handle_again(letter)
                if error is None:
                    await self.dead_letters.remove(letter)
                    succeeded += 1
                else:
                    failed.add(letter.line or letter.id)
                    _log_failure(letter, error)
        return succeeded

    async def replay_postponed(self) -> None:
        """Handle again what was postponed. Ends at the first that still has to wait; what is bad in itself is held.

        Raises an outage.
        """
        after = ""
        while letters := await self.dead_letters.read(after, "postponed"):
            for letter in letters:
                after = letter.page
                error = await self._handle_again(letter)
                if isinstance(error, Postponed):
                    return
                if error is None:
                    await self.dead_letters.remove(letter)
                else:
                    _log_failure(letter, error)
                    await self._hold(letter, error)

    async def _hold(self, letter: DeadLetter, error: Exception) -> None:
        """It is no longer a matter of waiting: the sender is told, then it is an operator's. Who dies in between tells
        the sender again."""
        subscription = self._find_subscription(letter)
        if subscription is not None and letter.record is not None:
            await subscription.handler.hold(letter.record)
        await self.dead_letters.hold(letter, telemetry.describe(error))

    async def give_up(self, letter_id: str) -> bool:
        """End one for good. Its sender is told so, unless its content cannot be read or its topic is read no more.

        False when there is none.
        """
        letter = await self.dead_letters.find(letter_id)
        if letter is None:
            return False
        subscription = self._find_subscription(letter)
        if subscription is not None and letter.record is not None:
            async with subscription.turn(urgent=False):
                await subscription.handler.give_up(letter.record)
        await self.dead_letters.remove(letter)
        return True

    async def _handle_again(self, letter: DeadLetter) -> Exception | None:
        """None when it succeeded. Raises an outage, for then no other could succeed either."""
        subscription = self._find_subscription(letter)
        if letter.record is None or subscription is None:
            return LookupError("its content cannot be read" if subscription else "no subscription reads its topic")
        slow = 0
        for _ in range(MAX_CONFLICTS):
            async with subscription.turn(urgent=False):
                error = await failure_of(subscription.handler.handle(Batch([letter.record], again=True)))
            slow += isinstance(error, TooSlow)
            if slow > 1:
                raise Outage("too slow")
            if not isinstance(error, LostRace):
                break
        if error is not None and is_outage(error):
            raise error
        return error

    def _find_subscription(self, letter: DeadLetter) -> Subscription | None:
        topic = letter.where[0]
        for subscription in self.subscriptions:
            pattern = subscription.pattern
            reads = topic in subscription.topics or (pattern is not None and re.fullmatch(pattern, topic) is not None)
            if subscription.group == letter.group and reads:
                return subscription
        return None


def _log_failure(letter: DeadLetter, error: Exception) -> None:
    topic, partition, offset = letter.where
    telemetry.log.error(
        "replay_failed", topic=topic, partition=partition, offset=offset, error=telemetry.describe(error)
    )
