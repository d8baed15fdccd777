"""Partner records for measurements: registrations whose every copy has exactly three receivers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from contracts.envelope import Headers
from deploy.story.people import SimulatedPerson, people

SENDER = "KP2MI"
DESTINATION, MISSION = "HK", "KJRI_HKG"
REGENCY, REGENCY_OFFICE = "33.07", "KAB-33.07"
RECEIVERS = (MISSION, REGENCY_OFFICE, "BPS")
"""One mission, one home regency, BPS: three copies of every registration."""


def workers(count: int, seed: int) -> list[SimulatedPerson]:
    """People who all go from Wonosobo to Hong Kong; another seed gives other people."""
    return [replace(p, destination=DESTINATION, home_regency=REGENCY) for p in people(count, seed)]


def registration(person: SimulatedPerson) -> bytes:
    """The body of one registration, about 600 bytes."""
    body = {
        "occurred_at": "2026-03-02T09:00:00+07:00",
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
    return json.dumps(body).encode()


def distress(person: SimulatedPerson, happened: datetime) -> bytes:
    """The body of one distress call about a person abroad."""
    body = {
        "occurred_at": happened.isoformat(timespec="milliseconds"),
        "alert_type": "ALT-DISTRESS",
        "person": {"nik": person.nik},
        "country": person.destination,
        "narrative": "Constructed call for a measurement.",
    }
    return json.dumps(body).encode()


def headers(record_id: str, kind: str = "partner.registration.submitted.v1") -> Headers:
    """CloudEvents headers as a partner writes them."""
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", record_id.encode()),
        ("ce_source", f"/{SENDER}/bench".encode()),
        ("ce_type", kind.encode()),
        ("content-type", b"application/json"),
    ]


def registrations(count: int, seed: int) -> Iterator[tuple[Headers, bytes]]:
    """Headers and body of `count` registrations."""
    for n, person in enumerate(workers(count, seed)):
        yield headers(f"r-{seed}-{n}"), registration(person)
