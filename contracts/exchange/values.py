"""The forms of the values that partners send and receive."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Nik = Annotated[str, StringConstraints(max_length=32), Field(description="16 digits")]
Passport = Annotated[
    str, StringConstraints(pattern=r"^[A-Z0-9]{6,9}$"), Field(description="6 to 9 capitals and digits")
]
Phone = Annotated[
    str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$"), Field(description="E.164: + and 7 to 15 digits")
]
Form = Literal["clear", "masked", "hashed", "year"]
"""`masked` keeps the last four characters, `hashed` means something to this receiver only, `year` is of a date."""
PersonToken = Annotated[
    str,
    StringConstraints(pattern=r"^p_[A-Za-z0-9_-]{43}$"),
    Field(description="p_ and 43 characters, as it stands in copies and receipts"),
]
"""The receiver's own id of a person: useless to anybody else."""
CivilDate = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), Field(description="a date YYYY-MM-DD")
]
BirthDate = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"),
    Field(description="a date YYYY-MM-DD, YYYY-MM or YYYY, as much of it as is known"),
]
