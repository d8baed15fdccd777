"""The messages that simulated partners send, as their own systems would write them."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from contracts.envelope import stamp
from simulation.scenario.participants import SYSTEMS
from simulation.scenario.people import SimulatedPerson

WIB = timezone(timedelta(hours=7))
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PartnerMessage:
    """One message in CloudEvents' Kafka binary mode; `id` is what the receipt names."""

    id: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]

    @property
    def type(self) -> str:
        """Its ce_type."""
        return dict(self.headers)["ce_type"].decode()


def partner_message(
    organisation: str, record_id: str, kind: str, body: Mapping[str, Any], *, subject: str = "", traceparent: str = ""
) -> PartnerMessage:
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
    return PartnerMessage(record_id, record_id.encode(), json.dumps(body).encode(), headers)


def registration_id(person: SimulatedPerson) -> str:
    """KP2MI's number of the record that registers a person."""
    return f"{person.nik}/daftar"


def registration(organisation: str, person: SimulatedPerson, at: datetime) -> PartnerMessage:
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
    return partner_message(organisation, registration_id(person), kind, body, subject=person.passport)


def placement(organisation: str, person: SimulatedPerson, at: datetime, *, by_token: str = "") -> PartnerMessage:
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
    return partner_message(organisation, f"{person.nik}/penempatan", kind, body, subject=person.full_name)


def identity_answer(organisation: str, person: SimulatedPerson, at: datetime, *, matched: bool) -> PartnerMessage:
    """Dukcapil's answer about a NIK, with the holder's name in the subject."""
    body = {
        "occurred_at": at.astimezone(WIB).isoformat(timespec="seconds"),
        "person": {"nik": person.nik},
        "matched": matched,
    }
    kind = "partner.identity.confirmed.v1"
    return partner_message(organisation, f"verifikasi-{person.nik}", kind, body, subject=person.full_name)


def departure(
    organisation: str, person: SimulatedPerson, at: datetime, *, counter: str, date_only: bool = False
) -> PartnerMessage:
    """The border knows passports, and numbers its records by them."""
    local = at.astimezone(WIB)
    body = {
        "occurred_at": local.date().isoformat() if date_only else local.isoformat(timespec="seconds"),
        "person": {"passport": person.passport},
        "destination": person.destination,
    }
    kind = "partner.departure.reported.v1"
    subject = f"{person.nik} {person.phone}"
    return partner_message(organisation, f"{person.passport}-{counter}", kind, body, subject=subject)


DISTRESS = "ALT-DISTRESS"


def distress_call(
    organisation: str, person: SimulatedPerson, number: int, *, traceparent: str = "", reason: str = ""
) -> PartnerMessage:
    """A call about one worker; the narrative names names, as narratives do."""
    body = {
        "occurred_at": datetime.now(WIB).isoformat(timespec="milliseconds"),
        "alert_type": DISTRESS,
        "person": {"nik": person.nik},
        "country": person.destination,
        "narrative": f"{person.full_name} menelepon dari rumah terkunci dan minta dijemput.",
        "place": person.address,
        "phone": person.phone,
    } | ({"reason": reason} if reason else {})
    record_id = f"{person.nik}/darurat-{number}"
    return partner_message(organisation, record_id, "partner.alert.reported.v1", body, traceparent=traceparent)


def alert_taken(organisation: str, alert: str) -> PartnerMessage:
    """The organisation takes an alert that it was told of."""
    return partner_message(organisation, f"{alert}/taken", "partner.alert.acknowledged.v1", {"alert": alert})


def alert_ended(organisation: str, alert: str, resolution: str) -> PartnerMessage:
    """And how it ended."""
    body = {"alert": alert, "resolution": resolution}
    return partner_message(organisation, f"{alert}/ended", "partner.alert.resolved.v1", body)


def overdue_report_about(organisation: str, person: SimulatedPerson) -> PartnerMessage:
    """An alert that a report is overdue, which names somebody whom it can have nothing to do with."""
    at = datetime.now(WIB).isoformat(timespec="seconds")
    body = {"occurred_at": at, "alert_type": "ALT-QMIDUE", "person": {"nik": person.nik}}
    return partner_message(organisation, f"{person.nik}/laporan", "partner.alert.reported.v1", body)


def round_answer(organisation: str, round_id: str, indicator: str, kind: str) -> PartnerMessage:
    """An institution's answer to one question, with the instrument it rests on."""
    moment = datetime.now(WIB).isoformat(timespec="seconds")
    body = {"occurred_at": moment, "round": round_id, "indicator": indicator, **answer_content(kind)}
    return partner_message(organisation, f"mgi-{round_id}-{indicator}", "partner.answer.submitted.v1", body)


def answer_content(kind: str) -> Body:
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
