"""For whom the registry itself decides, and how the record calls whoever decided. Who may: `contracts/authority.py`."""

from contracts.authority import PLATFORM, REGISTRY_RULE, kind_of
from contracts.commands import Principal
from contracts.registry import Because

RULE = Principal(organisation=PLATFORM, roles=(REGISTRY_RULE,))
"""For whom the registry itself decides."""


def because_of(principal: Principal) -> Because:
    """The rule, or a steward: nobody else may decide."""
    return "rule" if kind_of(principal) == "rule" else "steward"
