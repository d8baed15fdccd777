"""A woman of Wonosobo without any number of hers, as a placement company wrote her."""

from typing import Any

from contracts.registry import PersonDetails
from tests.registry.builders import BORN


def aminah(**changes: Any) -> PersonDetails:
    """A test names only what matters to it."""
    given = {
        "full_name": "SITI AMINAH",
        "birth_date": BORN.isoformat(),
        "sex": "P",
        "phone": "+6283412345678",
        "address": "Jl. Melati No. 12, RT 02/RW 05",
        "mother_name": "Sukarti",
    }
    return PersonDetails(**(given | changes))
