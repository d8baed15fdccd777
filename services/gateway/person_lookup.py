"""Whom an alert is about, when its reporter names them by NIK or passport number."""

import asyncio
from dataclasses import replace

from chassis.messaging.retry import Outage
from contracts import notifications
from services.gateway.calls import Unexpected
from services.gateway.clients import Services
from services.gateway.domain.translation import CommandDraft

RESOLVE_SECONDS = 0.15
"""How long an alert waits to learn that."""


async def with_person(services: Services, draft: CommandDraft) -> CommandDraft:
    """The command with the id of that person, if it is found within 150 ms, else as it is: the completion names them.

    An alert of class survivor is never asked about, and neither is anything but an alert.
    """
    body, details = draft.body, draft.personal
    if not isinstance(body, notifications.RaiseAlert) or body.person or draft.survivor:
        return draft
    if not isinstance(details, notifications.AlertDetails) or not (details.nik or details.passport):
        return draft
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            resolved = await services.resolve_person(details.nik, details.passport, timeout=RESOLVE_SECONDS)
    except (TimeoutError, Outage, Unexpected):
        return draft
    return replace(draft, body=body.model_copy(update={"person": resolved.person}))
