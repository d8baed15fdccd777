"""One process of the registry without its broker: the steps of a batch, in one transaction, again after a lost race."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from chassis.commands.types import Applied, Command
from chassis.mongo import Client, Session, VersionConflict, transact
from services.registry.commands import Draft, steps
from services.registry.commands.newcomer_matching import Matcher
from services.registry.store import Store
from tests.registry.builders import NOW


async def apply(
    client: Client,
    store: Store,
    commands: Sequence[Command],
    attempts: int = 20,
    now: datetime = NOW,
    matcher: Matcher | None = None,
) -> list[Applied[Draft]]:
    """Settle a batch as the worker does. Raises VersionConflict after so many lost races."""
    step = steps(store, matcher)
    for attempt in range(1, attempts + 1):
        work = await step.load(commands)
        applied = [step.carry_out(work, one, now) for one in commands]

        async def write(session: Session) -> None:
            await step.save(work, session)  # noqa: B023  # awaited before the next attempt

        try:
            await transact(client, write)
        except VersionConflict:
            step.on_conflict(work)
            if attempt == attempts:
                raise
        else:
            step.committed(work)
            return applied
    raise AssertionError("no attempt was allowed")


async def origins_by_key(store: Store) -> Counter[str]:
    """How many origin persons are kept under each key."""
    profiles = await store.profiles.collection.find({}, {"keys": 1}).to_list(None)
    return Counter(key for profile in profiles for key in profile["keys"])
