"""People as columns: what a list says of each person, by role."""

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

    `name` tells columns of one role apart (two phone numbers, several other ids) and is what an explanation shows. A
    birth date stands as YYYY-MM-DD, YYYY-MM or YYYY; it need not be in the calendar.
    """

    role: Role
    name: str
    values: Sequence[str]


@dataclass(frozen=True, slots=True)
class People:
    """Records of one list, or of two one after the other: `second` is where the second begins, None with one list."""

    ids: Sequence[str]
    columns: tuple[Column, ...]
    second: int | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, role: Role) -> Iterator[Column]:
        """The columns of one role."""
        return (column for column in self.columns if column.role == role)


def together(first: People, second: People) -> People:
    """Two lists as one, columns joined by role and order within the role; what one lacks is empty there."""
    columns = []
    for role in ROLES:
        ours, theirs = list(first.of(role)), list(second.of(role))
        for n in range(max(len(ours), len(theirs))):
            name = (ours[n] if n < len(ours) else theirs[n]).name
            left = ours[n].values if n < len(ours) else [""] * len(first)
            right = theirs[n].values if n < len(theirs) else [""] * len(second)
            columns.append(Column(role, name, [*left, *right]))
    return People([*first.ids, *second.ids], tuple(columns), second=len(first))


def from_rows(ids: Sequence[str], rows: Sequence[Mapping[Role, str]]) -> People:
    """People from one mapping each, as the registry holds them."""
    roles = [role for role in ROLES if any(role in row for row in rows)]
    return People(ids, tuple(Column(role, role, [row.get(role, "") for row in rows]) for role in roles))
