"""Which alerts an organisation may raise, and whom they may name."""

import pytest

from contracts.alert_types import ANYBODY, check_raised, may_raise
from contracts.authority import ON_CALL, functions_of, that_decide
from contracts.codes import alert_types, organisations
from contracts.outcomes import Refused

LISTED = frozenset().union(*map(functions_of, organisations()))


@pytest.mark.parametrize("code", alert_types())
def test_a_type_names_functions_that_organisations_have_and_responders_that_are_told(code: str) -> None:
    alert_type = alert_types()[code]
    assert alert_type.raised_by <= LISTED | {ANYBODY}
    assert set(alert_type.responders) <= set(alert_type.notify)


@pytest.mark.parametrize("code", alert_types())
def test_every_type_can_be_raised_by_somebody_who_may_raise_alerts(code: str) -> None:
    raisers = {name for name in organisations() if may_raise(alert_types()[code], functions_of(name))}
    assert any(not ON_CALL.isdisjoint(functions_of(name)) for name in raisers)
    assert "UI" not in raisers


@pytest.mark.parametrize("code", alert_types())
def test_whoever_learns_whom_an_alert_is_about_is_told_by_a_type_that_names_somebody(code: str) -> None:
    """An alert that names somebody and to which nobody responds would be of no use to anybody."""
    alert_type = alert_types()[code]
    assert bool(alert_type.responders) or not alert_type.names_person


@pytest.mark.parametrize(
    ("code", "organisation", "names_person", "refused"),
    [
        ("ALT-DISTRESS", "MIGRANTCARE", True, None),
        ("ALT-DISTRESS", "UI", True, "alert_type_not_permitted"),
        ("ALT-DISTRESS", "NOSUCH", False, "alert_type_not_permitted"),
        ("ALT-QMIDUE", "BPS", False, None),
        ("ALT-QMIDUE", "BPS", True, "person_not_permitted"),
        ("ALT-QMIDUE", "KP2MI", True, "alert_type_not_permitted"),
        ("ALT-EXPIRY", "KEMENKES", True, "alert_type_not_permitted"),
        ("ALT-NONE", "KP2MI", True, None),
    ],
)
def test_function_and_type_decide(code: str, organisation: str, names_person: bool, refused: str | None) -> None:
    if refused is None:
        check_raised(code, functions_of(organisation), names_person=names_person)
        return
    with pytest.raises(Refused) as refusal:
        check_raised(code, functions_of(organisation), names_person=names_person)
    assert refusal.value.problems[0].code == refused


@pytest.mark.parametrize("code", alert_types())
def test_the_functions_that_a_command_carries_decide_as_all_of_them_do(code: str) -> None:
    alert_type = alert_types()[code]
    for name in organisations():
        functions = functions_of(name)
        assert may_raise(alert_type, that_decide(functions)) == may_raise(alert_type, functions)
