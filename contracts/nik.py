"""What a NIK says by itself, and where it disagrees with what is declared about its holder.

Sixteen digits: province 2, regency 2, district 2, day 2 (women: day + 40), month 2, year 2, serial 4. No check digit.
Districts are not checked. Of python-stdnum only the calendar is used: its `id.nik` also takes days 81 to 99 and
separators, and its places are BPS codes, which miss 54 regencies that Kemendagri's coding has.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Literal

from stdnum.exceptions import InvalidComponent
from stdnum.id import nik as stdnum_nik

from contracts.codes import current_region, regions
from contracts.model import Precision
from contracts.registry import ContentWarning

Sex = Literal["L", "P"]

_WOMEN = 40

# Codes of regencies that went to new provinces before 2022: North Kalimantan (law 20/2012) and the gaps that
# West Sulawesi (law 26/2004) and re-coding left in South Sulawesi, whose successors the sources give differently.
_RETIRED: Mapping[str, str | None] = {
    "64.04": "65.01",
    "64.05": "65.03",
    "64.06": "65.02",
    "64.10": "65.04",
    "64.73": "65.71",
    "73.19": None,
    "73.20": None,
    "73.21": None,
    "73.23": None,
    "73.25": None,
}


class Flaw(StrEnum):
    """Why a text is no NIK (refusal code `nik_malformed`): final, no correction of civil data explains it."""

    LENGTH = "length"
    DIGITS = "digits"
    DAY = "day"
    DATE = "date"
    REGION = "region"


class MalformedNik(ValueError):
    """A text that is no NIK. Its message names the flaws and never the text."""

    def __init__(self, flaws: tuple[Flaw, ...]) -> None:
        super().__init__(", ".join(flaws))
        self.flaws = flaws


@dataclass(frozen=True, slots=True)
class NikFindings:
    """Flaws refuse the number. Warnings never block: no NIK is reissued when civil data or regions change."""

    flaws: tuple[Flaw, ...] = ()
    warnings: tuple[ContentWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class Nik:
    """A well-formed NIK; `region` is the code it was issued under, perhaps a former one."""

    region: str
    district: str
    sex: Sex
    birth_dates: tuple[date, ...]
    serial: str

    def birth_date(self, declared: date) -> date:
        """The date its six digits mean, in the century that comes nearest to the declared date."""
        return min(self.birth_dates, key=lambda candidate: abs(candidate - declared))


def check(nik: str, *, birth_date: date | None, sex: Sex | None, precision: Precision = "day") -> NikFindings:
    """Judge a number alone, then against what is declared, as far as the birth date's precision reaches."""
    flaws = _flaws(nik)
    if flaws:
        return NikFindings(flaws=flaws)
    decoded = _decoded(nik)
    warnings: list[ContentWarning] = []
    if birth_date and not _agrees(decoded.birth_dates, birth_date, precision):
        warnings.append("nik_birth_date_mismatch")
    if sex and sex != decoded.sex:
        warnings.append("nik_sex_mismatch")
    if decoded.region not in regions():
        warnings.append("nik_region_legacy")
    return NikFindings(warnings=tuple(warnings))


def decode(nik: str) -> Nik:
    """Read a number; raises `MalformedNik`. Two birth dates a century apart remain where the calendar has both."""
    flaws = _flaws(nik)
    if flaws:
        raise MalformedNik(flaws)
    return _decoded(nik)


def is_possible(nik: str) -> bool:
    """Whether the number can exist at all."""
    return not _flaws(nik)


def home_region(nik: str) -> str | None:
    """The current code (`NN.NN`) of the regency or city of first registration; None if unknown or malformed."""
    return None if _flaws(nik) else _current(_region(nik))


def _flaws(nik: str) -> tuple[Flaw, ...]:
    shape = []
    if len(nik) != 16:
        shape.append(Flaw.LENGTH)
    if not (nik.isascii() and nik.isdigit()):
        shape.append(Flaw.DIGITS)
    if shape:
        return tuple(shape)
    flaws = []
    if not _is_day(int(nik[6:8])):
        flaws.append(Flaw.DAY)
    elif not _dates_of(nik[6:12]):
        flaws.append(Flaw.DATE)
    if _region(nik) not in _RETIRED and _current(_region(nik)) is None:
        flaws.append(Flaw.REGION)
    return tuple(flaws)


def _decoded(nik: str) -> Nik:
    sex: Sex = "P" if int(nik[6:8]) > _WOMEN else "L"
    return Nik(region=_region(nik), district=nik[4:6], sex=sex, birth_dates=_dates_of(nik[6:12]), serial=nik[12:])


def _is_day(day: int) -> bool:
    return 1 <= day <= 31 or 1 + _WOMEN <= day <= 31 + _WOMEN


@lru_cache(maxsize=8192)
def _dates_of(digits: str) -> tuple[date, ...]:
    """The dates of the 1900s and 2000s that the six digits can mean; none if neither calendar has it."""
    try:
        first = stdnum_nik.get_birth_date(f"000000{digits}0000")
    except InvalidComponent:
        return ()
    return (first,) if first.year >= 2000 else (first, first.replace(year=first.year + 100))


def _agrees(candidates: tuple[date, ...], declared: date, precision: Precision) -> bool:
    match precision:
        case "instant" | "day":
            return declared in candidates
        case "month":
            return (declared.year, declared.month) in {(candidate.year, candidate.month) for candidate in candidates}
        case "year":
            return declared.year in {candidate.year for candidate in candidates}


def _region(nik: str) -> str:
    return f"{nik[:2]}.{nik[2:4]}"


def _current(region: str) -> str | None:
    current = current_region(region)
    return current if current in regions() else _RETIRED.get(region)
