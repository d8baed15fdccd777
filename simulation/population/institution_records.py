"""Records as institutions make them: with errors and omissions, but so that their person can still be recognised."""

from collections.abc import Iterator
from dataclasses import dataclass

from simulation.population import typing_errors
from simulation.population.households import Person
from simulation.population.rates import KINDS, SEVERITIES, SOURCES, Field, Kind, Level, Source, rate
from simulation.population.record_errors import CHANGES, Change, Desk, Draft, draft

_ENOUGH = 6.0
_TRIES = 6
_NOTHING: dict[str, object] = {"mother": (), "sex": None}


@dataclass(frozen=True, slots=True)
class Record:
    """What was written, by which institution, with which errors. `intact` are the points of `_intact` per field."""

    draft: Draft
    source: Source
    errors: tuple[Kind, ...]
    intact: tuple[float, ...]

    @property
    def fields(self) -> frozenset[Field]:
        """Fields whose value differs from what is true; what is only missing does not differ."""
        return frozenset(kind.field for kind in self.errors if kind.name != "birth_missing")


class Office:
    """Writes the records of one list."""

    def __init__(self, desk: Desk, level: Level, sources: tuple[Source, ...] = SOURCES) -> None:
        self._desk = desk
        self._severity = SEVERITIES[level]
        self._sources = sources
        self._weights = [source.weight for source in sources]
        self._kinds = [(rate(kind, level), kind, CHANGES[kind.name]) for kind in KINDS]

    def record(self, person: Person, others: list[Record], *, correct: bool) -> Record:
        """A record that a careful clerk could recognise as one of the same person as each of `others`.

        One that she could not is written again, after six attempts as correctly as a first record.
        """
        for attempt in range(_TRIES):
            made = self._made(person, correct=correct or attempt == _TRIES - 1)
            if all(_recognisable(made, other) for other in (made, *others)):
                return made
        return self._complete(person)

    def _made(self, person: Person, *, correct: bool) -> Record:
        rng = self._desk.rng
        source = rng.choices(self._sources, self._weights)[0]
        writing = draft(person)
        made = () if correct else tuple(self._spoil(person, writing, source.care))
        self._omit(person, writing, source)
        return Record(writing, source, tuple(kind for kind in made if _stands(kind, writing)), _intact(person, writing))

    def _complete(self, person: Person) -> Record:
        writing = draft(person)
        return Record(writing, self._desk.rng.choice(self._sources), (), _intact(person, writing))

    def _spoil(self, person: Person, writing: Draft, care: float) -> Iterator[Kind]:
        """Makes errors in the record. Yields their kinds, without those that changed nothing."""
        rng = self._desk.rng
        for share, kind, change in self._kinds:
            if rng.random() < share * care and self._changed(kind, change, person, writing):
                yield kind

    def _changed(self, kind: Kind, change: Change, person: Person, writing: Draft) -> bool:
        before = _value(writing, kind.field)
        change(self._desk, person, writing)
        return _value(writing, kind.field) != before

    def _omit(self, person: Person, writing: Draft, source: Source) -> None:
        rng, factor = self._desk.rng, self._severity.omissions
        gone = {field for field, share in source.omits.items() if rng.random() < share * factor}
        if rng.random() < self._severity.unnumbered:
            gone |= {"nik", "passport"}
        elif "nik" in gone and ("passport" in gone or not person.passport):
            gone.discard("nik")
        for field in gone:
            setattr(writing, field, _NOTHING.get(field, ""))


def _recognisable(record: Record, other: Record) -> bool:
    return sum(map(min, record.intact, other.intact)) >= _ENOUGH


def _intact(person: Person, writing: Draft) -> tuple[float, ...]:
    """How well each field still identifies the person, in points: a full name 2, an own number 4, a birth date 3."""
    return (
        _name_points(person, writing),
        _birth_points(person, writing),
        _mother_points(person, writing),
        2.0 if writing.home is person.home else 0.0,
        1.0 if writing.phone == person.phone else 0.0,
        _number_points(writing.nik, person.nik),
        _number_points(writing.passport, person.passport),
        1.0 if writing.card == person.family_card else 0.0,
    )


def _name_points(person: Person, writing: Draft) -> float:
    kept = sum(word in writing.name for word in person.name)
    return min(2.0, 0.5 + kept) if kept else 0.5


def _birth_points(person: Person, writing: Draft) -> float:
    true = typing_errors.day_of(person.birth)
    if writing.birth is None:
        return 0.0
    if writing.birth == true:
        return 3.0
    return 1.0 if (writing.birth.month, writing.birth.day) in {(1, 1), (6, 30)} else 2.0


def _mother_points(person: Person, writing: Draft) -> float:
    if writing.mother == person.mother:
        return 2.0
    return 1.0 if writing.mother else 0.0


def _number_points(written: str, true: str) -> float:
    if not written or not true:
        return 0.0
    if written == true:
        return 4.0
    same = sum(a == b for a, b in zip(written, true, strict=False))
    return 2.0 if same >= len(true) - 2 else 0.0


def _value(writing: Draft, field: Field) -> object:
    match field:
        case "name" | "birth" | "sex" | "mother" | "phone" | "email" | "nik" | "passport" | "card":
            return getattr(writing, field)
        case "address":
            return writing.home, writing.street
        case "region":
            return writing.village, writing.regency, writing.province


def _stands(kind: Kind, writing: Draft) -> bool:
    """Whether the error can still be seen after values were left out."""
    match kind.field:
        case "address":
            return bool(writing.street)
        case "region":
            return kind.name != "village_typo" or bool(writing.village)
        case "birth":
            return True
        case _:
            return bool(_value(writing, kind.field))
