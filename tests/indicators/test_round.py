"""Opening a round."""

from datetime import timedelta

import pytest

from contracts import codes
from contracts.commands import Principal
from contracts.outcomes import Refused
from services.indicators.domain.round import catalogue_version, open_round
from tests.indicators.builders import NOW, ROUND, coordinator, institution, opening, person


def test_a_round_asks_all_98_questions_of_the_institutions_that_lead_them() -> None:
    opened, event = open_round(ROUND, coordinator(), opening(), NOW)
    assert opened.id == event.round == ROUND
    assert len(event.assignments) == len(opened.questions) == 98
    assert {given.organisation for given in event.assignments} <= codes.organisations().keys()
    assert event.catalogue_version == opened.catalogue_version == catalogue_version()


@pytest.mark.parametrize("who", [institution("KEMLU"), Principal(organisation="BPS", roles=("mgi_coordinator",))])
def test_the_coordinating_organisation_or_role_opens_a_round(who: Principal) -> None:
    assert open_round(ROUND, who, opening(), NOW)[0].opened_by == who.organisation


def test_nobody_else_does() -> None:
    with pytest.raises(Refused) as refused:
        open_round(ROUND, person("KP2MI"), opening(), NOW)
    assert refused.value.problems[0].code == "not_permitted"


def test_a_round_that_is_already_due_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        open_round(ROUND, coordinator(), opening(due_at=NOW - timedelta(days=1)), NOW)
    assert [(found.code, found.pointer) for found in refused.value.problems] == [("invalid_value", "/due_at")]
