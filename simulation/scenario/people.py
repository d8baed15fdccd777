"""Simulated people, reproducible by seed; no real person's data.

Names are combined from faker's Indonesian lists. What could be somebody's is made in a range that is issued to nobody
(simulation.population.constructed_numbers).
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import NamedTuple

from faker.providers.address.id_ID import Provider as Addresses
from faker.providers.person.id_ID import Provider as Persons

from contracts.codes import regency_organisation, regions
from contracts.registry import Scheme
from simulation.population.constructed_numbers import Numbers, Sex, make_nik

__all__ = ["TODAY", "SimulatedPerson", "make_nik", "people"]

TODAY = date(2026, 1, 1)


class Job(NamedTuple):
    """An occupation (ISCO-08), its sector (KBLI 2020) and whether the employer is a legal entity."""

    occupation: str
    sector: str
    formal: bool


_CLEANER = Job("9111", "97000", formal=False)
_CHILD_CARE = Job("5311", "97000", formal=False)
_HOME_CARE = Job("5322", "97000", formal=False)
_CARE_HOME = Job("5322", "87", formal=True)
_FISHER = Job("6223", "03111", formal=True)
_DECK = Job("8350", "50", formal=True)
_FARM = Job("9211", "01262", formal=True)
_BUILDER = Job("9313", "41", formal=True)
_ASSEMBLER = Job("8212", "26", formal=True)

_JOBS: dict[str, tuple[Job, ...]] = {
    "HK": (_CLEANER, _CLEANER, _CHILD_CARE, _HOME_CARE),
    "TW": (_HOME_CARE, _HOME_CARE, _ASSEMBLER, _FISHER),
    "MY": (_FARM, _FARM, _CLEANER, _BUILDER, _ASSEMBLER),
    "JP": (_CARE_HOME, _BUILDER, _ASSEMBLER),
    "SG": (_CLEANER, _CHILD_CARE, _DECK),
    "KR": (_ASSEMBLER, _ASSEMBLER, _FISHER),
    "SA": (_CLEANER, _CHILD_CARE, _BUILDER),
    "AE": (_CLEANER, _BUILDER, _DECK),
    "BN": (_CLEANER, _BUILDER, _FARM),
}
_DESTINATION_WEIGHTS = (33, 28, 17, 7, 6, 4, 3, 1, 1)

_GOVERNMENT_PLACED = frozenset({"JP", "KR"})
_HOME_PROVINCES = {"33": 60, "52": 20, "73": 10}

_MUHAMMAD = ("Muhammad", "Mohammad", "Muhamad", "Mohamad", "Moh.")
_BEFORE_1972 = str.maketrans({"u": "oe", "U": "Oe", "j": "dj", "J": "Dj", "c": "tj", "C": "Tj", "y": "j", "Y": "J"})
_TITLES = {"L": ("H.", "Drs.", "Ust."), "P": ("Hj.", "Dra.", "Ustz.")}
_WORD = re.compile(r"[^\W\d_]{5,}")

_EXCLUDED_NAMES = """
among anita asman cahya clara diana edward ellis endra galar ganda garan genta hardi harjo harto hasan hasta indah
indra intan januar johan julia kajen kalim karsa karta kemba kenes labuh liman maria mitra mustika najam nalar oliva
panca pandu paris prabu prima purwa queen radit sakti samosir talia tania vanya victoria violet wacana wardi warsa
warta wijaya
"""
"""They also stand in code lists, contracts or log lines, where the search for leaks would take them for somebody's."""


@dataclass(frozen=True, slots=True)
class SimulatedPerson:
    """A constructed worker. `mother_name` and `address` are free text, `phone` is E.164, `destination` ISO alpha-2."""

    full_name: str
    aliases: tuple[str, ...]
    nik: str
    passport: str
    birth_date: date
    sex: Sex
    phone: str
    home_regency: str
    address: str
    mother_name: str
    destination: str
    occupation: str
    sector: str
    formal: bool
    scheme: Scheme

    def identifiers(self) -> frozenset[str]:
        """Every text that may stand in clear nowhere inside: whole names, their words from five letters, the address
        and the numbers, the phone's also without plus sign and as dialled at home. Shorter words stand in any text.
        """
        names = (self.full_name, self.mother_name, *self.aliases)
        words = {word for name in names for word in _WORD.findall(name)}
        numbers = {self.nik, self.passport, self.phone, self.phone[1:], "0" + self.phone[3:]}
        return frozenset({*names, *words, *numbers, self.address})


def people(count: int, seed: int, *, today: date = TODAY) -> list[SimulatedPerson]:
    """Adults of 18 to 55 years on `today`, at most ten million; a longer list begins with the shorter one."""
    rng = Random(seed)
    numbers = Numbers(rng)
    return [_person(rng, numbers, numbers.passport(), numbers.phone(), today) for _ in range(count)]


def _person(rng: Random, numbers: Numbers, passport: str, phone: str, today: date) -> SimulatedPerson:
    sex: Sex = "P" if rng.random() < 0.6 else "L"
    full_name, aliases = _spellings(rng, _name(rng, sex), sex)
    home = _home(rng)
    registered_at = home if rng.random() < 0.95 else _home(rng)
    birth_date = _birth_date(rng, today)
    destination = rng.choices(tuple(_JOBS), _DESTINATION_WEIGHTS)[0]
    job = rng.choice(_JOBS[destination])
    return SimulatedPerson(
        full_name=full_name,
        aliases=aliases,
        nik=numbers.nik(registered_at, birth_date, sex),
        passport=passport,
        birth_date=birth_date,
        sex=sex,
        phone=phone,
        home_regency=home,
        address=_address(rng),
        mother_name=_name(rng, "P"),
        destination=destination,
        occupation=job.occupation,
        sector=job.sector,
        formal=job.formal,
        scheme=_scheme(rng, destination, job),
    )


def _name(rng: Random, sex: Sex) -> str:
    first, last = _name_parts(sex)
    chance = rng.random()
    if chance < 0.15:
        return rng.choice(first.long)
    if chance < 0.7:
        return f"{rng.choice(first.all)} {rng.choice(last.all)}"
    if sex == "L" and chance < 0.8:
        return f"{rng.choice(_MUHAMMAD)} {rng.choice(last.long)}"
    return f"{rng.choice(first.all)} {rng.choice(first.long)} {rng.choice(last.all)}"


def _spellings(rng: Random, name: str, sex: Sex) -> tuple[str, tuple[str, ...]]:
    """The name as one institution writes it, and as others do."""
    chance = rng.random()
    if chance < 0.05:
        spelling, alias = f"{rng.choice(_TITLES[sex])} {name}", name
    elif chance < 0.1:
        spelling, alias = name.translate(_BEFORE_1972), name
    else:
        spelling, alias = name, _variant(rng, name, chance)
    return spelling, (alias,) if alias != spelling else ()


def _variant(rng: Random, name: str, chance: float) -> str:
    first, *rest = name.split()
    if first in _MUHAMMAD:
        return " ".join((rng.choice(_MUHAMMAD), *rest))
    if chance < 0.3:
        return name.translate(_BEFORE_1972)
    if chance < 0.4:
        return " ".join((*rest, first))
    return name


def _home(rng: Random) -> str:
    by_province, elsewhere = _homes()
    province = rng.choices((*_HOME_PROVINCES, None), (*_HOME_PROVINCES.values(), 10))[0]
    return rng.choice(by_province[province] if province else elsewhere)


def _birth_date(rng: Random, today: date) -> date:
    youngest, oldest = _years_before(today, 18), _years_before(today, 56) + timedelta(days=1)
    span = (youngest - oldest).days
    return youngest - timedelta(days=int(rng.triangular(0, span, span / 4)))


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _address(rng: Random) -> str:
    house, block, ward = rng.randint(1, 250), rng.randint(1, 9), rng.randint(1, 9)
    return f"Jl. {rng.choice(Addresses.streets)} No. {house}, RT {block:02d}/RW {ward:02d}"


def _scheme(rng: Random, destination: str, job: Job) -> Scheme:
    if destination in _GOVERNMENT_PLACED and rng.random() < 0.8:
        return "g_to_g"
    if rng.random() < 0.85:
        return "p_to_p"
    return "ukps" if job.formal and rng.random() < 0.5 else "individual"


class _Parts(NamedTuple):
    """Parts of names; a long one can be told from other words of a text."""

    all: tuple[str, ...]
    long: tuple[str, ...]


@cache
def _name_parts(sex: Sex) -> tuple[_Parts, _Parts]:
    if sex == "L":
        return _parts(Persons.first_names_male), _parts(Persons.last_names_male)
    return _parts(Persons.first_names_female), _parts(Persons.last_names_female)


def _parts(names: tuple[str, ...]) -> _Parts:
    excluded = frozenset(_EXCLUDED_NAMES.split())
    usable = tuple(name for name in dict.fromkeys(names) if name.lower() not in excluded)
    return _Parts(usable, tuple(name for name in usable if _WORD.fullmatch(name)))


@cache
def _homes() -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """Regencies and cities with an organisation in each home province, and those of all other provinces."""
    codes = [region.code for region in regions().values() if region.level in ("regency", "city")]
    by_province = {
        province: tuple(code for code in codes if code.startswith(province) and regency_organisation(code))
        for province in _HOME_PROVINCES
    }
    return by_province, tuple(code for code in codes if code[:2] not in _HOME_PROVINCES)
