"""Alerts in the database."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from prometheus_client import REGISTRY

from chassis.mongo import Client, VersionConflict, ensure_indexes, transact
from contracts.codes import PrivacyClass
from contracts.commands import Principal
from contracts.notifications import AcknowledgeAlert, AlertDetails, AlertState, CloseReview
from contracts.outcomes import Refused
from services.notifications.alerts.domain.alert import Alert, Report, acknowledge, reader_names
from services.notifications.alerts.domain.naming import Allowance
from services.notifications.alerts.domain.review import Review, close_review, review_readers
from services.notifications.alerts.overdue_reviews import OverdueReviews
from services.notifications.alerts.store import INDEXES, AlertFilter, ReviewsPage, Store
from tests.notifications.alerts.builders import NOW, PERSON, institution, officer, raised

LATER = NOW + timedelta(minutes=1)


def number(index: int) -> str:
    return f"0b6e2f6a-5a2f-8c11-8e6a-{index:012x}"


def review(alert: str, opened_at: datetime, privacy: PrivacyClass = "restricted") -> Review:
    return Review(alert, "KEMENKES", "ALT-DISTRESS", "critical", privacy, opened_at, "violence")


def dpo(organisation: str) -> Principal:
    return officer(organisation, "dpo-1", "data_protection_officer")


class Kept:
    """A store, and saving to it in a transaction."""

    def __init__(self, client: Client, database: str) -> None:
        self.client, self.store = client, Store(client[database])

    async def save(self, *alerts: Alert, reports: Sequence[Report] = ()) -> None:
        await transact(self.client, lambda session: self.store.save(alerts, reports, session))

    async def save_reviews(self, reviews: Sequence[Review], allowances: Sequence[Allowance]) -> None:
        await transact(self.client, lambda session: self.store.save_reviews(reviews, allowances, session))

    async def find(self, alert: str) -> Alert:
        return (await self.store.find_alerts([alert]))[alert]


@pytest.fixture
async def kept(mongo: str, database_name: str) -> AsyncIterator[Kept]:
    client: Client = AsyncIOMotorClient(mongo, tz_aware=True, w="majority")
    await ensure_indexes(client[database_name], INDEXES)
    yield Kept(client, database_name)
    client.close()


async def test_an_alert_is_found_as_it_was_saved(kept: Kept) -> None:
    alert = raised()
    await kept.save(alert)
    assert await kept.find(alert.id) == replace(alert, revision=1)
    taken, _ = acknowledge(await kept.find(alert.id), "c1", officer(), AcknowledgeAlert(alert=alert.id), LATER)
    await kept.save(taken)
    assert await kept.find(alert.id) == replace(taken, revision=2)


async def test_of_two_that_build_on_the_same_state_one_must_decide_anew(kept: Kept) -> None:
    await kept.save(raised())
    alert, body = await kept.find(raised().id), AcknowledgeAlert(alert=raised().id)
    first, _ = acknowledge(alert, "c1", officer(), body, LATER)
    second, _ = acknowledge(alert, "c2", officer("KEMLU"), body, LATER)
    await kept.save(first)
    with pytest.raises(VersionConflict):
        await kept.save(second)
    with pytest.raises(VersionConflict):
        await kept.save(raised())
    assert (await kept.find(raised().id)).steps == first.steps


async def test_reviews_are_listed_to_whom_they_are_for_and_counted_when_nobody_closed_them_in_time(kept: Kept) -> None:
    reviews = [review(number(1), NOW), review(number(2), LATER), review(number(3), LATER, privacy="survivor")]
    await kept.save_reviews(reviews, [])
    own, giver = review_readers(dpo("KEMENKES")), review_readers(dpo("KP2MI"))
    listed = await kept.store.list_reviews(own, "open", None, 2)
    rest = await kept.store.list_reviews(own, "open", listed.after, 2)
    assert [one.id for one in (*listed.reviews, *rest.reviews)] == [number(1), number(2), number(3)]
    assert {one.id for one in (await kept.store.list_reviews(giver, "open", None, 9)).reviews} == {number(1), number(2)}
    assert await kept.store.list_reviews(review_readers(dpo("KEMLU")), "open", None, 9) == ReviewsPage((), None)
    assert await kept.store.count_open_reviews(LATER) == 1

    stored = (await kept.store.find_reviews([number(1)]))[number(1)]
    closed, _ = close_review(stored, dpo("KEMENKES"), CloseReview(alert=stored.id, finding="justified"), LATER)
    await kept.save_reviews([closed], [])
    with pytest.raises(VersionConflict):
        await kept.save_reviews([closed], [])
    assert await kept.store.count_open_reviews(LATER) == 0
    assert [one.id for one in (await kept.store.list_reviews(own, "closed", None, 9)).reviews] == [number(1)]
    await OverdueReviews(kept.store).step()
    assert REGISTRY.get_sample_value("simpul_emergency_reviews_overdue") == 2


FILTERS = [
    (AlertFilter(), {1, 2, 3}),
    (AlertFilter(alert_type="ALT-MISSING"), {2}),
    (AlertFilter(severity="critical"), {1, 3}),
    (AlertFilter(country="MY"), {1, 2}),
    (AlertFilter(region="33"), {3}),
    (AlertFilter(region="33.07"), {3}),
    (AlertFilter(region="32"), set()),
    (AlertFilter(overdue_at=NOW + timedelta(minutes=16)), {1}),
    (AlertFilter(of="KP2MI"), {1, 2, 3}),
    (AlertFilter(of="KJRI_HKG"), set()),
    (AlertFilter(country="MY", severity="critical", of="KEMLU"), {1}),
]


async def test_a_list_has_what_its_filter_wants_and_is_counted_no_further_than_asked(kept: Kept) -> None:
    abroad = raised(alert=number(1), region=None)
    missing = raised("ALT-MISSING", alert=number(2), region=None)
    at_home = replace(raised(alert=number(3), now=LATER), country=None, region="33.07")
    await kept.save(abroad, missing, at_home)
    readers = reader_names(officer("KP2MI"))
    for wanted, expected in FILTERS:
        page = await kept.store.list_alerts(readers, "raised", None, 10, wanted)
        assert {int(alert.id[-1]) for alert in page.alerts} == expected, wanted
        assert await kept.store.count_alerts(readers, "raised", None, 10, wanted) == len(expected)
    assert await kept.store.count_alerts(readers, "raised", None, 2, AlertFilter()) == 2
    assert await kept.store.count_alerts(reader_names(officer("KJRI_HKG")), "raised", None, 9, AlertFilter()) == 0


async def test_of_two_processes_that_count_at_once_one_must_count_anew(kept: Kept) -> None:
    await kept.save_reviews([], [Allowance("KEMENKES").use(NOW)])
    counted = (await kept.store.find_allowances(["KEMENKES"]))["KEMENKES"]
    assert counted.used == (NOW,)
    await kept.save_reviews([], [counted.use(LATER)])
    with pytest.raises(VersionConflict):
        await kept.save_reviews([], [counted.use(LATER)])


async def test_a_list_goes_on_where_its_last_page_ended(kept: Kept) -> None:
    alerts = [raised(alert=number(index), now=NOW + timedelta(seconds=index)) for index in range(5)]
    await kept.save(*reversed(alerts))
    listed, after = [], None
    for _ in range(3):
        page = await kept.store.list_alerts(reader_names(officer("KEMLU")), "raised", after, 2)
        listed += [alert.id for alert in page.alerts]
        after = page.after
    assert listed == [alert.id for alert in alerts]
    assert after is None


async def test_a_list_is_limited_to_its_readers_and_state(kept: Kept) -> None:
    distress, survivor = raised(alert=number(1)), raised("ALT-TPPO", alert=number(2))
    taken, _ = acknowledge(raised(alert=number(3)), "c1", officer(), AcknowledgeAlert(alert=number(3)), LATER)
    await kept.save(distress, survivor, taken)

    async def listed(who: Principal, state: AlertState | None = None) -> list[str]:
        page = await kept.store.list_alerts(reader_names(who), state, None, 10)
        return [alert.id[-1] for alert in page.alerts]

    coordinator = ("c-1", "migration_coordinator")
    assert await listed(officer("LPSK")) == ["2"]
    assert await listed(officer("KEMENKES")) == []
    assert await listed(officer("KP2MI")) == ["1", "2", "3"]
    assert await listed(institution("KP2MI")) == ["1", "3"]
    assert await listed(officer("KEMENKO_PM", *coordinator)) == ["1", "3"]
    assert await listed(officer("KEMLU", *coordinator, "duty_officer")) == ["1", "3"]
    assert await listed(officer("KP2MI"), "acknowledged") == ["3"]
    with pytest.raises(Refused):
        await listed(officer("KP2MI", *coordinator))


async def test_a_report_is_kept_apart_from_the_alert(kept: Kept) -> None:
    alert = raised("ALT-GBV")
    report = Report(alert.id, NOW, AlertDetails(narrative="Butuh pertolongan."), PERSON, "33.07")
    await kept.save(alert, reports=[report])
    assert await kept.store.find_reports([alert.id, number(9)]) == [report]
    stored = await kept.store.alerts.find_one({"_id": alert.id})
    assert PERSON not in str(stored)
    assert "pertolongan" not in str(stored)
    assert "33.07" not in str(stored)
