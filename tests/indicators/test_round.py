"""Opening a round."""

from datetime import timedelta

import pytest

from contracts import codes
from contracts.outcomes import Refused
from services.indicators.domain.round import open_round, round_id
from tests.indicators.builders import NOW, OPENED_BY, ROUND, a_round, coordinator, opening


def test_a_round_asks_all_98_questions_of_the_institutions_that_lead_them() -> None:
    opened, event = open_round(None, OPENED_BY, coordinator(), opening(), NOW)
    assert (opened.id, opened.command_id) == (event.round, OPENED_BY) == (ROUND, OPENED_BY)
    assert len(event.assignments) == len(opened.questions) == 98
    assert {assignment.organisation for assignment in event.assignments} <= codes.organisations().keys()
    assert event.catalogue_version == opened.catalogue_version == codes.mgi_catalogue_version()


def test_a_round_that_is_already_due_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        open_round(None, OPENED_BY, coordinator(), opening(due_at=NOW - timedelta(days=1)), NOW)
    assert [(problem.code, problem.pointer) for problem in refused.value.problems] == [("invalid_value", "/due_at")]


def test_a_round_is_opened_once_a_year_unless_the_catalogue_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused) as refused:
        open_round(a_round(), OPENED_BY, coordinator(), opening(due_at=NOW + timedelta(days=1)), NOW)
    assert [(problem.code, problem.pointer) for problem in refused.value.problems] == [("round_exists", "/year")]
    assert round_id("mgi-national", 2027) != ROUND
    monkeypatch.setattr(codes, "mgi_catalogue_version", lambda: "0123456789ab")
    assert round_id("mgi-national", 2026) != ROUND
