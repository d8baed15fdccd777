"""How institutions write what they know: capitals, titles, forms of addresses, regions, dates and phone numbers."""

from random import Random

from simulation.population import indonesian_spelling
from simulation.population.constructed_names import Words
from simulation.population.households import YEAR, Person
from simulation.population.institution_records import Record
from simulation.population.rates import POPULATION, SOURCES
from simulation.population.record_errors import Draft
from simulation.population.typing_errors import Day

HEADER = (
    "nama_lengkap",
    "alias",
    "nama_ibu",
    "tanggal_lahir",
    "jenis_kelamin",
    "alamat",
    "desa",
    "kecamatan",
    "kabupaten",
    "provinsi",
    "kode_pos",
    "no_hp",
    "email",
    "nik",
    "paspor",
    "no_kk",
    "sumber",
)

_HABITS = {source.code: n for n, source in enumerate(SOURCES)}
_BEFORE = {"L": ("H.", "Drs.", "Ir.", "Ust.", "Bpk."), "P": ("Hj.", "Dra.", "Ibu", "Ny.")}
_BEHIND = ("S.Pd", "S.H.", "S.E.", "A.Md")
_SEXES = ({"L": "L", "P": "P"}, {"L": "LAKI-LAKI", "P": "PEREMPUAN"})


def cells(rng: Random, person: Person, record: Record) -> tuple[str, ...]:
    """One cell per column of HEADER; `tanggal_lahir` is dd-mm-yyyy with 00 for what is not known."""
    draft, source = record.draft, record.source
    broken = rng.random() < POPULATION["habit_broken"]
    habit = rng.randrange(len(SOURCES)) if broken else _HABITS[source.code]
    capitals = source.capitals is not broken
    texts = (
        _name(rng, person, draft.name),
        _alias(rng, person, draft.name),
        " ".join(draft.mother),
        _date(rng, draft.birth),
        _SEXES[source.code in ("Dukcapil", "Desa")][draft.sex] if draft.sex else "",
        _address(habit, draft),
        draft.village,
        draft.home.village.district,
        _region(habit, draft.regency),
        draft.province,
    )
    numbers = (draft.postcode, _phone(habit, draft.phone), draft.email, draft.nik, draft.passport, draft.card)
    return (*(text.upper() for text in texts), *numbers, source.code) if capitals else (*texts, *numbers, source.code)


def _name(rng: Random, person: Person, words: Words) -> str:
    name = " ".join(words)
    if rng.random() >= POPULATION["title"] or YEAR - person.birth.year < 22:
        return name
    return f"{name}, {rng.choice(_BEHIND)}" if rng.random() < 0.3 else f"{rng.choice(_BEFORE[person.sex])} {name}"


def _alias(rng: Random, person: Person, written: Words) -> str:
    if rng.random() >= POPULATION["alias"]:
        return ""
    called = indonesian_spelling.nickname(rng, person.name)
    return " ".join(called) if called not in (person.name, written) else ""


def _date(rng: Random, day: Day | None) -> str:
    if day is None:
        return ""
    year = f"{day.year % 100:02d}" if rng.random() < POPULATION["two_digit_year"] else f"{day.year:04d}"
    return f"{day.day:02d}-{day.month:02d}-{year}"


def _address(habit: int, draft: Draft) -> str:
    home, street = draft.home, draft.street
    if not street:
        return ""
    rt, rw, number = home.rt, home.rw, home.house
    if not number:
        forms = (f"{street} RT {rt:02d}/RW {rw:02d}", f"RT.{rt:03d} RW.{rw:03d} {street.replace('Dusun', 'Dsn.')}")
        return forms[habit % 2]
    match habit:
        case 0:
            return f"Jl. {street} No. {number}, RT {rt:02d}/RW {rw:02d}"
        case 1:
            return f"Jalan {street} No {number} RT.{rt:03d} RW.{rw:03d}"
        case 2:
            return f"Jln {street} {number} RT {rt}/{rw}"
        case 3:
            return f"JL {street} NO.{number} RT{rt:03d}/RW{rw:03d}"
        case 4:
            return f"{street} No. {number}"
        case 5:
            return f"{street} {number}, RT {rt:02d} RW {rw:02d}"
        case _:
            return f"RT {rt:02d}/RW {rw:02d} Jl. {street} No. {number}"


def _region(habit: int, name: str) -> str:
    """A city is always called one: Kota Bandung is not Kabupaten Bandung."""
    if habit in (1, 2):
        return name.replace("Kabupaten ", "Kab. ")
    return name.removeprefix("Kabupaten ") if habit in (4, 6) else name


def _phone(habit: int, phone: str) -> str:
    """E.164 as people and programs write it."""
    if not phone:
        return ""
    own = phone[3:]
    match habit % 4:
        case 0:
            return f"0{own}"
        case 1:
            return phone
        case 2:
            return f"0{own[:3]}-{own[3:7]}-{own[7:]}"
        case _:
            return f"62{own}"
