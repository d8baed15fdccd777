"""Draws people: names as common as names are, birth dates, households."""

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import Literal, NamedTuple

Sex = Literal["F", "M"]
TODAY = date(2026, 1, 1)
MAIL = ("example.com", "example.org", "example.net")


class Pool:
    """Texts that are drawn by Zipf's law, or by the weights that come with them."""

    def __init__(self, texts: Iterable[str] | Mapping[str, float], steepness: float = 0.9) -> None:
        names = list(dict.fromkeys(texts))
        if isinstance(texts, Mapping):
            weights = [texts[name] for name in names]
        else:
            Random(len(names)).shuffle(names)
            weights = [1 / (rank + 4) ** steepness for rank in range(len(names))]
        self._names, self._bounds = names, list(accumulate(weights))

    def draw(self, rng: Random) -> str:
        return rng.choices(self._names, cum_weights=self._bounds)[0]


class Member(NamedTuple):
    """One of a household. A twin was born on the day of the one before."""

    sex: Sex
    born: date
    part: Literal["head", "spouse", "child", "twin"]


def draw_members(rng: Random, today: date = TODAY) -> list[Member]:
    """Head, mostly a spouse, children up to grown-up; one birth in forty is of twins."""
    age = int(rng.triangular(20, 85, 40))
    sex = sex_of(rng)
    members = [Member(sex, _born(rng, today, age), "head")]
    if rng.random() < 0.6:
        members.append(
            Member("F" if sex == "M" else "M", _born(rng, today, max(20, age + rng.randint(-6, 4))), "spouse")
        )
    for _ in range(rng.choices((0, 1, 2, 3), (45, 25, 20, 10))[0]):
        born = _born(rng, today, rng.randint(0, max(0, age - 20)))
        members.append(Member(sex_of(rng), born, "child"))
        if rng.random() < 0.025:
            members.append(Member(sex_of(rng), born, "twin"))
    return members


def sex_of(rng: Random) -> Sex:
    return "F" if rng.random() < 0.5 else "M"


def _born(rng: Random, today: date, age: int) -> date:
    return today - timedelta(days=age * 365 + age // 4 + rng.randrange(365))


def digits(rng: Random, count: int) -> str:
    """So many digits, the first not zero."""
    return str(rng.randrange(10 ** (count - 1), 10**count))


def filled(rng: Random, pattern: str) -> str:
    """A pattern with a digit for each #."""
    return "".join(str(rng.randrange(10)) if letter == "#" else letter for letter in pattern)


def sometimes(rng: Random, share: float, text: str) -> str:
    return text if rng.random() < share else ""


def mail(rng: Random, *names: str) -> str:
    """An address at a domain that is nobody's."""
    plain = (unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower() for name in names)
    words = ["".join(letter for letter in name if letter.isalnum()) for name in plain if name]
    number = str(rng.randrange(1, 99)) if rng.random() < 0.5 else ""
    return f"{rng.choice(('.', '', '_')).join(words)}{number}@{rng.choice(MAIL)}"


def written_date(text: str, pattern: str) -> str:
    """YYYY-MM-DD as `pattern` (of Y, m, d, y for two digits) writes it; the year alone where nothing more is known."""
    if not text:
        return ""
    year, month, day = text.split("-")
    if month == "00":
        return year
    parts = {"Y": year, "m": month, "d": day, "y": year[2:]}
    return "".join(parts.get(letter, letter) for letter in pattern)
