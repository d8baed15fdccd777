"""Settling a batch in memory."""

import pytest

from contracts.notifications import AcknowledgeAlert, AlertDetails, AlertRaised, ResolveAlert
from contracts.outcomes import Refused
from services.notifications.alerts.commands import Workspace, decide
from tests.domain_service import command
from tests.notifications.alerts.builders import ALERT, NOW, PERSON, institution, officer, report


def test_one_batch_raises_takes_and_ends_an_alert_each_step_later_than_the_one_before() -> None:
    work = Workspace({})
    batch = [
        command(report(), institution(), AlertDetails(narrative="…"), command_id=ALERT),
        command(AcknowledgeAlert(alert=ALERT), officer()),
        command(ResolveAlert(alert=ALERT, resolution="helped"), officer()),
    ]
    emitted = [event for one in batch for event in decide(work, one, NOW).events]
    assert [event.sequence for event in emitted] == [1, 2, 3]
    assert len({event.recorded for event in emitted}) == 3
    assert sorted(emitted, key=lambda event: event.recorded) == emitted
    assert work.changed == {ALERT}
    assert [kept.details.narrative for kept in work.reports] == ["…"]


def test_a_refusal_leaves_the_workspace_as_it_was() -> None:
    work = Workspace({})
    with pytest.raises(Refused):
        decide(work, command(report("ALT-NONE"), institution(), AlertDetails(narrative="…")), NOW)
    with pytest.raises(Refused):
        decide(work, command(AcknowledgeAlert(alert=ALERT), officer()), NOW)
    assert work == Workspace({})


def test_the_same_wish_again_is_applied_without_an_event() -> None:
    work = Workspace({})
    decide(work, command(report(), institution(), command_id=ALERT), NOW)
    decide(work, command(AcknowledgeAlert(alert=ALERT), officer()), NOW)
    applied = decide(work, command(AcknowledgeAlert(alert=ALERT), officer()), NOW)
    assert (applied.version, applied.events) == (2, ())


def test_what_tells_of_a_survivor_starts_anew_and_names_nobody() -> None:
    work = Workspace({})
    applied = decide(work, command(report("ALT-GBV"), institution(), command_id=ALERT), NOW)
    (event,) = applied.events
    assert (event.classification, applied.survivor) == ("survivor", True)
    assert isinstance(event.event, AlertRaised)
    assert event.event.person is None
    assert work.reports[0].person == PERSON
