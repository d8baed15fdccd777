"""Who gets the copies that an agreement, an alert or a round gives to an organisation that was taken over."""

import json
from datetime import date

import pytest

from contracts.outcomes import Refused
from contracts.registry import PersonEvent
from services.gateway.domain import agreements
from services.gateway.domain.agreement_record import approve
from services.gateway.domain.copies import CopyBuilder
from services.gateway.domain.explanation import visible_to_any
from services.gateway.domain.routing import Recipient, Routing
from services.gateway.exchange.events import plan
from tests.gateway.agreements import NOW, an_agreement, approval, officer, proposed
from tests.gateway.exchange.samples import NAMES, RING, departed, envelope, facets, opened, raised, registered
from tests.gateway.exchange.surroundings import told

TODAY = date(2026, 6, 1)
SUCCESSORS = {"KBRI_KUL": "KEMLU", "33.02-DISNAKER": "33.04-DISNAKER", "BPS": "BAPPENAS", "KEMENKES": "BAPPENAS"}
CONNECTED = frozenset({"KEMLU", "KBRI_KUL", "33.02-DISNAKER", "33.04-DISNAKER", "BPS", "BAPPENAS", "KEMENKES"})
AFTER = Routing(agreements.load(), CONNECTED, TODAY, SUCCESSORS)
BUILDER = CopyBuilder(RING, NAMES)
BEFORE = Routing(agreements.load(), CONNECTED, TODAY)


def receivers(recipients: tuple[Recipient, ...]) -> set[str]:
    return {recipient.receiver for recipient in recipients}


def test_the_successor_of_a_mission_gets_what_the_mission_would() -> None:
    event = registered(facets=facets(destination="MY", owner="KP2MI"))
    assert "KBRI_KUL" in receivers(BEFORE.of_person(event))
    assert "KBRI_KUL" not in receivers(AFTER.of_person(event))
    assert "KEMLU" in receivers(AFTER.of_person(event))


def test_the_successor_of_the_owner_owns_and_copies_say_so() -> None:
    event = told(departed(facets=facets(owner="33.02-DISNAKER")))
    ((planned, _),) = plan(AFTER, [event], only="33.04-DISNAKER")
    assert isinstance(planned.body, PersonEvent)
    assert planned.body.facets.owner == "33.04-DISNAKER"
    assert planned.value == event.value, "what may be held back is the event as it stands in the log"
    assert plan(AFTER, [event], only="33.02-DISNAKER") == []


def test_it_may_read_whom_the_one_before_it_could() -> None:
    state = facets(owner="33.02-DISNAKER")
    purpose = "placement_and_protection"
    assert BEFORE.reading("33.02-DISNAKER", purpose, state).agreements
    assert AFTER.reading("33.04-DISNAKER", purpose, state).agreements
    assert not AFTER.reading("33.02-DISNAKER", purpose, state).agreements


def test_the_successor_of_one_that_an_alert_names_is_told_once() -> None:
    event = raised(recipients=("KEMLU", "KBRI_KUL"))
    assert [recipient.receiver for recipient in AFTER.of_alert(event)] == ["KEMLU"]


def test_the_questions_of_both_are_the_successors() -> None:
    recipients = {recipient.receiver: recipient for recipient in AFTER.of_round(opened())}
    assert "KEMENKES" not in recipients
    copy = BUILDER.of_round(recipients["BAPPENAS"], opened(), envelope(opened()))
    assert [one["indicator"] for one in json.loads(copy.message.value)["questions"]] == ["MGI-1.01"]


def test_releases_by_the_day_go_to_the_successor() -> None:
    daily = [agreement.model_copy(update={"release": "daily"}) for agreement in agreements.load()]
    before, after = (Routing(daily, CONNECTED, TODAY, successors) for successors in ({}, SUCCESSORS))
    assert {receiver for receiver, _ in before.daily()} == {"BPS"}
    assert {receiver for receiver, _ in after.daily()} == {"BAPPENAS"}


def test_the_successor_approves_for_the_side_that_it_took_over() -> None:
    successor = officer("BAPPENAS").model_copy(update={"succeeds": ("BPS",)})
    record = proposed(an_agreement())
    with pytest.raises(Refused):
        approve(record, officer("BAPPENAS"), approval(signer="s-2"), NOW)
    record, _ = approve(record, officer("KP2MI"), approval(signer="s-1"), NOW)
    record, event = approve(record, successor, approval(signer="s-2"), NOW)
    assert (event.side, event.complete) == ("receiver", True)
    assert visible_to_any(record.versions[0].agreement, successor.stands_for)
