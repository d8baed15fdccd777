"""The stage of the story: a running stack, the systems of the partners, and people with their tokens."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from contracts.topics import Names
from deploy.local.report import Progress, silent
from deploy.local.stack import Stack
from deploy.local.tokens import issued
from simulation.scenario.cast import ANSWERS_BY_HTTPS, CONNECTED, URGENT
from simulation.scenario.partners import Client, Inbox, KafkaPartner

CONNECTING_AT_ONCE = 8


class Stage:
    """What an act plays on. `progress` is called as in `deploy.local.report`."""

    def __init__(self, stack: Stack, progress: Progress = silent) -> None:
        self.stack, self.progress = stack, progress
        self.names = Names(stack.prefix)
        self.partners = {
            code: KafkaPartner(code, stack.partners[code], self.names, urgent=code in URGENT)
            for code in CONNECTED
            if code != ANSWERS_BY_HTTPS
        }
        self.mailbox = Inbox()
        """Of the partner that has no Kafka client."""

    def person(self, organisation: str, name: str, *roles: str) -> Client:
        """Somebody of an organisation at the api."""
        return Client(self.stack.url("gateway-api"), self.token(organisation, name, *roles))

    def system(self, organisation: str) -> Client:
        """A partner's system at the api."""
        return Client(self.stack.url("gateway-api"), issued(self.stack.keys, organisation, "sistem", kind="system"))

    def token(self, organisation: str, name: str, *roles: str) -> str:
        """A bearer token for a person, as the issuer of this machine gives it."""
        return issued(self.stack.keys, organisation, name, roles)

    async def until(self, what: str, done: Callable[[], int], of: int, *, within: float) -> bool:
        """Show progress until `done()` reaches `of`; False when `within` seconds pass first: a check will tell why."""
        deadline = time.monotonic() + within
        while (reached := done()) < of:
            self.progress(what, reached, of)
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.05)
        if of:
            self.progress(what, of, of)
        return True


@asynccontextmanager
async def connected(stack: Stack, progress: Progress = silent) -> AsyncIterator[Stage]:
    """The stage with every partner's system connected to a stack that runs."""
    stage = Stage(stack, progress)
    gate = asyncio.Semaphore(CONNECTING_AT_ONCE)
    done = 0

    async def start(partner: KafkaPartner) -> None:
        nonlocal done
        async with gate:
            await partner.start()
        done += 1
        progress("connecting partners", done, len(stage.partners))

    try:
        async with asyncio.TaskGroup() as group:
            for partner in stage.partners.values():
                group.create_task(start(partner))
        yield stage
    finally:
        await asyncio.gather(*(partner.stop() for partner in stage.partners.values()))
