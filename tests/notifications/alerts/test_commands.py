"""Settling a batch in memory."""

import pytest

from chassis.commands.overlay import Overlay
from contracts.notifications import AcknowledgeAlert, AlertDetails, AlertRaised, ResolveAlert
from contracts.outcomes import Refused
from services.notifications.alerts.commands import LoadedBatch, apply, decide
from tests.domain_service import carry_out, command
from tests.notifications.alerts.builders import ALERT, NOW, PERSON, institution, officer, report

take = carry_out(decide, apply)


def test_one_batch_raises_takes_and_ends_an_alert_each_step_later_than_the_one_before() -> None:
    work = LoadedBatch(Overlay())
    batch = [
        command(report(), institution(), AlertDetails(narrative="…"), command_id=ALERT),
        command(AcknowledgeAlert(alert=ALERT), officer()),
        command(ResolveAlert(alert=ALERT, resolution="helped"), officer()),
    ]
    emitted = [event for one in batch for event in take(work, one, NOW).events]
    assert [event.sequence for event in emitted] == [1, 2, 3]
    assert len({event.recorded for event in emitted}) == 3
    assert sorted(emitted, key=lambda event: event.recorded) == emitted
    assert list(work.alerts.changed) == [ALERT]
    assert [kept.details.narrative for kept in work.reports] == ["…"]


def test_a_refusal_leaves_the_batch_as_it_was() -> None:
    work = LoadedBatch(Overlay())
    with pytest.raises(Refused):
        take(work, command(report("ALT-NONE"), institution(), AlertDetails(narrative="…")), NOW)
    with pytest.raises(Refused):
        take(work, command(AcknowledgeAlert(alert=ALERT), officer()), NOW)
    assert work == LoadedBatch(Overlay())


def test_neither_the_alert_nor_the_report_is_there_before_the_changes_are_applied() -> None:
    work = LoadedBatch(Overlay())
    raising = command(report(), institution(), AlertDetails(narrative="…"), command_id=ALERT)
    applied = decide(work, raising, NOW)
    assert work == LoadedBatch(Overlay())
    assert applied.changes
    apply(work, applied.changes)
    assert (list(work.alerts.changed), len(work.reports)) == ([ALERT], 1)


def test_the_same_wish_again_is_applied_without_an_event() -> None:
    work = LoadedBatch(Overlay())
    take(work, command(report(), institution(), command_id=ALERT), NOW)
    take(work, command(AcknowledgeAlert(alert=ALERT), officer()), NOW)
    applied = take(work, command(AcknowledgeAlert(alert=ALERT), officer()), NOW)
    assert (applied.version, applied.events) == (2, ())


def test_what_tells_of_a_survivor_starts_anew_and_names_nobody() -> None:
    work = LoadedBatch(Overlay())
    applied = take(work, command(report("ALT-GBV"), institution(), command_id=ALERT), NOW)
    (event,) = applied.events
    assert (event.classification, applied.survivor) == ("survivor", True)
    assert isinstance(event.event, AlertRaised)
    assert event.event.person is None
    assert work.reports[0].person == PERSON
