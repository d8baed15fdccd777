"""Reviews of alerts that name somebody whom no agreement of their reporter covers."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.commands.overlay import Overlay
from contracts.commands import Principal
from contracts.notifications import CloseReview, ReviewClosed
from contracts.outcomes import Refused
from services.notifications.alerts.commands import LoadedBatch, apply, decide
from services.notifications.alerts.domain.alert import raise_alert
from services.notifications.alerts.domain.naming import PER_HOUR
from services.notifications.alerts.domain.review import Review, close_review, review_of, review_readers
from tests.domain_service import carry_out, command
from tests.notifications.alerts.builders import ALERT, NOW, institution, officer, raising

take = carry_out(decide, apply)
WEEK = timedelta(days=7)


def dpo(organisation: str, user: str = "dpo-1") -> Principal:
    return officer(organisation, user, "data_protection_officer")


def review(alert_type: str = "ALT-DISTRESS", by: str = "KEMENKES", **changes: Any) -> Review | None:
    changes = {"covered": False, "reason": "violence"} | changes
    return review_of(raise_alert(ALERT, institution(by), raising(alert_type, **changes), None, NOW)[0])


def opened(alert_type: str = "ALT-DISTRESS") -> Review:
    made = review(alert_type)
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("changes", "reviewed"),
    [
        ({}, True),
        ({"covered": None}, True),
        ({"reason": None}, True),
        ({"covered": True}, False),
        ({"covered": None, "reason": None}, False),
        ({"person": None}, False),
    ],
)
def test_what_names_somebody_without_an_agreement_is_reviewed(changes: dict[str, Any], reviewed: bool) -> None:
    """And nothing that names nobody unless an agreement is found."""
    assert bool(review(**changes)) is reviewed


def test_it_is_closed_by_the_data_protection_officer_of_the_reporters_organisation_within_a_week() -> None:
    assert not opened().overdue(NOW + WEEK)
    assert opened().overdue(NOW + WEEK + timedelta(seconds=1))
    closed, event = close_review(opened(), dpo("KEMENKES"), CloseReview(alert=ALERT, finding="justified"), NOW)
    assert event is not None
    assert (closed.state, event.finding, event.organisation) == ("closed", "justified", "KEMENKES")
    assert not closed.overdue(NOW + 2 * WEEK)
    again, none = close_review(closed, dpo("KEMENKES"), CloseReview(alert=ALERT, finding="justified"), NOW)
    assert (again, none) == (closed, None)


@pytest.mark.parametrize(
    ("who", "finding", "code"),
    [
        (dpo("KEMENKES", "dpo-2"), "justified", "state_conflict"),
        (dpo("KEMENKES"), "unjustified", "state_conflict"),
        (dpo("KP2MI"), "justified", "not_permitted"),
        (dpo("KEMLU"), "justified", "not_found"),
    ],
)
def test_the_giver_reads_and_does_not_close_and_others_find_nothing(who: Principal, finding: Any, code: str) -> None:
    closed, _ = close_review(opened(), dpo("KEMENKES"), CloseReview(alert=ALERT, finding="justified"), NOW)
    with pytest.raises(Refused) as refused:
        close_review(closed, who, CloseReview(alert=ALERT, finding=finding), NOW)
    assert refused.value.problems[0].code == code


def test_whoever_takes_an_organisation_over_closes_its_reviews() -> None:
    successor = dpo("KEMENSOS").model_copy(update={"succeeds": ("KEMENKES",)})
    assert not set(review_readers(successor)).isdisjoint(opened("ALT-TPPO").readers)
    closed, event = close_review(opened("ALT-TPPO"), successor, CloseReview(alert=ALERT, finding="justified"), NOW)
    assert (closed.state, event is not None) == ("closed", True)


def test_a_survivors_is_seen_by_the_reporters_organisation_alone() -> None:
    own, giver = review_readers(dpo("KEMENKES")), review_readers(dpo("KP2MI"))
    assert not set(own).isdisjoint(opened("ALT-TPPO").readers)
    assert set(giver).isdisjoint(opened("ALT-TPPO").readers)
    assert not set(giver).isdisjoint(opened().readers)
    with pytest.raises(Refused) as refused:
        close_review(opened("ALT-TPPO"), dpo("KP2MI"), CloseReview(alert=ALERT, finding="justified"), NOW)
    assert refused.value.problems[0].code == "not_found"


def test_in_one_batch_too_the_limit_holds_and_distress_goes_on_without_the_person() -> None:
    batch = LoadedBatch(Overlay())
    for number in range(PER_HOUR + 1):
        name = f"{ALERT[:-2]}{number:02}"
        body = raising(covered=False, reason="life_in_danger")
        take(batch, command(body, institution("KEMENKES"), command_id=name), NOW)
    alerts = list(batch.alerts.changed.values())
    assert [alert.withheld for alert in alerts] == [None] * PER_HOUR + ["limit"]
    assert alerts[-1].person is None
    assert len(batch.reviews.changed) == PER_HOUR + 1
    waits = command(raising("ALT-MISSING", covered=False, reason="missing"), institution("KEMENKES"))
    with pytest.raises(Refused) as refused:
        take(batch, waits, NOW)
    assert refused.value.problems[0].code == "emergency_limit"
    other = take(batch, command(raising(covered=False, reason="missing"), institution("KEMLU")), NOW)
    assert other.changes
    assert other.changes.alert.withheld is None


def test_how_many_an_organisation_may_name_is_a_setting() -> None:
    batch = LoadedBatch(Overlay())
    withheld = []
    for number in range(2):
        call = command(
            raising(covered=False, reason="violence"), institution("KEMENKES"), command_id=f"{ALERT[:-1]}{number}"
        )
        applied = decide(batch, call, NOW, per_hour=1)
        assert applied.changes
        apply(batch, applied.changes)
        withheld.append(applied.changes.alert and applied.changes.alert.withheld)
    assert withheld == [None, "limit"]


def test_a_review_is_closed_by_command_and_told_by_an_event_that_names_nobody() -> None:
    batch = LoadedBatch(Overlay())
    take(batch, command(raising(covered=False, reason="death"), institution("KEMENKES"), command_id=ALERT), NOW)
    closing = command(CloseReview(alert=ALERT, finding="unjustified"), dpo("KEMENKES"))
    applied = take(batch, closing, NOW)
    (event,) = applied.events
    assert isinstance(event.event, ReviewClosed)
    assert (event.event.finding, event.key, event.sequence, applied.kind) == (
        "unjustified", ALERT, 2, "review",
    )  # fmt: skip
    assert take(batch, closing, NOW).events == ()
