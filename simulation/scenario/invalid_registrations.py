"""The twelve defects that registrations have, and what the sender must be told of each."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from contracts.outcomes import Fault
from contracts.registry import ADULT
from services.gateway.domain.validation import MAX_BYTES
from simulation.scenario.partner_messages import Body, PartnerMessage
from simulation.scenario.people import SimulatedPerson, make_nik

Change = Callable[[PartnerMessage, SimulatedPerson], PartnerMessage]


@dataclass(frozen=True, slots=True)
class Defect:
    """`code`, `pointer` and `fault` are what the first problem of the refusal must say."""

    name: str
    apply: Change
    code: str
    pointer: str = ""
    fault: Fault = Fault.SENDER


def in_body(change: Callable[[Body, SimulatedPerson], object]) -> Change:
    """Change the JSON object of a message in place."""

    def apply(message: PartnerMessage, person: SimulatedPerson) -> PartnerMessage:
        body = json.loads(message.value)
        change(body, person)
        return replace(message, value=json.dumps(body).encode())

    return apply


def in_header(name: str, value: bytes) -> Change:
    """Set a header."""
    return lambda message, _: replace(message, headers=tuple({**dict(message.headers), name: value}.items()))


def _make_minor(body: Body, person: SimulatedPerson) -> None:
    born = date(int(body["occurred_at"][:4]) - (ADULT - 1), 3, 9)
    nik = make_nik(person.home_regency, born, person.sex, serial=9999, district=98)
    body["person"] |= {"birth_date": born.isoformat(), "nik": nik}


def _years_ahead(body: Body, _: SimulatedPerson) -> None:
    year, rest = body["occurred_at"][:4], body["occurred_at"][4:]
    body["occurred_at"] = f"{int(year) + 5}{rest}"


def _fill_up(message: PartnerMessage, _: SimulatedPerson) -> PartnerMessage:
    return replace(message, value=message.value[:-1] + b" " * MAX_BYTES + b"}")


def _cut_in_half(message: PartnerMessage, _: SimulatedPerson) -> PartnerMessage:
    return replace(message, value=message.value[: len(message.value) // 2])


DEFECTS: tuple[Defect, ...] = (
    Defect("no name", in_body(lambda body, _: body["person"].pop("full_name")), "missing_value", "/person/full_name"),
    Defect(
        "a NIK as the name of a property",
        in_body(lambda body, person: body["person"].update({person.nik: person.full_name})),
        "unknown_field",
        "/person",
    ),
    Defect(
        "a NIK of the 72nd day",
        in_body(lambda body, person: body["person"].update(nik=person.nik[:6] + "72" + person.nik[8:])),
        "nik_malformed",
        "/person/nik",
    ),
    Defect("a minor", in_body(_make_minor), "under_age", "/person/birth_date"),
    Defect(
        "a country that does not exist",
        in_body(lambda body, _: body["episode"].update(destination="XX")),
        "unknown_code",
        "/episode/destination",
    ),
    Defect(
        "a type that does not exist",
        in_header("ce_type", b"partner.registration.thought_of.v1"),
        "unknown_type",
        "/headers/ce_type",
    ),
    Defect(
        "a version that does not exist yet",
        in_header("ce_type", b"partner.registration.submitted.v9"),
        "unsupported_version",
        "/headers/ce_type",
    ),
    Defect("half the JSON", _cut_in_half, "bad_json"),
    Defect(
        "another organisation's name",
        in_header("ce_source", b"/KEMLU/sisko"),
        "wrong_organisation",
        "/headers/ce_source",
    ),
    Defect("a clock years ahead", in_body(_years_ahead), "clock_out_of_range", "/occurred_at"),
    Defect(
        "a header in Latin-1",
        in_header("ce_subject", "Nurhayati Siré".encode("latin-1")),
        "not_utf8",
        "/headers/ce_subject",
    ),
    Defect("more bytes than a message may have", _fill_up, "too_large"),
)


def spread_defects(count: int, *, among: int) -> Mapping[int, Defect]:
    """Which of `among` registrations have which defect: `count` of them, evenly spread, every defect in turn."""
    return {(n * among) // count: DEFECTS[n % len(DEFECTS)] for n in range(count)}
