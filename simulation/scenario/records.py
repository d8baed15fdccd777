"""The messages that simulated partners send, as their own systems would write them."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from contracts.envelope import stamp
from simulation.scenario.cast import SYSTEMS
from simulation.scenario.people import SimulatedPerson

WIB = timezone(timedelta(hours=7))
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """One message in CloudEvents' Kafka binary mode; `id` is what the receipt names."""

    id: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


def record(
    organisation: str, record_id: str, kind: str, body: Mapping[str, Any], *, subject: str = "", traceparent: str = ""
) -> Record:
    """A record of an organisation's own system."""
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": record_id,
        "ce_source": f"/{organisation}/{SYSTEMS.get(organisation, 'sistem')}",
        "ce_type": kind,
        "ce_time": stamp(datetime.now(UTC)),
        "ce_subject": subject,
        "content-type": "application/json",
        "traceparent": traceparent,
    }
    headers = tuple((name, text.encode()) for name, text in attributes.items() if text)
    return Record(record_id, record_id.encode(), json.dumps(body).encode(), headers)


def registered(person: SimulatedPerson) -> str:
    """KP2MI's number of the record that registers somebody."""
    return f"{person.nik}/daftar"


def registration(organisation: str, person: SimulatedPerson, at: datetime) -> Record:
    """KP2MI's own record number holds the NIK, and its subject the passport number: the gateway has to cope."""
    body = {
        "occurred_at": at.astimezone(WIB).isoformat(timespec="seconds"),
        "person": {
            "full_name": person.full_name,
            "nik": person.nik,
            "passport": person.passport,
            "birth_date": person.birth_date.isoformat(),
            "sex": person.sex,
            "phone": person.phone,
            "address": person.address,
            "mother_name": person.mother_name,
            "home_regency": person.home_regency,
        },
        "episode": {
            "destination": person.destination,
            "sector": person.sector,
            "occupation": person.occupation,
            "scheme": person.scheme,
            "formal": person.formal,
        },
    }
    kind = "partner.registration.submitted.v1"
    return record(organisation, registered(person), kind, body, subject=person.passport)


def placement(organisation: str, person: SimulatedPerson, at: datetime, *, by_token: str = "") -> Record:
    """About a NIK, or about the id that the receipt of the registration gave."""
    start = at.date() + timedelta(days=14)
    body = {
        "occurred_at": at.astimezone(WIB).isoformat(timespec="seconds"),
        "person": {"id": by_token} if by_token else {"nik": person.nik},
        "destination": person.destination,
        "sector": person.sector,
        "occupation": person.occupation,
        "scheme": person.scheme,
        "contract_start": start.isoformat(),
        "contract_end": start.replace(year=start.year + 2, day=min(start.day, 28)).isoformat(),
    }
    kind = "partner.placement.reported.v1"
    return record(organisation, f"{person.nik}/penempatan", kind, body, subject=person.full_name)


def identity(organisation: str, person: SimulatedPerson, at: datetime, *, matched: bool) -> Record:
    """Dukcapil's answer about a NIK, with the holder's name in the subject."""
    body = {
        "occurred_at": at.astimezone(WIB).isoformat(timespec="seconds"),
        "person": {"nik": person.nik},
        "matched": matched,
    }
    kind = "partner.identity.confirmed.v1"
    return record(organisation, f"verifikasi-{person.nik}", kind, body, subject=person.full_name)


def departure(
    organisation: str, person: SimulatedPerson, at: datetime, *, counter: str, coarse: bool = False
) -> Record:
    """The border knows passports, and its records are numbered by them; a coarse one tells the day only."""
    local = at.astimezone(WIB)
    body = {
        "occurred_at": local.date().isoformat() if coarse else local.isoformat(timespec="seconds"),
        "person": {"passport": person.passport},
        "destination": person.destination,
    }
    kind = "partner.departure.reported.v1"
    return record(organisation, f"{person.passport}-{counter}", kind, body, subject=f"{person.nik} {person.phone}")


def distress(organisation: str, person: SimulatedPerson, number: int, *, traceparent: str = "") -> Record:
    """A call about one worker; the narrative names names, as narratives do."""
    body = {
        "occurred_at": datetime.now(WIB).isoformat(timespec="milliseconds"),
        "alert_type": "ALT-DISTRESS",
        "person": {"nik": person.nik},
        "country": person.destination,
        "narrative": f"{person.full_name} menelepon dari rumah terkunci dan minta dijemput.",
        "place": person.address,
        "phone": person.phone,
    }
    record_id = f"{person.nik}/darurat-{number}"
    return record(organisation, record_id, "partner.alert.reported.v1", body, traceparent=traceparent)


def answer(organisation: str, round_id: str, indicator: str, kind: str) -> Record:
    """An institution's answer to one question, with the instrument it rests on."""
    body = {"occurred_at": datetime.now(WIB).isoformat(timespec="seconds"), "round": round_id, "indicator": indicator}
    return record(organisation, f"mgi-{round_id}-{indicator}", "partner.answer.submitted.v1", body | said(kind))


def said(kind: str) -> Body:
    """What is answered to a question of one kind."""
    evidence = [{"instrument": "UU", "number": "18", "year": 2017, "title": "Pelindungan Pekerja Migran Indonesia"}]
    match kind:
        case "yes_no":
            return {"value": "yes", "evidence": evidence}
        case "scale":
            return {"value": 0.5, "evidence": evidence}
        case "number":
            return {"value": 17.0}
        case _:
            return {"text": "Diatur dengan undang-undang dan peraturan pelaksananya.", "evidence": evidence}


def new_traceparent() -> str:
    """A sampled W3C trace context. No 13 decimal digits stand in a row, which the gateway would take for a NIK."""
    trace, span = (secrets.token_hex(size).replace("0", "a").replace("5", "e") for size in (16, 8))
    return f"00-{trace}-{span}-01"
