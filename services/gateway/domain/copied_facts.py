"""What a copy tells of an event besides whom it is about: facts, steps of an alert, times as partners write them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from contracts import notifications, registry
from contracts.envelope import stamp
from contracts.model import WIB, Moment, known_date
from services.gateway.domain.grants import Stated
from services.gateway.domain.routing import Recipient


def stated_in(event: registry.PersonEvent, state: registry.PersonState | None) -> Stated:
    """Which kinds of fact state what an event tells; of what has changed since, nobody knows any more."""
    stated: dict[str, Iterable[registry.FactKind]] = {}
    if state is not None:
        now = state.facets.model_dump()
        stated |= {
            name: kinds
            for name, kinds in state.stated.items()
            if name not in now or now[name] == getattr(event.facets, name)
        }
    kind = _KINDS.get(type(event))
    return stated | (dict.fromkeys(_own_facts(event), (kind,)) if kind else {})


_KINDS: Mapping[type[registry.PersonEvent], registry.FactKind] = {
    registry.PersonRegistered: "REGISTRATION",
    registry.IdentityConfirmed: "IDENTITY",
    registry.PlacementRecorded: "PLACEMENT",
    registry.RegistrationOffered: "REGISTRATION",
    registry.OfferDecided: "REGISTRATION",
}
"""Events that tell what one fact stated."""


def subject_of(event: registry.PersonEvent) -> str:
    """Whose state a copy tells: of a merge that of the survivor, under whichever of the two it was announced."""
    if isinstance(event, registry.PersonMerged) and event.role == "absorbed":
        return event.other
    return event.person


def joined(event: registry.PersonEvent) -> dict[str, str]:
    """The other person of a merge, or of its undoing, by the name of the fact that tells the receiver's id of it."""
    match event:
        case registry.PersonMerged():
            return {"absorbed": event.person if event.role == "absorbed" else event.other}
        case registry.PersonUnmerged():
            return {"separated": event.other}
        case _:
            return {}


def facts_of(event: registry.PersonEvent) -> dict[str, Any]:
    """Every non-identifying fact that an event tells."""
    facets = event.facets
    facts = {
        "status": facets.status,
        "flags": [flag.code for flag in event.flags],
        "destination": facets.destination,
        "home_regency": facets.home_regency,
        "sector": facets.sector,
        "owner": facets.owner,
    } | _own_facts(event)
    return {name: value for name, value in facts.items() if value is not None}


def _own_facts(event: registry.PersonEvent) -> dict[str, Any]:
    match event:
        case registry.PersonRegistered():
            return {"scheme": event.scheme, "occupation": event.occupation}
        case registry.PlacementRecorded():
            return {
                "scheme": event.scheme,
                "occupation": event.occupation,
                "contract_start": event.contract_start,
                "contract_end": event.contract_end,
            }
        case registry.IdentityConfirmed():
            return {"identity_matched": event.matched}
        case registry.RegistrationOffered():
            return {"offer": event.offer, "offered_by": event.by}
        case registry.OfferDecided():
            return {"offer": event.offer, "offered_by": event.by, "offer_decision": event.decision}
        case _:
            return {}


def alert_facts(event: notifications.AlertEvent) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "occurred_at": written(event.occurred),
        "alert": event.alert,
        "alert_type": event.alert_type,
        "severity": event.severity,
        "country": event.country,
        "region": event.region,
        "reason": event.reason,
        "person_withheld": event.withheld,
        "source_suspended": event.source_suspended or None,
    } | _step(event)
    return {name: value for name, value in facts.items() if value is not None}


def _step(event: notifications.AlertEvent) -> dict[str, Any]:
    match event:
        case notifications.AlertAcknowledged():
            return {"state": "acknowledged", "acknowledged_by": event.by}
        case notifications.AlertResolved():
            return {"state": "resolved", "resolution": event.resolution}
        case notifications.AlertRaised():
            limits = {"acknowledge_by": event.acknowledge_by, "first_action_by": event.first_action_by}
            return {"state": "raised"} | {name: stamp(at) for name, at in limits.items() if at is not None}
        case _:
            raise TypeError(type(event).__name__)


def person_in(recipient: Recipient, event: registry.PersonEvent) -> str:
    """Whom a copy is about: of a person who left, the one that the receiver knew."""
    return event.person if recipient.gone else subject_of(event)


def midnight(at: datetime) -> datetime:
    """The beginning of its day in Western Indonesia."""
    return at.astimezone(WIB).replace(hour=0, minute=0, second=0, microsecond=0)


def day_of(moment: Moment) -> str:
    """As much of the date as is known, by the day at most, and without the offset that would tell where it was."""
    if moment.precision == "instant":
        return f"{moment.at.astimezone(WIB).date().isoformat()}+07:00"
    return known_date(moment.local.isoformat(), moment.precision) + "+07:00"


def written(moment: Moment) -> str:
    """A moment as partners write it, in its own offset: an instant, or as much of the date as is known."""
    text = moment.local.isoformat()
    return text if moment.precision == "instant" else known_date(text, moment.precision) + text[-6:]
