"""Numbers issued to nobody: NIK and family cards of district 99, passports of letter Z, phones of 0834 to 0837.

As far as we know no operator has those prefixes.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from random import Random
from typing import Literal, NamedTuple

from contracts.codes import legacy_regions

Sex = Literal["L", "P"]

NOWHERE = 99
"""A district number that no regency has."""

_PASSPORTS = 10_000_000
_PHONES = 40_000_000
_PHONE_PREFIX = 8_340_000_000
_STEP = 6_180_339  # prime to both: every step lands on a new number until all are taken


class Origin(NamedTuple):
    """What an NIK tells of its holder; a serial number sets apart those who share it."""

    region: str
    birth_date: date
    sex: Sex


class Numbers:
    """Gives every number once; those who share an origin have neighbouring NIK, as twins do."""

    def __init__(self, rng: Random) -> None:
        self._passports, self._phones = _each_once(rng, _PASSPORTS), _each_once(rng, _PHONES)
        self._persons: Counter[Origin] = Counter()
        self._families: Counter[tuple[str, date]] = Counter()

    def nik(self, region: str, birth_date: date, sex: Sex) -> str:
        """`region` is the regency of today; the number bears the code it had before Papua was re-coded in 2022."""
        origin = Origin(registered_at(region), birth_date, sex)
        self._persons[origin] += 1
        return make_nik(*origin, serial=self._persons[origin])

    def family_card(self, region: str, issued: date) -> str:
        """Sixteen digits: regency 4, district 2, day of issue 6, serial 4."""
        family = registered_at(region), issued
        self._families[family] += 1
        return f"{family[0][:2]}{family[0][3:]}{NOWHERE}{issued:%d%m%y}{self._families[family]:04d}"

    def passport(self) -> str:
        """A letter and seven digits."""
        return f"Z{next(self._passports):07d}"

    def phone(self) -> str:
        """E.164."""
        return f"+62{_PHONE_PREFIX + next(self._phones)}"


def make_nik(region: str, birth_date: date, sex: Sex, serial: int, district: int = NOWHERE) -> str:
    """Construct a number; `region` is a regency's code, present or former, `serial` 1 to 9999, `district` 1 to 99."""
    if not (1 <= serial <= 9999 and 1 <= district <= 99):
        raise ValueError("serial must be 1 to 9999 and district 1 to 99")
    day = birth_date.day + (40 if sex == "P" else 0)
    return f"{region[:2]}{region[3:]}{district:02d}{day:02d}{birth_date:%m%y}{serial:04d}"


def registered_at(region: str) -> str:
    """The code a number issued there bears: all these people were registered before Papua was re-coded in 2022."""
    return _former_codes().get(region, region)


def _each_once(rng: Random, size: int) -> Iterator[int]:
    """Every number below `size` once, in an order that looks like none."""
    number = rng.randrange(size)
    for _ in range(size):
        yield number
        number = (number + _STEP) % size


@cache
def _former_codes() -> dict[str, str]:
    return {current: legacy for legacy, current in legacy_regions().items()}
