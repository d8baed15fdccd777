"""Which alerts an organisation may raise, and whether they may name a person: alert_types.csv, as it is enforced."""

from contracts.authority import ON_CALL, functions_of
from contracts.codes import AlertType, alert_types
from contracts.outcomes import Refused

ANYBODY = "any"
"""In `raised_by`: every organisation that may raise alerts at all."""


def may_raise(alert_type: AlertType, organisation: str) -> bool:
    """Whether the functions of an organisation allow it."""
    functions = functions_of(organisation)
    allowed = ON_CALL if ANYBODY in alert_type.raised_by else alert_type.raised_by
    return not allowed.isdisjoint(functions)


def check_raised(code: str, organisation: str, *, names_person: bool) -> None:
    """Raises Refused `alert_type_not_permitted` or `person_not_permitted`; of a code that is not listed nothing."""
    alert_type = alert_types().get(code)
    if alert_type is None:
        return
    if not may_raise(alert_type, organisation):
        raise Refused("alert_type_not_permitted", "/alert_type")
    if names_person and not alert_type.names_person:
        raise Refused("person_not_permitted", "/person")
