"""A person's write: its command, and what became of it in the time that a person waits."""

import asyncio
import uuid
from dataclasses import dataclass

from aiokafka.errors import KafkaError

from chassis import telemetry
from chassis.messaging.message import Message
from chassis.messaging.publisher import Publisher
from chassis.messaging.retry import Outage
from chassis.security.keys import KeyRing
from contracts.authority import PLATFORM, functions_at, held_roles
from contracts.commands import Principal
from contracts.outcomes import Outcome, Refused
from contracts.topics import Names
from services.gateway.api.caller import principal_at_door
from services.gateway.domain.translation import CommandDraft
from services.gateway.outbound_commands import CommandWriter, OutboundCommand, digest_of
from services.gateway.outcome_watch import OutcomeWatch
from services.gateway.tokens import Caller

PUBLISH_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class PublishedCommand:
    """A command that stands in the log, and its outcome (applied or held) unless that takes longer."""

    command_id: str
    outcome: Outcome | None


def principal_of(ring: KeyRing, caller: Caller) -> Principal:
    """The caller as services know it: the issuer's name for a person becomes an opaque id, a system has none.

    An operator goes by his name.
    """
    if caller.kind == "operator":
        return Principal(organisation=PLATFORM, user=caller.name, roles=caller.roles, purpose=caller.purpose)
    user = ring.id("intake", "user", caller.organisation, caller.subject) if caller.kind == "person" else None
    at_door = principal_at_door(caller)
    roles = held_roles(functions_at(at_door), caller.roles)
    return at_door.model_copy(update={"user": user, "roles": roles})


class Submit:
    """Publishes commands of people on the interactive lane and waits up to `wait` seconds for their outcomes."""

    def __init__(self, *, ring: KeyRing, names: Names, publisher: Publisher, watch: OutcomeWatch, wait: float) -> None:
        self._ring, self._names, self._publisher, self._watch = ring, names, publisher, watch
        self._wait = wait

    async def __call__(
        self, caller: Caller, draft: CommandDraft, *, content: bytes, key: str | None
    ) -> PublishedCommand:
        """Write on behalf of a person. `content` is the request in canonical form, `key` its Idempotency-Key.

        The same caller, type and key make the same command, so that a repeated request gets the outcome of the first,
        and another request under that key is refused `id_reused`. Raises Refused, and Outage while the broker is away.
        """
        command = self._command(caller, draft, content, key)
        expected = self._watch.expect(command.id, command.digest)
        try:
            await self._publish(CommandWriter(self._ring, self._names).message(command))
            await asyncio.wait([expected], timeout=self._wait)
            outcome = expected.result() if expected.done() and not expected.cancelled() else None
        finally:
            expected.cancel()
        if outcome and outcome.result == "refused":
            raise Refused.because(outcome.problems)
        return PublishedCommand(command.id, outcome)

    def _command(self, caller: Caller, draft: CommandDraft, content: bytes, key: str | None) -> OutboundCommand:
        principal = principal_of(self._ring, caller)
        return OutboundCommand(
            id=self._ring.id("intake", principal.user or "", draft.type, key or str(uuid.uuid4())),
            digest=digest_of(self._ring, draft.type, content),
            principal=principal,
            draft=draft,
            traceparent=telemetry.clean_traceparent(telemetry.current_traceparent()),
        )

    async def _publish(self, message: Message) -> None:
        """One that fails may still stand in the log: whoever repeats it with its Idempotency-Key doubles nothing."""
        try:
            await asyncio.wait_for(self._publisher.send_all([message]), PUBLISH_SECONDS)
        except (KafkaError, TimeoutError):
            raise Outage from None
