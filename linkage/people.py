"""People as columns: the values that a list has of each person, by role."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal[
    "given_name",
    "surname",
    "full_name",
    "alias",
    "mother_name",
    "birth_date",
    "sex",
    "house_number",
    "street",
    "village",
    "district",
    "regency",
    "province",
    "postcode",
    "phone",
    "email",
    "nik",
    "passport",
    "other_id",
    "other_text",
]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Column:
    """One value per person, as it was written; "" where there is none.

    `name` distinguishes columns of one role (two phone numbers, several other ids) and is shown in explanations. A
    birth date is written YYYY-MM-DD, YYYY-MM or YYYY; it need not be in the calendar.
    """

    role: Role
    name: str
    values: Sequence[str]


@dataclass(frozen=True, slots=True)
class People:
    """Records of one list, or of two lists one after the other.

    `second` is the index where the second list begins, None with one list. Every column has len(ids) values.
    """

    ids: Sequence[str]
    columns: tuple[Column, ...]
    second: int | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, role: Role) -> Iterator[Column]:
        return (column for column in self.columns if column.role == role)


def concatenate(first: People, second: People) -> People:
    """Two lists, one after the other. Columns are matched by role and by their order in it; gaps are filled with ""."""
    columns = []
    for role in ROLES:
        of_first, of_second = list(first.of(role)), list(second.of(role))
        for n in range(max(len(of_first), len(of_second))):
            name = (of_first[n] if n < len(of_first) else of_second[n]).name
            left = of_first[n].values if n < len(of_first) else [""] * len(first)
            right = of_second[n].values if n < len(of_second) else [""] * len(second)
            columns.append(Column(role, name, [*left, *right]))
    return People([*first.ids, *second.ids], tuple(columns), second=len(first))


def from_rows(ids: Sequence[str], rows: Sequence[Mapping[Role, str]]) -> People:
    """People of which each row maps roles to values; a role that a row lacks is ""."""
    roles = [role for role in ROLES if any(role in row for row in rows)]
    return People(ids, tuple(Column(role, role, [row.get(role, "") for row in rows]) for role in roles))
