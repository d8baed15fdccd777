"""Processing a batch in memory."""

import pytest

from chassis.commands.overlay import Overlay
from contracts.notifications import AcknowledgeAlert, AlertDetails, AlertRaised, ResolveAlert
from contracts.outcomes import Refused
from services.notifications.alerts.commands import LoadedBatch, apply, decide
from tests.domain_service import carry_out, command
from tests.notifications.alerts.builders import ALERT, NOW, PERSON, institution, officer, raising

take = carry_out(decide, apply)


def test_one_batch_raises_takes_and_ends_an_alert_each_step_later_than_the_one_before() -> None:
    loaded = LoadedBatch(Overlay())
    batch = [
        command(raising(), institution(), AlertDetails(narrative="…"), command_id=ALERT),
        command(AcknowledgeAlert(alert=ALERT), officer()),
        command(ResolveAlert(alert=ALERT, resolution="helped"), officer()),
    ]
    events = [event for command in batch for event in take(loaded, command, NOW).events]
    assert [event.sequence for event in events] == [1, 2, 3]
    assert len({event.recorded for event in events}) == 3
    assert sorted(events, key=lambda event: event.recorded) == events
    assert list(loaded.alerts.changed) == [ALERT]
    assert [report.details.narrative for report in loaded.reports] == ["…"]


def test_a_refusal_leaves_the_batch_as_it_was() -> None:
    loaded = LoadedBatch(Overlay())
    with pytest.raises(Refused):
        take(loaded, command(raising("ALT-NONE"), institution(), AlertDetails(narrative="…")), NOW)
    with pytest.raises(Refused):
        take(loaded, command(AcknowledgeAlert(alert=ALERT), officer()), NOW)
    assert loaded == LoadedBatch(Overlay())


def test_neither_the_alert_nor_the_report_is_there_before_the_changes_are_applied() -> None:
    loaded = LoadedBatch(Overlay())
    call = command(raising(), institution(), AlertDetails(narrative="…"), command_id=ALERT)
    applied = decide(loaded, call, NOW)
    assert loaded == LoadedBatch(Overlay())
    assert applied.changes
    apply(loaded, applied.changes)
    assert (list(loaded.alerts.changed), len(loaded.reports)) == ([ALERT], 1)


def test_the_same_step_again_is_applied_without_an_event() -> None:
    loaded = LoadedBatch(Overlay())
    take(loaded, command(raising(), institution(), command_id=ALERT), NOW)
    take(loaded, command(AcknowledgeAlert(alert=ALERT), officer()), NOW)
    applied = take(loaded, command(AcknowledgeAlert(alert=ALERT), officer()), NOW)
    assert (applied.version, applied.events) == (2, ())


def test_what_tells_of_a_survivor_starts_anew_and_names_nobody() -> None:
    loaded = LoadedBatch(Overlay())
    applied = take(loaded, command(raising("ALT-GBV"), institution(), command_id=ALERT), NOW)
    (event,) = applied.events
    assert (event.classification, applied.survivor) == ("survivor", True)
    assert isinstance(event.event, AlertRaised)
    assert event.event.person is None
    assert loaded.reports[0].person == PERSON
