"""Who sees what on the stream."""

import json

from services.gateway.api.visibility import message_for
from tests.gateway.api.samples import PERSON, answered, caller, opened, raised


def test_an_alert_is_seen_by_those_told_and_by_whoever_raised_it() -> None:
    for organisation in ("KEMLU", "KBRI-KL", "KP2MI"):
        found = message_for(raised(), 1, caller(organisation))
        assert found
        assert (found.name, found.data["version"]) == ("alert.raised", 1)
    assert message_for(raised(), 1, caller("BPS")) is None


def test_a_coordinator_sees_every_alert_but_those_of_survivors() -> None:
    coordinator = caller("BPS", "migration_coordinator")
    assert message_for(raised(), 1, coordinator)
    assert message_for(raised(privacy="survivor", person=None), 1, coordinator) is None


def test_no_person_stands_on_the_stream() -> None:
    found = message_for(raised(), 1, caller("KEMLU"))
    assert found
    assert PERSON not in json.dumps(found.data)
    assert "unrouted" not in found.data


def test_a_round_shows_an_institution_its_own_questions_and_the_coordinator_all() -> None:
    own = message_for(opened(), 1, caller("BPS"))
    assert own
    assert [one["indicator"] for one in own.data["assignments"]] == ["MGI-1.02"]
    whole = message_for(opened(), 1, caller("KEMLU", "mgi_coordinator"))
    assert whole
    assert len(whole.data["assignments"]) == 2
    assert message_for(opened(), 1, caller("KP2MI")) is None


def test_an_answer_is_seen_by_its_institution_and_by_coordinators() -> None:
    assert message_for(answered(), 1, caller("KEMLU"))
    assert message_for(answered(), 1, caller("KP2MI", "mgi_coordinator"))
    assert message_for(answered(), 1, caller("KP2MI")) is None
