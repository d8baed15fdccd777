"""Who sees what on the stream."""

import json

from services.gateway.api.visibility import notice
from tests.gateway.api.samples import PERSON, answered, caller, opened, raised


def test_an_alert_is_seen_by_those_told_and_by_whoever_raised_it() -> None:
    for organisation in ("KEMLU", "KBRI-KL", "KP2MI"):
        found = notice(raised(), 1, caller(organisation))
        assert found
        assert (found.name, found.data["version"]) == ("alert.raised", 1)
    assert notice(raised(), 1, caller("BPS")) is None


def test_a_coordinator_sees_every_alert_but_those_of_survivors() -> None:
    coordinator = caller("BPS", "migration_coordinator")
    assert notice(raised(), 1, coordinator)
    assert notice(raised(privacy="survivor", person=None), 1, coordinator) is None


def test_no_person_stands_on_the_stream() -> None:
    found = notice(raised(), 1, caller("KEMLU"))
    assert found
    assert PERSON not in json.dumps(found.data)
    assert "unrouted" not in found.data


def test_a_round_shows_an_institution_its_own_questions_and_the_coordinator_all() -> None:
    own = notice(opened(), 1, caller("BPS"))
    assert own
    assert [one["indicator"] for one in own.data["assignments"]] == ["MGI-1.02"]
    whole = notice(opened(), 1, caller("KEMLU", "mgi_coordinator"))
    assert whole
    assert len(whole.data["assignments"]) == 2
    assert notice(opened(), 1, caller("KP2MI")) is None


def test_an_answer_is_seen_by_its_institution_and_by_coordinators() -> None:
    assert notice(answered(), 1, caller("KEMLU"))
    assert notice(answered(), 1, caller("KP2MI", "mgi_coordinator"))
    assert notice(answered(), 1, caller("KP2MI")) is None
