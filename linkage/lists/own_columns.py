"""The columns of the lists themselves, as the results repeat them beside what was found."""

from collections.abc import Iterable, Sequence

from linkage.lists.column_mapping import ColumnMapping
from linkage.lists.table import Table

Cells = Sequence[str]


class OwnColumns:
    """The columns of one list, or of two. Without tables there are none."""

    def __init__(self, tables: Sequence[Table] = (), mappings: Sequence[ColumnMapping] = ()) -> None:
        self._size = len(tables[0]) if tables else 0
        ids = {mapping.id for mapping in mappings}
        headers = dict.fromkeys(header for table in tables for header in table.headers)
        self.headers = tuple(header for header in headers if ids != {header})
        """The headers of the first list, then those that only the second has. A column that holds the ids of every list
        is left out: results have the ids anyhow."""

        self._columns: list[list[Cells | None]] = [
            [table.column(header) if header in table.headers else None for header in self.headers] for table in tables
        ]
        compared = _compared(mappings)
        self.compared = tuple(f"{'ab'[side]}.{header}" for side, header in compared)
        """The columns that are compared, of either record: `a.Nama`, `b.Nama`."""

        self._compared = [(side, tables[min(side, len(tables) - 1)].column(header)) for side, header in compared]

    def titles(self, taken: Iterable[str]) -> list[str]:
        """The headers as titles of a result that has the titles `taken` already."""
        names = set(taken)
        return [f"{header} (list)" if header in names else header for header in self.headers]

    def values(self, record: int) -> list[str]:
        """The cells of a record under the headers of both lists; "" under those that its list does not have."""
        if not self._columns:
            return []
        number, row = (0, record) if record < self._size else (1, record - self._size)
        return ["" if column is None else column[row] for column in self._columns[number]]

    def pair_values(self, left: int, right: int) -> list[str]:
        """The cells of two records under the columns that are compared."""
        of_second_list = len(self._columns) == 2
        rows = left, right - self._size if of_second_list else right
        return [column[rows[side]] for side, column in self._compared]


def _compared(mappings: Sequence[ColumnMapping]) -> list[tuple[int, str]]:
    """The columns that are compared, as side and header. Of two records of one list each column is named twice; of two
    lists, columns of one role stand beside each other."""
    if len(mappings) < 2:
        return [(side, header) for mapping in mappings for header in mapping.columns for side in (0, 1)]
    unmatched = list(mappings[1].columns.items())
    columns: list[tuple[int, str]] = []
    for header, mapped in mappings[0].columns.items():
        columns.append((0, header))
        like = next((item for item in unmatched if item[1].meaning == mapped.meaning), None)
        if like is not None:
            unmatched.remove(like)
            columns.append((1, like[0]))
    return columns + [(1, header) for header, _ in unmatched]
