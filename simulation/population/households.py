"""Households of constructed people: couples, children, twins, grandmothers and siblings, and namesakes next door."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from simulation.population import places
from simulation.population.constructed_names import Words, draw_name, draw_twin_names
from simulation.population.constructed_numbers import Numbers, Sex
from simulation.population.places import Home, Village
from simulation.population.rates import POPULATION

YEAR = 2026

_FIRST_CARDS = date(1998, 1, 1)


@dataclass(frozen=True, slots=True)
class Person:
    """What is true of somebody. Names are words, the given ones first; `husband` is empty for men and single women;
    "" where there is no number. Members of a household have `home`, `family_card` and often `phone` in common."""

    name: Words
    sex: Sex
    birth: date
    mother: Words
    father: Words
    husband: Words
    home: Home
    family_card: str
    nik: str
    passport: str
    phone: str
    email: str
    twin: bool = False


@dataclass(frozen=True, slots=True)
class _Member:
    name: Words
    sex: Sex
    birth: date
    mother: Words
    father: Words
    husband: Words = ()
    twin: bool = False


@dataclass(frozen=True, slots=True)
class _Neighbour:
    name: Words
    sex: Sex
    birth: date


class Households:
    """Gives household after household; who is in none of the lists is left out."""

    def __init__(self, rng: Random) -> None:
        self.numbers = Numbers(rng)
        self._rng = rng
        self._neighbours: dict[Village, deque[_Neighbour]] = {}

    def __iter__(self) -> Iterator[list[Person]]:
        while True:
            yield self._household()

    def _household(self) -> list[Person]:
        rng = self._rng
        home = places.home(rng)
        head = self._head(home.village)
        members = [head, *self._family(head)]
        card = self.numbers.family_card(home.village.region, _day(rng, _FIRST_CARDS, 26 * 365))
        phone = self.numbers.phone()
        listed = [member for member in members if member.twin or rng.random() < _listed(member)]
        persons = [self._person(member, home, card, phone) for member in listed]
        self._remember(home.village, listed)
        return persons

    def _head(self, village: Village) -> _Member:
        rng = self._rng
        neighbours = self._neighbours.get(village)
        if neighbours and rng.random() < POPULATION["namesake_next_door"]:
            other = rng.choice(neighbours)
            return self._member(other.sex, _near(rng, other.birth), other.name)
        sex: Sex = "L" if rng.random() < 0.8 else "P"
        return self._member(sex, _born(rng, YEAR - 65, YEAR - 24))

    def _family(self, head: _Member) -> list[_Member]:
        """Wife, children, mother and sibling of the head."""
        rng = self._rng
        family = []
        if head.sex == "L" and rng.random() < POPULATION["couple"]:
            wife = self._wife(head)
            family = [wife, *self._children(head, wife)]
        if rng.random() < POPULATION["sibling"]:
            sex: Sex = "L" if rng.random() < 0.5 else "P"
            birth = head.birth + timedelta(days=rng.choice((-1, 1)) * rng.randint(320, 3600))
            family.append(_Member(draw_name(rng, sex), sex, birth, head.mother, head.father))
        if rng.random() < POPULATION["grandmother"]:
            birth = head.birth - timedelta(days=rng.randint(18 * 365, 35 * 365))
            family.append(_Member(head.mother, "P", birth, draw_name(rng, "P"), draw_name(rng, "L")))
        return family

    def _wife(self, head: _Member) -> _Member:
        rng = self._rng
        birth = head.birth + timedelta(days=rng.randint(-3 * 365, 8 * 365))
        wife = draw_name(rng, "P")
        return _Member(wife, "P", birth, draw_name(rng, "P"), draw_name(rng, "L"), husband=head.name)

    def _children(self, father: _Member, mother: _Member) -> Iterator[_Member]:
        rng = self._rng
        birth = _later(max(father.birth, mother.birth), 19 * 365 + rng.randint(0, 2500))
        for _ in range(rng.choices(range(5), (15, 30, 33, 15, 7))[0]):
            if birth.year >= YEAR - 1:
                return
            if rng.random() < POPULATION["twins"]:
                yield from self._twins(birth, mother.name, father.name)
            else:
                sex: Sex = "L" if rng.random() < 0.5 else "P"
                yield _Member(self._child_name(sex, father, mother), sex, birth, mother.name, father.name)
            birth = _later(birth, rng.randint(400, 2600))

    def _twins(self, birth: date, mother: Words, father: Words) -> Iterator[_Member]:
        first: Sex = "L" if self._rng.random() < 0.5 else "P"
        second: Sex = first if self._rng.random() < 0.7 else ("P" if first == "L" else "L")
        names = draw_twin_names(self._rng, (first, second))
        for name, sex in zip(names, (first, second), strict=True):
            yield _Member(name, sex, birth, mother, father, twin=True)

    def _child_name(self, sex: Sex, father: _Member, mother: _Member) -> Words:
        """A name of its own, in some families with the last word of the parent of its sex."""
        own = draw_name(self._rng, sex)
        inherited = (father if sex == "L" else mother).name[-1]
        if self._rng.random() < POPULATION["parents_word"] and inherited not in own:
            return (*own[:2], inherited)
        return own

    def _member(self, sex: Sex, birth: date, name: Words | None = None) -> _Member:
        rng = self._rng
        return _Member(
            name or draw_name(rng, sex),
            sex,
            birth,
            draw_name(rng, "P"),
            draw_name(rng, "L"),
        )

    def _person(self, member: _Member, home: Home, card: str, phone: str) -> Person:
        rng, age = self._rng, YEAR - member.birth.year
        moved = rng.random() < POPULATION["registered_elsewhere"]
        region = places.home(rng).village.region if moved else home.village.region
        own_phone = age >= 15 and rng.random() >= POPULATION["shared_phone"]
        return Person(
            name=member.name,
            sex=member.sex,
            birth=member.birth,
            mother=member.mother,
            father=member.father,
            husband=member.husband,
            home=home,
            family_card=card,
            nik=self.numbers.nik(region, member.birth, member.sex),
            passport=self.numbers.passport() if age >= 17 and rng.random() < POPULATION["passport"] else "",
            phone=self.numbers.phone() if own_phone else phone,
            email=_email(rng, member) if age >= 15 and rng.random() < POPULATION["email"] else "",
            twin=member.twin,
        )

    def _remember(self, village: Village, members: list[_Member]) -> None:
        neighbours = self._neighbours.setdefault(village, deque(maxlen=20))
        adults = (member for member in members if YEAR - member.birth.year > 20)
        neighbours.extend(_Neighbour(adult.name, adult.sex, adult.birth) for adult in adults)


def _listed(member: _Member) -> float:
    return POPULATION["adult_listed"] if YEAR - member.birth.year >= 17 else POPULATION["minor_listed"]


def _email(rng: Random, member: _Member) -> str:
    return f"{'.'.join(member.name).lower()}{rng.randint(1, 999)}@example.{rng.choice(('com', 'org', 'net'))}"


def _near(rng: Random, birth: date) -> date:
    """A birth date near another's: the same day of another year, or another day of nearly the same year."""
    if rng.random() < 0.15:
        return _later(birth, 365 * rng.choice((-2, -1, 1, 2)))
    return _later(birth, rng.choice((-1, 1)) * rng.randint(1, 900))


def _born(rng: Random, first: int, last: int) -> date:
    return _day(rng, date(first, 1, 1), (last - first + 1) * 365)


def _day(rng: Random, first: date, days: int) -> date:
    return first + timedelta(days=rng.randrange(days))


def _later(day: date, days: int) -> date:
    return day + timedelta(days=days)
