"""From files to people: read, mapped as told or guessed, cast."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from linkage.lists.column_detection import Guess, guess
from linkage.lists.column_mapping import Mapped, from_guesses, mapping_text, read_mapping
from linkage.lists.formats import How
from linkage.lists.read_list import Progress, read, silent
from linkage.lists.table import Table, Unusable
from linkage.lists.to_people import cast_both, cast_list
from linkage.lists.truth import Truth, by_column, by_pairs
from linkage.people import People


@dataclass(frozen=True, slots=True)
class Understood:
    """One list, or two as one. `guesses` is empty where a mapping was given; `mapping` is mapping.toml either way."""

    tables: Sequence[Table]
    guesses: Sequence[Sequence[Guess]]
    mapping: str
    people: People
    remarks: tuple[str, ...]

    def ids(self) -> list[Sequence[str]]:
        """The ids of each list."""
        second = self.people.second
        if second is None:
            return [self.people.ids]
        return [self.people.ids[:second], self.people.ids[second:]]


def understand(
    paths: Sequence[Path],
    *,
    config: Path | None = None,
    truth: str | None = None,
    how: How | None = None,
    progress: Progress = silent,
) -> Understood:
    """The people of one file, or of two. `truth` names a column that must not be used. Raises Unusable."""
    tables = [read(path, how, progress) for path in paths]
    if config is None:
        guesses: Sequence[Sequence[Guess]] = guess(tables, truth)
        mapped, text = [from_guesses(found) for found in guesses], mapping_text(tables, guesses)
    else:
        guesses, mapped = (), read_mapping(config, tables)
        text = config.read_text(encoding="utf-8")
    this_year = date.today().year  # noqa: DTZ011  # the century of two-digit years does not turn on a time zone
    casts = [cast_list(table, found, this_year) for table, found in zip(tables, mapped, strict=True)]
    cast = casts[0] if len(casts) == 1 else cast_both(casts[0], casts[1], mapped)
    remarks = [f"{table.name}: {remark}" for table in tables for remark in table.remarks]
    _check(tables, mapped, cast.people, truth)
    return Understood(tables, guesses, text, cast.people, (*remarks, *cast.remarks))


def _check(tables: Sequence[Table], mapped: Sequence[Mapped], people: People, truth: str | None) -> None:
    for table, found in zip(tables, mapped, strict=True):
        if truth is not None and truth in found.uses:
            raise Unusable(
                f"{table.name}: column {truth!r} is the truth and cannot have a role: ignore it in the mapping."
            )
    if not people.columns:
        raise Unusable("no column was recognised: say with --config which column is what.")


def known_truth(understood: Understood, *, column: str | None, pairs: Path | None) -> Truth | None:
    """The truth by a column, or by a file of pairs. Raises Unusable."""
    if column is not None:
        return by_column(understood.tables, understood.ids(), column)
    if pairs is not None:
        return by_pairs(read(pairs, How(header=False)), understood.tables, understood.ids())
    return None
