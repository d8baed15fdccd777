"""Which alerts an organisation may raise, and whether they may name a person: alert_types.csv, as it is enforced."""

from collections.abc import Collection

from contracts.authority import ON_CALL
from contracts.codes import AlertType, alert_types
from contracts.outcomes import Refused

ANYBODY = "any"
"""In `raised_by`: every organisation that may raise alerts at all."""


def may_raise(alert_type: AlertType, functions: Collection[str]) -> bool:
    """Whether an organisation with these functions may raise it."""
    allowed = ON_CALL if ANYBODY in alert_type.raised_by else alert_type.raised_by
    return not allowed.isdisjoint(functions)


def check_raised(code: str, functions: Collection[str], *, names_person: bool) -> None:
    """Raises Refused `alert_type_not_permitted` or `person_not_permitted`; of a code that is not listed nothing."""
    alert_type = alert_types().get(code)
    if alert_type is None:
        return
    if not may_raise(alert_type, functions):
        raise Refused("alert_type_not_permitted", "/alert_type")
    if names_person and not alert_type.names_person:
        raise Refused("person_not_permitted", "/person")
