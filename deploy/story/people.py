"""Simulated people, reproducible by seed; no real person's data.

Names are combined from faker's Indonesian lists. What could be somebody's is made in a range that is issued to nobody:
NIK of district 99, passports of letter Z, mobile numbers of the prefixes 0834 to 0837 (to our knowledge unassigned).
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Literal, NamedTuple

from faker.providers.address.id_ID import Provider as Addresses
from faker.providers.person.id_ID import Provider as Persons

from contracts.codes import legacy_regions, regency_organisation, regions
from contracts.registry import Scheme

Sex = Literal["L", "P"]

NOWHERE = 99
"""A district number that no regency has."""

TODAY = date(2026, 1, 1)

_PASSPORTS = 10_000_000
_PHONES = 4 * 10_000_000
_STEP = 6_180_339  # prime to both: every step lands on a new number until all are taken


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

_SCHEMES: tuple[Scheme, ...] = ("p_to_p", "individual", "ukps", "g_to_g")
_SCHEME_WEIGHTS = {True: (78, 6, 6, 10), False: (90, 10, 0, 0)}

_HOME_PROVINCES = ("33", "52", "73")
_HOME_WEIGHTS = (60, 20, 10, 10)

_SPELLINGS = (
    (("Muhammad", "Mohamad"), ("Mohammad", "Muhamad")),
    (("u", "oe"), ("j", "dj"), ("c", "tj")),
    (("i", "ie"), ("h", "kh"), ("s", "sy")),
)
_TITLES = {"L": ("H.", "Drs.", "Ust."), "P": ("Hj.", "Dra.", "Hj.")}
_WORD = re.compile(r"[^\W\d_]{5,}")


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
    serials: Counter[str] = Counter()
    passports, phones = _numbers(rng, _PASSPORTS), _numbers(rng, _PHONES)
    return [_person(rng, serials, next(passports), next(phones), today) for _ in range(count)]


def make_nik(region: str, birth_date: date, sex: Sex, serial: int, district: int = NOWHERE) -> str:
    """Construct a number; `region` is a regency's code, present or former, `serial` 1 to 9999, `district` 1 to 99."""
    if not (1 <= serial <= 9999 and 1 <= district <= 99):
        raise ValueError("serial must be 1 to 9999 and district 1 to 99")
    day = birth_date.day + (40 if sex == "P" else 0)
    return f"{region[:2]}{region[3:]}{district:02d}{day:02d}{birth_date:%m%y}{serial:04d}"


def _person(rng: Random, serials: Counter[str], passport: int, phone: int, today: date) -> SimulatedPerson:
    sex: Sex = "P" if rng.random() < 0.6 else "L"
    name = _name(rng, sex)
    home = _home(rng)
    born = _birth_date(rng, today)
    destination = rng.choices(tuple(_JOBS), _DESTINATION_WEIGHTS)[0]
    job = rng.choice(_JOBS[destination])
    return SimulatedPerson(
        full_name=f"{rng.choice(_TITLES[sex])} {name}" if rng.random() < 0.05 else name,
        aliases=_aliases(rng, name),
        nik=_nik(serials, home, born, sex),
        passport=f"Z{passport:07d}",
        birth_date=born,
        sex=sex,
        phone=f"+6283{4 + phone // 10_000_000}{phone % 10_000_000:07d}",
        home_regency=home,
        address=f"{rng.choice(_streets())} No. {rng.randint(1, 250)}, RT {rng.randint(1, 9):02d}/RW {rng.randint(1, 9):02d}",
        mother_name=_name(rng, "P"),
        destination=destination,
        occupation=job.occupation,
        sector=job.sector,
        formal=job.formal,
        scheme=rng.choices(_SCHEMES, _SCHEME_WEIGHTS[job.formal])[0],
    )
