"""What a record asks for at the door, and what its organisation may not ask for."""

import json
from typing import Any

import pytest

from contracts.commands import Principal
from contracts.outcomes import Refused
from services.gateway.domain.submissions import Submitted, read_submission
from tests.gateway.exchange.samples import DISTRESS, NOW, headers, with_

ALERT = "partner.alert.reported.v1"


def submitted(organisation: str, body: dict[str, Any], kind: str = ALERT) -> Submitted:
    given = headers(kind, source=f"/{organisation}/x")
    return read_submission(
        given, json.dumps(body).encode(), Principal(organisation=organisation), str, NOW, urgent=True
    )


def refusal(organisation: str, body: dict[str, Any], kind: str = ALERT) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        submitted(organisation, body, kind)
    return [(problem.code, problem.pointer) for problem in refused.value.problems]


def test_an_alert_is_taken_from_whoever_its_type_names_alone() -> None:
    """The administrative alert with which the statistics office once asked for a name."""
    due = with_(DISTRESS, "alert_type", "ALT-QMIDUE")
    assert refusal("KP2MI", due) == [("alert_type_not_permitted", "/alert_type")]
    assert refusal("BPS", due) == [("person_not_permitted", "/person")]
    assert submitted("BPS", with_(due, "person", None)).draft.type == "alerts.alert.raise.v1"
    assert submitted("KP2MI", DISTRESS).draft.type == "alerts.alert.raise.v1"
