"""Partner records for measurements: registrations whose every copy has exactly three receivers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from simulation.scenario import partner_messages
from simulation.scenario.partner_messages import PartnerMessage
from simulation.scenario.people import SimulatedPerson, people

SENDER = "KP2MI"
DESTINATION, MISSION = "HK", "KJRI_HKG"
REGENCY, REGENCY_OFFICE = "33.07", "KAB-33.07"
INSURANCE = "BPJS_TK"
RECEIVERS = (MISSION, REGENCY_OFFICE, INSURANCE)
"""One mission, one home regency, social security: three copies of every registration."""

REGISTERED_AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def workers(count: int, seed: int) -> list[SimulatedPerson]:
    """People who all go from Wonosobo to Hong Kong; another seed gives other people."""
    return [replace(p, destination=DESTINATION, home_regency=REGENCY) for p in people(count, seed)]


def registration(person: SimulatedPerson, seed: int) -> PartnerMessage:
    """One registration, about 600 bytes. Two seeds may make one NIK twice; the record's id tells them apart."""
    made = partner_messages.registration(SENDER, person, REGISTERED_AT)
    named = f"{seed}/{made.id}"
    headers = tuple((name, named.encode() if name == "ce_id" else value) for name, value in made.headers)
    return replace(made, id=named, headers=headers)


def registrations(count: int, seed: int) -> Iterator[PartnerMessage]:
    """Registrations of `count` people."""
    return (registration(person, seed) for person in workers(count, seed))
