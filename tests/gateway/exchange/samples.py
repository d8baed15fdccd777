"""Records of partners and events of services, valid by default, so that a test names only what matters."""

import json
from datetime import UTC, date, datetime
from typing import Any

from aiokafka import ConsumerRecord

from chassis.security.keys import KeyRing
from contracts import indicators, notifications, registry
from contracts.envelope import Envelope
from contracts.model import Moment
from contracts.topics import Names
from deploy.local.keys import rings
from services.gateway.domain import agreements
from services.gateway.domain.routing import Routing
from simulation.scenario.people import make_nik

NOW = datetime(2026, 4, 1, 2, tzinfo=UTC)
NIK = make_nik("33.07", date(1998, 12, 5), "P", 1)
NAMES = Names("")
RINGS = rings()
RING = KeyRing(**RINGS["gateway-exchange"])
PERSON = "33333333-3333-8333-8333-333333333333"
OTHER = "66666666-6666-8666-8666-666666666666"
ALERT = "22222222-2222-8222-8222-222222222222"
ROUND = "11111111-1111-8111-8111-111111111111"
EVENT = "44444444-4444-8444-8444-444444444444"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

REGISTRATION: dict[str, Any] = {
    "occurred_at": "2026-03-01T08:30:00+07:00",
    "person": {
        "full_name": "Sulastri", "nik": NIK, "passport": "Z0000001", "birth_date": "1998-12-05", "sex": "P",
        "phone": "+628340000001", "address": "Jalan Contoh 1", "mother_name": "Kartinah", "home_regency": "33.07",
    },
    "episode": {"destination": "MY", "sector": "97000", "occupation": "9111", "scheme": "p_to_p", "formal": False},
}  # fmt: skip
IDENTITY: dict[str, Any] = {"occurred_at": "2026-03-02", "person": {"nik": NIK}, "matched": True}
PLACEMENT: dict[str, Any] = {
    "occurred_at": "2026-03-03", "person": {"nik": NIK}, "destination": "MY", "employer": "Contoh Sdn Bhd",
    "scheme": "p_to_p", "contract_start": "2026-04-01", "contract_end": "2028-03-31",
}  # fmt: skip
DEPARTURE: dict[str, Any] = {"occurred_at": "2026-03-20", "person": {"passport": "Z0000001"}, "destination": "MY"}
ANSWER: dict[str, Any] = {
    "occurred_at": "2026-03-20", "round": ROUND, "indicator": "MGI-1.01", "value": 0.5,
    "evidence": [{"instrument": "UU", "number": "18", "year": 2017, "title": "Pelindungan PMI"}],
}  # fmt: skip
DISTRESS: dict[str, Any] = {
    "occurred_at": "2026-03-20T10:00:00+08:00", "alert_type": "ALT-DISTRESS", "person": {"nik": NIK}, "country": "MY",
    "narrative": "Terkunci di rumah majikan", "phone": "+628340000001",
}  # fmt: skip

ACKNOWLEDGEMENT: dict[str, Any] = {"alert": ALERT}
RESOLUTION: dict[str, Any] = {"alert": ALERT, "resolution": "helped"}

TYPES = {
    "partner.registration.submitted.v1": REGISTRATION,
    "partner.identity.confirmed.v1": IDENTITY,
    "partner.placement.reported.v1": PLACEMENT,
    "partner.departure.reported.v1": DEPARTURE,
    "partner.answer.submitted.v1": ANSWER,
    "partner.alert.reported.v1": DISTRESS,
    "partner.alert.acknowledged.v1": ACKNOWLEDGEMENT,
    "partner.alert.resolved.v1": RESOLUTION,
}


def with_(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of a body with one value changed, or taken away when it is None; `path` is like person.nik."""
    copy: dict[str, Any] = json.loads(json.dumps(body))
    *parents, last = path.split(".")
    at = copy
    for parent in parents:
        at = at[parent]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return copy


def headers(type_: str = "partner.registration.submitted.v1", **changes: str | bytes | None) -> list[tuple[str, bytes]]:
    """Headers of a record of KP2MI."""
    found: dict[str, str | bytes | None] = {
        "ce_specversion": "1.0", "ce_id": "r-1", "ce_source": "/KP2MI/sisko", "ce_type": type_,
        "ce_time": "2026-03-01T01:30:00Z", "content-type": "application/json",
    }  # fmt: skip
    found |= {
        name if name in ("content_type", "traceparent") else f"ce_{name}": value for name, value in changes.items()
    }
    return [(name, v if isinstance(v, bytes) else v.encode()) for name, v in found.items() if v is not None]


def record(
    body: dict[str, Any] | bytes,
    given: list[tuple[str, bytes]] | None = None,
    *,
    topic: str = "from.kp2mi.v1",
    offset: int = 0,
) -> Any:
    """As the consumer hands it on."""
    value = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ConsumerRecord(
        topic=topic, partition=0, offset=offset, timestamp=1_770_000_000_000, timestamp_type=0, key=None, value=value,
        checksum=None, serialized_key_size=-1, serialized_value_size=len(value), headers=tuple(given or headers()),
    )  # fmt: skip


def facets(**changes: Any) -> registry.Facets:
    given = {
        "owner": "KP2MI",
        "home_regency": "33.07",
        "destination": "MY",
        "sector": "97000",
        "status": "C1_REGISTERED",
    }
    return registry.Facets(**(given | changes))


def registered(**changes: Any) -> registry.PersonRegistered:
    given: dict[str, Any] = {
        "person": PERSON, "occurred": Moment.parse("2026-03-01T08:30:00+07:00"), "facets": facets(), "episode": 1,
        "scheme": "p_to_p", "occupation": "9111", "first": True, "flags": (registry.Flag(code="nik_unverified"),),
    }  # fmt: skip
    return registry.PersonRegistered(**(given | changes))


def departed(**changes: Any) -> registry.Departed:
    given: dict[str, Any] = {"person": PERSON, "occurred": Moment.parse("2026-03-20"), "facets": facets(), "episode": 1}
    return registry.Departed(**(given | changes))


def offered(**changes: Any) -> registry.RegistrationOffered:
    """KP2MI's person, registered by an office too."""
    return registry.RegistrationOffered(**(_offer() | changes))


def offer_decided(**changes: Any) -> registry.OfferDecided:
    return registry.OfferDecided(**(_offer() | {"decision": "rejected", "reason": "not_confirmed"} | changes))


def _offer() -> dict[str, Any]:
    occurred = Moment.parse("2026-03-20")
    return {"person": PERSON, "occurred": occurred, "facets": facets(), "offer": OTHER, "by": "33.07-DISNAKER"}


def merged(**changes: Any) -> registry.PersonMerged:
    return registry.PersonMerged(**(_joined() | changes))


def unmerged(**changes: Any) -> registry.PersonUnmerged:
    return registry.PersonUnmerged(**(_joined() | changes))


def _joined() -> dict[str, Any]:
    """Of the survivor."""
    occurred = Moment.parse("2026-03-20T10:00:00+08:00")
    return {
        "person": PERSON, "other": OTHER, "role": "survivor", "because": "steward", "occurred": occurred,
        "facets": facets(),
    }  # fmt: skip


def absorbed(**changes: Any) -> dict[str, Any]:
    """What the event of the absorbed person says otherwise."""
    return {"person": OTHER, "other": PERSON, "role": "absorbed", "facets_before": facets(**changes)}


def raised(**changes: Any) -> notifications.AlertRaised:
    given: dict[str, Any] = {
        "alert": ALERT, "alert_type": "ALT-DISTRESS", "severity": "critical", "privacy": "restricted",
        "source": "KP2MI", "recipients": ("KBRI_KUL", "KEMLU", "KP2MI"), "person": PERSON, "country": "MY",
        "occurred": Moment.parse("2026-03-20T10:00:00+08:00"), "acknowledge_by": NOW,
        "responders": ("KBRI_KUL", "KEMLU", "KP2MI"), "named_under": "agreement",
    }  # fmt: skip
    return notifications.AlertRaised(**(given | changes))


def opened() -> indicators.RoundOpened:
    """A question each for two ministries."""
    given = (("MGI-1.01", "KEMENKES"), ("MGI-1.02", "KEMENDIKDASMEN"))
    assignments = tuple(indicators.Assignment(indicator=question, organisation=code) for question, code in given)
    return indicators.RoundOpened(round=ROUND, catalogue="mgi-national", year=2026, due_at=NOW, assignments=assignments)


def answered() -> indicators.AnswerSubmitted:
    return indicators.AnswerSubmitted(
        round=ROUND, indicator="MGI-1.01", dimension=1, organisation="KEMENKES", occurred=Moment(at=NOW), value=1.0,
        evidence=1,
    )  # fmt: skip


def envelope(event: Any, **changes: Any) -> Envelope:
    given: dict[str, Any] = {
        "id": EVENT, "source": "/simpul/registry", "type": event.type, "time": NOW, "recordedtime": NOW,
        "correlationid": "55555555-5555-8555-8555-555555555555", "sequence": 7, "traceparent": TRACE,
    }  # fmt: skip
    return Envelope(**(given | changes))


def state(**changes: Any) -> registry.PersonState:
    personal = {
        "full_name": "Sulastri", "nik": NIK, "passport": "Z0000001", "birth_date": "1998-12-05", "sex": "P",
        "phone": "+628340000001", "address": "Jalan Contoh 1", "mother_name": "Kartinah",
    }  # fmt: skip
    given: dict[str, Any] = {
        "person": PERSON, "version": 7, "asof": NOW, "facets": facets(), "episode": 1, "personal": personal,
    }  # fmt: skip
    return registry.PersonState(**(given | changes))


def selection(*connected: str) -> Routing:
    """The agreements as they stand, on a day in 2026."""
    return Routing(agreements.load(), frozenset(connected), date(2026, 6, 1))
