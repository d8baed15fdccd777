"""Copies of one event for one receiver, read back."""

from typing import Any

from contracts import envelope as envelopes
from contracts import exchange, registry
from services.gateway.domain.copies import Copy, CopyBuilder
from services.gateway.domain.routing import Recipient
from tests.gateway.exchange.samples import (
    NAMES,
    NIK,
    RING,
    envelope,
    facets,
    raised,
    registered,
    selection,
    state,
)

COPIER = CopyBuilder(RING, NAMES)


def share(receiver: str, event: Any = None) -> Recipient:
    event = event or registered()
    return next(share for share in selection(receiver).of_person(event) if share.receiver == receiver)


def person_copy(receiver: str, event: Any = None) -> tuple[exchange.PersonCopied, envelopes.Envelope, Copy]:
    event = event or registered()
    copy = COPIER.of_person(share(receiver, event), event, envelope(event), state())
    return exchange.PersonCopied.model_validate_json(copy.message.value), envelopes.read(copy.message.headers), copy


def alert_copy(event: Any = None, **given: Any) -> tuple[exchange.AlertCopied, envelopes.Envelope, Copy]:
    event = event or raised()
    told = selection("KBRI_KUL").of_alert(event)[0]
    origin = envelope(event, dataclassification=event.privacy)
    copy = COPIER.of_alert(told, event, origin, **given)
    return exchange.AlertCopied.model_validate_json(copy.message.value), envelopes.read(copy.message.headers), copy


def joined(*destinations: str) -> registry.PersonState:
    """Of somebody with a NIK and, by a passport that nobody confirmed, of a crossing elsewhere."""
    numbered = registry.PersonPart(
        facets=facets(destination=destinations[0]), personal={"full_name": "Sulastri", "nik": NIK, "sex": "P"},
        stated=dict.fromkeys(("full_name", "nik", "sex"), ("REGISTRATION",)),
    )  # fmt: skip
    crossed = registry.PersonPart(
        facets=facets(destination=destinations[1], home_regency=None), personal={"passport": "Z0000001"},
        stated={"passport": ("DEPARTURE",)},
    )  # fmt: skip
    return state(unconfirmed=(numbered, crossed))
