"""Whom an alert is about, and whether an agreement of its reporter's covers them."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from chassis.messaging.retry import Outage
from contracts import notifications
from contracts.registry import Facets
from services.gateway.calls import Unexpected
from services.gateway.clients import Services
from services.gateway.domain.translation import CommandDraft

RESOLVE_SECONDS = 0.15
"""How long an alert waits to learn that."""

Covers = Callable[[Facets], bool]
"""Whether an agreement of the reporter's covers a person of these facets."""


async def with_person(services: Services, draft: CommandDraft, covers: Covers) -> CommandDraft:
    """The command with the id of that person and whether they are covered, as far as that is found within 150 ms.

    Whoever nobody has registered is covered by nothing, so that the answer does not tell the two apart. An alert of
    class survivor is never asked about, and neither is anything but an alert.
    """
    body, details = draft.body, draft.personal
    if not isinstance(body, notifications.RaiseAlert) or draft.survivor:
        return draft
    lookup = _Lookup(services, body.person)
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            if isinstance(details, notifications.AlertDetails) and not body.person:
                if not (details.nik or details.passport):
                    return draft
                await lookup.resolve(details.nik, details.passport)
            await lookup.ask_whether_covered(covers)
    except (TimeoutError, Outage, Unexpected):
        covered = None
    else:
        covered = lookup.covered
    return replace(draft, body=body.model_copy(update={"person": lookup.person, "covered": covered}))


class _Lookup:
    """What is known so far: it stops at any step."""

    def __init__(self, services: Services, person: str | None) -> None:
        self._services, self.person = services, person
        self._possible: tuple[str, ...] = (person,) if person else ()
        self.covered: bool | None = None

    async def resolve(self, nik: str | None, passport: str | None) -> None:
        resolved = await self._services.resolve_person(nik, passport, timeout=RESOLVE_SECONDS)
        self.person = resolved.person
        self._possible = (resolved.person,) if resolved.person else resolved.candidates

    async def ask_whether_covered(self, covers: Covers) -> None:
        """Of several whom it may be about, every one has to be."""
        states = await self._services.read_persons(dict.fromkeys(self._possible, 0), timeout=RESOLVE_SECONDS)
        all_read = all(person in states for person in self._possible)
        self.covered = bool(states) and all_read and all(covers(state.facets) for state in states.values())
