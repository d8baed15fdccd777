"""How a list of another country is made: people in households, their records, and the errors in these."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from simulation.population.locales.error_rates import Rate, Row, spoil

TRUTH = "person"
"""The column that says whose record it is."""


@dataclass(frozen=True, slots=True)
class Locale:
    """One kind of list.

    `headers` holds a header per file, one or two; `records` the weights of a person having one record, two, and so on.
    `household` makes the people of one household, `changed` what happened to a person between two records, `written`
    how a source (0 to `sources` - 1; with two files the file itself) writes one. `rates` apply to every record, to a
    person's first one `first` times as often.
    """

    code: str
    about: str
    headers: tuple[tuple[str, ...], ...]
    records: tuple[float, ...]
    household: Callable[[Random], list[Row]]
    written: Callable[[Random, Row, int], Row]
    rates: tuple[Rate, ...]
    changed: Callable[[Random, Row], Row] = field(default=lambda _, person: person)
    first: float = 1.0
    sources: int = 3
    id: str | None = "id"


@dataclass(frozen=True, slots=True)
class Table:
    """One file: the truth is its last column; the id, where there is one, its first."""

    header: tuple[str, ...]
    rows: list[tuple[str, ...]]


def tables(locale: Locale, count: int, seed: int) -> tuple[Table, ...]:
    """At least `count` records in all, the same for the same seed, in random order."""
    rng = Random(f"{locale.code}-{seed}")
    files: list[list[Row]] = [[] for _ in locale.headers]
    person = 0
    while sum(map(len, files)) < count:
        for member in locale.household(rng):
            person += 1
            for source, row in _records(rng, locale, member):
                files[source % len(files)].append({**row, TRUTH: f"p{person}"})
    return tuple(_table(rng, locale, n, rows) for n, rows in enumerate(files))


def _records(rng: Random, locale: Locale, person: Row) -> list[tuple[int, Row]]:
    """A person's records, each with its source. With two files, the records alternate between them."""
    count = rng.choices(range(1, len(locale.records) + 1), locale.records)[0]
    source = rng.randrange(locale.sources)
    made = []
    for nth in range(count):
        current = locale.changed(rng, person) if nth else person
        row = spoil(rng, current, locale.rates, 1.0 if nth else locale.first)
        made.append((source, locale.written(rng, row, source)))
        source = (source + 1) % locale.sources if len(locale.headers) == 2 else rng.randrange(locale.sources)
    return made


def _table(rng: Random, locale: Locale, file: int, rows: list[Row]) -> Table:
    rng.shuffle(rows)
    header = locale.headers[file]
    names: Sequence[str] = (locale.id, *header, TRUTH) if locale.id else (*header, TRUTH)
    prefix = "ab"[file] if len(locale.headers) == 2 else "r"
    return Table(
        tuple(names),
        [
            tuple(f"{prefix}{n}" if name == locale.id else row.get(name, "") for name in names)
            for n, row in enumerate(rows, 1)
        ],
    )
