"""Every rate of the Indonesian test populations: the one source of docs/populations.md, fixed before anything is tuned.

`python -m simulation.population.rates` prints the tables of that page.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

Level = Literal["none", "low", "medium", "high"]
LEVELS: tuple[Level, ...] = get_args(Level)

POPULATION: Mapping[str, float] = MappingProxyType(
    {
        "couple": 0.85,
        "sibling": 0.10,
        "grandmother": 0.12,
        "twins": 0.03,
        "parents_word": 0.20,
        "namesake_next_door": 0.04,
        "adult_listed": 0.80,
        "minor_listed": 0.30,
        "shared_phone": 0.30,
        "registered_elsewhere": 0.05,
        "passport": 0.65,
        "email": 0.10,
        "recorded_again": 0.40,
        "recorded_once_but_wrong": 0.50,
        "recorded_in_both": 0.50,
        "again_in_one_of_two": 0.03,
        "alias": 0.06,
        "title": 0.06,
        "two_digit_year": 0.025,
        "habit_broken": 0.15,
    }
)
"""Shares that hold at every level: of households, of members, of persons, of records."""

RECORDS_OF_ONE: Mapping[int, int] = MappingProxyType({2: 70, 3: 20, 4: 10})
"""How many records a person has who has more than one, by weight."""


class Severity(NamedTuple):
    """What a level makes of the rates: of errors, of what is left out, and of records without NIK and passport."""

    errors: float
    omissions: float
    unnumbered: float


SEVERITIES: Mapping[Level, Severity] = MappingProxyType(
    {
        "none": Severity(0, 0, 0),
        "low": Severity(0.6, 0.5, 0.05),
        "medium": Severity(1, 1, 0.10),
        "high": Severity(2.0, 1.5, 0.265),
    }
)

Field = Literal["name", "birth", "sex", "mother", "address", "region", "phone", "email", "nik", "passport", "card"]


class Kind(NamedTuple):
    """A kind of error: its rate at `medium` among the records that leave room for it, before the writer's care."""

    name: str
    field: Field
    rate: float
    example: str


KINDS: tuple[Kind, ...] = (
    Kind("one_word", "name", 0.06, "Siti Aminah: Aminah"),
    Kind("word_dropped", "name", 0.15, "Muhammad Yusuf Hidayat: Muhammad Hidayat"),
    Kind("muhammad", "name", 0.35, "Muhammad: Mohamad, Moch., M."),
    Kind("siti", "name", 0.25, "Siti: St., Sitti, or nothing"),
    Kind("tradition", "name", 0.25, "Nur: Noor; Ahmad: Achmad; Abdul: Abd."),
    Kind("order", "name", 0.03, "Budi Santoso: Santoso Budi"),
    Kind("initial", "name", 0.04, "Budi Santoso: Budi S."),
    Kind("patronym", "name", 0.03, "Siti Aminah: Siti Aminah binti Karso"),
    Kind("reform", "name", 0.04, "Sukarjo: Soekardjo"),
    Kind("nickname", "name", 0.03, "Kartini: Tini"),
    Kind("joined", "name", 0.20, "Nur Hayati: Nurhayati"),
    Kind("husband", "name", 0.02, "Siti Aminah, wife of Slamet: Siti Slamet"),
    Kind("keyboard", "name", 0.03, "Sulastri: Sulaatri"),
    Kind("ocr", "name", 0.02, "Aminah: Arninah"),
    Kind("phonetic", "name", 0.06, "Fitri: Pitri"),
    Kind("transposed", "name", 0.02, "Karso: Karos"),
    Kind("dropped_letter", "name", 0.03, "Hasanah: Hasnah"),
    Kind("day_and_month", "birth", 0.05, "05-12-1990: 12-05-1990"),
    Kind("year_off", "birth", 0.03, "1990: 1991"),
    Kind("day_off", "birth", 0.03, "12-05-1990: 13-05-1990"),
    Kind("first_of_january", "birth", 0.02, "only the year known: 01-01-1990"),
    Kind("thirtieth_of_june", "birth", 0.01, "only the year known: 30-06-1990"),
    Kind("day_missing", "birth", 0.015, "00-05-1990"),
    Kind("birth_missing", "birth", 0.02, "no birth date"),
    Kind("sex_wrong", "sex", 0.005, "P: L"),
    Kind("mother_short", "mother", 0.08, "Siti Aminah: Aminah"),
    Kind("mother_spelling", "mother", 0.08, "Muslimah: Moeslimah, Siti: St."),
    Kind("mother_typo", "mother", 0.06, "Sumiati: Sumaiti"),
    Kind("mother_nickname", "mother", 0.02, "Kartini: Tini"),
    Kind("moved", "address", 0.06, "another house: half of them in another village, a quarter far away"),
    Kind("street_typo", "address", 0.04, "Jl. Merdeka: Jl. Merdek"),
    Kind("village_typo", "region", 0.03, "Sukamaju: Suka Maju, Sukamju"),
    Kind("old_region", "region", 0.05, "Makassar: Ujung Pandang; Jawa Tengah: Jateng"),
    Kind("phone_changed", "phone", 0.13, "a new number"),
    Kind("phone_digit", "phone", 0.03, "one digit off"),
    Kind("email_changed", "email", 0.10, "another address"),
    Kind("nik_digit", "nik", 0.025, "one digit off"),
    Kind("nik_transposed", "nik", 0.015, "two digits exchanged"),
    Kind("nik_second", "nik", 0.005, "registered twice: another number"),
    Kind("passport_renewed", "passport", 0.15, "a new number"),
    Kind("passport_typo", "passport", 0.03, "one digit off"),
    Kind("card_changed", "card", 0.06, "a new family card, after a wedding"),
    Kind("nik_of_the_row_above", "nik", 0.001, "somebody else's"),
    Kind("phone_of_the_row_above", "phone", 0.001, "somebody else's"),
    Kind("mother_of_the_row_above", "mother", 0.001, "somebody else's"),
)
"""What changes a value. A person's first record is free of it; of those with one record half are not."""


class Written(NamedTuple):
    """A way of writing that changes no value, and so counts as no difference."""

    name: str
    example: str


WRITTEN: tuple[Written, ...] = (
    Written("upper_case", "SITI AMINAH, by habit of the institution"),
    Written("title", "H. Slamet; Hj. Siti Aminah; Budi Santoso, S.Pd"),
    Written("two_digit_year", "12-05-90"),
    Written("phone_form", "0812-3456-789, +62 812..., 62812..., 812..."),
    Written("address_form", "Jl./Jalan/JLN, RT 03/RW 05 or RT.003 RW.005, in any order"),
    Written("region_form", "Kabupaten Wonosobo, Kab. Wonosobo, WONOSOBO"),
)

Omitted = Literal["mother", "sex", "street", "village", "postcode", "phone", "email", "nik", "passport", "card"]


class Source(NamedTuple):
    """An institution: its weight among records, its care (a factor on all error rates), whether it writes in capitals,
    and the share of its records that lack a field at `medium`."""

    code: str
    weight: int
    care: float
    capitals: bool
    omits: Mapping[Omitted, float]


SOURCES: tuple[Source, ...] = (
    Source("Dukcapil", 20, 0.5, True, {"passport": 1, "phone": 0.5, "email": 1, "nik": 0.02}),
    Source("KP2MI", 22, 1.0, False, {"card": 0.6, "mother": 0.05, "phone": 0.05, "nik": 0.05, "sex": 0.01}),
    Source("P3MI", 16, 1.3, False, {"mother": 0.25, "card": 0.8, "postcode": 0.4, "nik": 0.05, "sex": 0.02}),
    Source("Imigrasi", 12, 0.8, True, {"mother": 0.4, "card": 1, "village": 0.1, "postcode": 0.5, "nik": 0.3}),
    Source("KBRI", 10, 1.3, False, {"nik": 0.5, "card": 1, "mother": 0.3, "village": 0.2, "street": 0.1}),
    Source("BPJS TK", 8, 0.9, True, {"passport": 0.6, "card": 0.6, "mother": 0.05, "village": 0.1}),
    Source("Desa", 12, 1.5, False, {"passport": 0.9, "phone": 0.4, "email": 1, "postcode": 0.6, "nik": 0.15}),
)


def rate(kind: Kind, level: Level) -> float:
    """The rate of a kind at a level, for a writer of care 1."""
    return min(1.0, kind.rate * SEVERITIES[level].errors)


def tables() -> Iterator[str]:
    """The tables of docs/populations.md, line by line."""
    yield from ("| share | of |", "|---:|---|")
    yield from (f"| {share:.0%} | `{name}` |" for name, share in POPULATION.items())
    yield from ("", "| level | errors | omissions | neither NIK nor passport |", "|---|---:|---:|---:|")
    yield from (
        f"| {name} | × {s.errors:g} | × {s.omissions:g} | {s.unnumbered:.0%} |" for name, s in SEVERITIES.items()
    )
    yield from ("", "| error | field | low | medium | high | example |", "|---|---|---:|---:|---:|---|")
    for kind in KINDS:
        rates = " | ".join(f"{rate(kind, level):.2%}" for level in LEVELS[1:])
        yield f"| `{kind.name}` | {kind.field} | {rates} | {kind.example} |"
    yield from ("", "| written otherwise | example |", "|---|---|")
    yield from (f"| `{way.name}` | {way.example} |" for way in WRITTEN)
    yield from (
        "",
        "| institution | of the records | errors | capitals | leaves out at medium |",
        "|---|---:|---:|---|---|",
    )
    for source in SOURCES:
        omits = ", ".join(f"{field} {share:.0%}" for field, share in source.omits.items())
        capitals = "yes" if source.capitals else ""
        yield f"| {source.code} | {source.weight}% | × {source.care:g} | {capitals} | {omits} |"


if __name__ == "__main__":
    print(*tables(), sep="\n")
