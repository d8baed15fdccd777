"""The twelve ways in which registrations are broken, and what the sender must be told of each."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from contracts.outcomes import Fault
from simulation.scenario.people import SimulatedPerson, make_nik
from simulation.scenario.records import Body, Record

Spoil = Callable[[Record, SimulatedPerson], Record]


@dataclass(frozen=True, slots=True)
class Way:
    """`code`, `pointer` and `fault` are what the first problem of the refusal must say."""

    name: str
    spoil: Spoil
    code: str
    pointer: str = ""
    fault: Fault = Fault.SENDER


def in_body(change: Callable[[Body, SimulatedPerson], object]) -> Spoil:
    """Change the JSON object of a record in place."""

    def spoil(record: Record, person: SimulatedPerson) -> Record:
        body = json.loads(record.value)
        change(body, person)
        return replace(record, value=json.dumps(body).encode())

    return spoil


def in_header(name: str, value: bytes) -> Spoil:
    """Put a value into a header."""
    return lambda record, _: replace(record, headers=tuple({**dict(record.headers), name: value}.items()))


def _young(body: Body, person: SimulatedPerson) -> None:
    born = date(int(body["occurred_at"][:4]) - 17, 3, 9)
    nik = make_nik(person.home_regency, born, person.sex, serial=9999, district=98)
    body["person"] |= {"birth_date": born.isoformat(), "nik": nik}


def _bulky(record: Record, _: SimulatedPerson) -> Record:
    return replace(record, value=record.value[:-1] + b" " * (256 * 1024) + b"}")


WAYS: tuple[Way, ...] = (
    Way("no name", in_body(lambda body, _: body["person"].pop("full_name")), "missing_value", "/person/full_name"),
    Way(
        "a NIK as the name of a property",
        in_body(lambda body, person: body["person"].update({person.nik: person.full_name})),
        "unknown_field",
        "/person",
    ),
    Way(
        "a NIK of the 72nd day",
        in_body(lambda body, person: body["person"].update(nik=person.nik[:6] + "72" + person.nik[8:])),
        "nik_malformed",
        "/person/nik",
    ),
    Way("seventeen years old", in_body(_young), "under_age", "/person/birth_date"),
    Way(
        "a country that is none",
        in_body(lambda body, _: body["episode"].update(destination="XX")),
        "unknown_code",
        "/episode/destination",
    ),
    Way(
        "a type that is none",
        in_header("ce_type", b"partner.registration.thought_of.v1"),
        "unknown_type",
        "/headers/ce_type",
    ),
    Way(
        "a version to come",
        in_header("ce_type", b"partner.registration.submitted.v9"),
        "unsupported_version",
        "/headers/ce_type",
    ),
    Way("half the JSON", lambda record, _: replace(record, value=record.value[: len(record.value) // 2]), "bad_json"),
    Way("in another's name", in_header("ce_source", b"/KEMLU/sisko"), "wrong_organisation", "/headers/ce_source"),
    Way(
        "a clock years ahead",
        in_body(
            lambda body, _: body.update(occurred_at=str(int(body["occurred_at"][:4]) + 5) + body["occurred_at"][4:])
        ),
        "clock_out_of_range",
        "/occurred_at",
    ),
    Way(
        "a header in Latin-1",
        in_header("ce_subject", "Nurhayati Siré".encode("latin-1")),
        "not_utf8",
        "/headers/ce_subject",
    ),
    Way("a quarter of a megabyte of nothing", _bulky, "too_large"),
)


def ways(count: int, *, among: int) -> Mapping[int, Way]:
    """Which of `among` records are broken how: `count` of them, evenly spread, every way in turn."""
    return {(n * among) // count: WAYS[n % len(WAYS)] for n in range(count)}
