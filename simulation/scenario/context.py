"""What every step of the scenario acts on: a running stack, the systems of the partners, officers with their tokens."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from contracts.topics import Names
from deploy.local.progress import Progress, silent
from deploy.local.stack import Stack
from deploy.local.tokens import issue_token
from simulation.scenario.participants import ANSWERS_BY_HTTPS, CONNECTED, URGENT
from simulation.scenario.partners import Client, Inbox, KafkaPartner

CONNECTING_AT_ONCE = 8


class ScenarioContext:
    """`progress` is called as `deploy.local.progress` says."""

    def __init__(self, stack: Stack, progress: Progress = silent) -> None:
        self.stack, self.progress = stack, progress
        self.names = Names(stack.prefix)
        self.partners = {
            code: KafkaPartner(code, stack.partners[code], self.names, urgent=code in URGENT)
            for code in CONNECTED
            if code != ANSWERS_BY_HTTPS
        }
        self.https_inbox = Inbox()
        """Of the partner that has no Kafka client."""

    def inbox(self, organisation: str) -> Inbox:
        """Whichever way the partner is connected."""
        return self.partners[organisation].inbox if organisation in self.partners else self.https_inbox

    def officer(self, organisation: str, name: str, *roles: str, purpose: str | None = None) -> Client:
        """Somebody of an organisation at the api, for a purpose."""
        return self._client(self.token(organisation, name, *roles, purpose=purpose))

    def system(self, organisation: str) -> Client:
        """A partner's system at the api."""
        return self._client(issue_token(self.stack.keys, organisation, "sistem", kind="system"))

    def _client(self, token: str) -> Client:
        return Client(self.stack.url("gateway-api"), token, self.stack.client_tls())

    def token(self, organisation: str, name: str, *roles: str, purpose: str | None = None) -> str:
        """A bearer token of this machine's issuer for an officer."""
        return issue_token(self.stack.keys, organisation, name, roles, purpose=purpose)

    async def until(self, what: str, count: Callable[[], int], of: int, *, within: float) -> bool:
        """Show progress until `count()` reaches `of`; False when `within` seconds pass first: a check will say why."""
        deadline = time.monotonic() + within
        while (reached := count()) < of:
            self.progress(what, reached, of)
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.05)
        if of:
            self.progress(what, of, of)
        return True


@asynccontextmanager
async def connected_partners(stack: Stack, progress: Progress = silent) -> AsyncIterator[ScenarioContext]:
    """The context, with every partner's system connected to a stack that runs."""
    context = ScenarioContext(stack, progress)
    limit = asyncio.Semaphore(CONNECTING_AT_ONCE)
    count = 0

    async def start(partner: KafkaPartner) -> None:
        nonlocal count
        async with limit:
            await partner.start()
        count += 1
        progress("connecting partners", count, len(context.partners))

    try:
        async with asyncio.TaskGroup() as group:
            for partner in context.partners.values():
                group.create_task(start(partner))
        yield context
    finally:
        await asyncio.gather(*(partner.stop() for partner in context.partners.values()))
