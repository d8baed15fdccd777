"""Lists of constructed people of many countries, by the kind of value each column holds."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from random import Random

from faker import Faker

from linkage.lists.table import Table

SIZE = 240
MISSING = 0.08


@cache
def faker(locale: str) -> Faker:
    made = Faker(locale)
    made.seed_instance(locale)
    return made


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], name: str = "list.csv") -> Table:
    """A list with these rows, numbered as in a file with a header."""
    columns = tuple([row[n] for row in rows] for n in range(len(headers)))
    return Table(name, tuple(headers), columns, range(2, len(rows) + 2))


def sample(locale: str, kinds: Mapping[str, str], seed: int = 1) -> Table:
    """A list of SIZE records: for each header a kind of KINDS; some cells are empty, but for ids."""
    rng = Random(seed)
    columns = [
        [KINDS[kind](rng, faker(locale), n) if kind == "id" or rng.random() > MISSING else "" for n in range(SIZE)]
        for kind in kinds.values()
    ]
    return Table("list.csv", tuple(kinds), tuple(columns), range(2, SIZE + 2))


def _born(rng: Random) -> date:
    return date(1945, 1, 1) + timedelta(days=rng.randrange(60 * 365))


def _nik(rng: Random) -> str:
    born = _born(rng)
    day = born.day + rng.choice((0, 40))
    return f"{rng.choice((3307, 3301, 5203))}99{day:02}{born:%m%y}{rng.randrange(1, 60):04}"


def _dated(form: str) -> Callable[[Random, Faker, int], str]:
    return lambda rng, _fake, _n: f"{_born(rng):{form}}"


def _coded(*codes: str) -> Callable[[Random, Faker, int], str]:
    return lambda rng, _fake, _n: rng.choice(codes)


def _digits(shape: str) -> Callable[[Random, Faker, int], str]:
    return lambda rng, _fake, _n: "".join(str(rng.randrange(10)) if c == "#" else c for c in shape)


KINDS: Mapping[str, Callable[[Random, Faker, int], str]] = {
    "id": lambda _rng, _fake, n: f"r-{n}",
    "row": lambda _rng, _fake, n: str(n + 1),
    "given": lambda _rng, fake, _n: fake.first_name(),
    "surname": lambda _rng, fake, _n: fake.last_name(),
    "full": lambda _rng, fake, _n: f"{fake.first_name()} {fake.last_name()}",
    "initial": lambda _rng, fake, _n: fake.first_name()[0],
    "ymd": _dated("%Y-%m-%d"),
    "Ymd": _dated("%Y%m%d"),
    "dmy": _dated("%d/%m/%Y"),
    "mdy": _dated("%m/%d/%Y"),
    "dmy2": _dated("%d-%m-%y"),
    "place, date": lambda rng, fake, _n: f"{fake.city()}, {_born(rng):%d-%m-%Y}",
    "year": _dated("%Y"),
    "month": lambda rng, _fake, _n: str(rng.randint(1, 12)),
    "day": lambda rng, _fake, _n: str(rng.randint(1, 31)),
    "age": lambda rng, _fake, _n: str(rng.randint(17, 90)),
    "this year": lambda rng, _fake, _n: f"2025-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}",
    "L/P": _coded("L", "P"),
    "words of sex": _coded("male", "female", "Male", "F"),
    "M/F": _coded("M", "F"),
    "H/M": _coded("H", "M"),
    "1/2": _coded("1", "2"),
    "M./Mme": _coded("M.", "Mme", "Mlle"),
    "house": lambda rng, _fake, _n: str(rng.randint(1, 300)),
    "street": lambda _rng, fake, _n: fake.street_name(),
    "street and house": lambda rng, fake, _n: f"{fake.street_name()} {rng.randint(1, 300)}",
    "city": lambda _rng, fake, _n: fake.city(),
    "state": _coded("NSW", "VIC", "QLD", "WA"),
    "region code": _coded("33.07", "33.01", "52.03"),
    "4 digits": _digits("####"),
    "5 digits": _digits("#####"),
    "postcode": lambda _rng, fake, _n: fake.postcode(),
    "phone": _digits("0834########"),
    "phone abroad": _digits("+33 6 39 98 ## ##"),
    "email": lambda rng, _fake, _n: f"user{rng.randrange(10_000)}@example.org",
    "nik": lambda rng, _fake, _n: _nik(rng),
    "passport": _digits("Z#######"),
    "number": _digits("#######"),
    "cpf": _digits("###.###.###-##"),
    "letters and digits": _digits("XEXX######HNEXXXA#"),
    "job": lambda _rng, fake, _n: fake.job()[:30],
    "religion": _coded("Islam", "Kristen", "Hindu"),
    "constant": _coded("BP3MI"),
    "remark": lambda _rng, fake, _n: fake.sentence(12),
    "few": _coded("A", "B", "C"),
}
