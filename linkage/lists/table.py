"""A list as it was written: columns of text, and the row of the file from which each record comes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SHOWN = 10
"""How many rows or values a message names."""

MISSING_VALUES = frozenset(
    {"", "nan", "null", "none", "n/a", "#n/a", "nil", "<na>", "nat", "\\n", "-", "--", ".", "?", "na"}
)
"""What programs and people write for a missing value, in lower case."""


class Unusable(Exception):
    """A list, mapping, truth or decision cannot be used. The message says where, what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Table:
    """One list. Cells are stripped of white space; "" where there is nothing.

    `rows[i]` is the row of record i as a spreadsheet shows it (the header is row 1), or the line of JSON Lines.
    `remarks` say what was decided while reading, for the person whose list it is.
    """

    name: str
    headers: tuple[str, ...]
    columns: tuple[Sequence[str], ...]
    rows: Sequence[int]
    remarks: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, header: str) -> Sequence[str]:
        """The cells under a header; KeyError if there is no such header."""
        if header not in self.headers:
            raise KeyError(header)
        return self.columns[self.headers.index(header)]


def first_few(things: Iterable[object], count: int | None = None, *, shown: int = SHOWN) -> str:
    """The first few things, and how many more there are. `count` is the number of all where `things` are not all."""
    listed = list(things)
    more = (len(listed) if count is None else count) - len(listed[:shown])
    return ", ".join(map(str, listed[:shown])) + (f" and {more:,} more" if more > 0 else "")
