"""Generates test populations: records of constructed Indonesians, each with its true person."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from random import Random

from deploy.local.progress import Progress, silent
from simulation.population import written_forms
from simulation.population.households import Households, Person
from simulation.population.institution_records import Office, Record
from simulation.population.rates import POPULATION, RECORDS_OF_ONE, SOURCES, Kind, Level
from simulation.population.record_errors import Desk

HEADER = ("id", *written_forms.HEADER)

Row = tuple[str, ...]

_AT_HOME = ("Dukcapil", "BPJS TK", "Desa")
_OFTEN = 1000


@dataclass(frozen=True, slots=True)
class Population:
    """Records in an order that tells nothing. `truth[n]` is the person of `rows[n]`, `wrong[n]` the errors made in it
    (of a person's first record none)."""

    header: tuple[str, ...]
    rows: list[Row]
    truth: list[str]
    wrong: list[tuple[Kind, ...]]

    def labelled(self) -> tuple[Row, Iterator[Row]]:
        """Header and rows with the truth as second column, `person`."""
        rows = ((row[0], person, *row[1:]) for row, person in zip(self.rows, self.truth, strict=True))
        return (self.header[0], "person", *self.header[1:]), rows


@dataclass(frozen=True, slots=True)
class _Made:
    row: Row
    person: str
    errors: tuple[Kind, ...]


def population(size: int, errors: Level = "medium", seed: int = 0, progress: Progress = silent) -> Population:
    """`size` records in one list, with duplicates inside; the same for the same arguments."""
    rng = Random(f"{size}-{errors}-{seed}")
    households = Households(rng)
    desk = Desk(rng, households.numbers)
    office = Office(desk, errors)
    made: list[_Made] = []
    for name, person in _persons(households, desk):
        made += [_made(rng, name, person, record) for record in _records(office, rng, person, _how_many(rng))]
        if _enough(progress, "people", len(made), size):
            return _shuffled(rng, made[:size], "R")
    raise AssertionError("households never end")


def two_lists(
    size: int, errors: Level = "medium", seed: int = 0, *, clean: bool = False, progress: Progress = silent
) -> tuple[Population, Population]:
    """Two lists of `size` records each, of institutions at home and of those that place people abroad.

    Half of all persons are in both lists. A few are twice in one of them, unless `clean`.
    """
    rng = Random(f"{size}-{errors}-{seed}-{clean}")
    households = Households(rng)
    desk = Desk(rng, households.numbers)
    home, abroad = (
        tuple(source for source in SOURCES if (source.code in _AT_HOME) is at_home) for at_home in (True, False)
    )
    offices = Office(desk, errors, home), Office(desk, errors, abroad)
    made: tuple[list[_Made], list[_Made]] = ([], [])
    for name, person in _persons(households, desk):
        records: list[Record] = []
        for number in _lists_of(rng, clean=clean):
            if len(made[number]) < size:
                records.append(offices[number].record(person, records, correct=not records))
                made[number].append(_made(rng, name, person, records[-1]))
        if _enough(progress, "people", min(map(len, made)), size):
            break
    return _shuffled(rng, made[0], "A"), _shuffled(rng, made[1], "B")


def _persons(households: Households, desk: Desk) -> Iterator[tuple[str, Person]]:
    """Every person with an id. The desk remembers a person of the household before, for errors that copy a row
    above."""
    numbers = count(1)
    for household in households:
        for person in household:
            yield f"P{next(numbers):07d}", person
        desk.above = household[-1] if household else desk.above


def _records(office: Office, rng: Random, person: Person, many: int) -> list[Record]:
    """The first of several records is correct; a person's only record has errors in half of the cases."""
    correct = many > 1 or rng.random() >= POPULATION["recorded_once_but_wrong"]
    records = [office.record(person, [], correct=correct)]
    for _ in range(many - 1):
        records.append(office.record(person, records, correct=False))
    return records


def _how_many(rng: Random) -> int:
    if rng.random() >= POPULATION["recorded_again"]:
        return 1
    return rng.choices(tuple(RECORDS_OF_ONE), tuple(RECORDS_OF_ONE.values()))[0]


def _lists_of(rng: Random, *, clean: bool) -> Iterator[int]:
    """The lists in which a person has a record: 0, 1, or both; a list twice for a second record in it."""
    lists = (0, 1) if rng.random() < POPULATION["recorded_in_both"] else (rng.randrange(2),)
    for number in lists:
        yield number
        if not clean and rng.random() < POPULATION["again_in_one_of_two"]:
            yield number


def _made(rng: Random, name: str, person: Person, record: Record) -> _Made:
    return _Made(written_forms.cells(rng, person, record), name, record.errors)


def _enough(progress: Progress, what: str, done: int, size: int) -> bool:
    if done >= size or done % _OFTEN == 0:
        progress(what, min(done, size), size)
    return done >= size


def _shuffled(rng: Random, made: list[_Made], letter: str) -> Population:
    rng.shuffle(made)
    rows = [(f"{letter}{number:07d}", *record.row) for number, record in enumerate(made, 1)]
    return Population(HEADER, rows, [record.person for record in made], [record.errors for record in made])
