"""Alerts: what comes first, and what becomes of a write."""

from __future__ import annotations

from tests.web.harness import Harness, Page

ALERT = "00000000-0000-8000-8000-000000000001"
PART = {"X-Fragment": "1"}


def _names(html: str) -> list[str]:
    """Ids of the rows, in their order."""
    return [a["id"].removeprefix("alert-") for a in Page(html).all("li") if a.get("id", "").startswith("alert-")]


async def test_untaken_ones_come_first_and_among_them_the_one_longest_overdue(harness: Harness) -> None:
    taken = harness.fake.add(state="acknowledged")
    later, sooner, overdue = (harness.fake.add(minutes=minutes) for minutes in (50, 5, -20))
    harness.fake.add(state="resolved")
    page = await (await harness.sign_in()).get("/alerts")
    assert _names(page.text) == [alert["alert"] for alert in (overdue, sooner, later, taken)]
    assert "lewat 20 mnt" in page.text


async def test_a_double_click_is_one_command(harness: Harness) -> None:
    harness.fake.add()
    browser = await harness.sign_in()
    fields = Page((await browser.get("/alerts")).text).fields(f"/alerts/{ALERT}/take")
    first = await browser.post(f"/alerts/{ALERT}/take", data=fields)
    second = await browser.post(f"/alerts/{ALERT}/take", data=fields)
    assert (first.status_code, second.status_code) == (303, 303)
    assert [write[2] for write in harness.fake.writes] == ['"1"', '"1"']
    assert len(harness.fake.alerts[ALERT]["steps"]) == 2


async def test_whoever_is_too_late_learns_who_was_faster(harness: Harness) -> None:
    alert = harness.fake.add()
    browser = await harness.sign_in()
    fields = Page((await browser.get("/alerts")).text).fields(f"/alerts/{ALERT}/take")
    harness.fake.step(alert, "acknowledged", "KEMLU")
    whole = await browser.post(f"/alerts/{ALERT}/take", data=fields)
    part = await browser.post(f"/alerts/{ALERT}/take", data=fields, headers=PART)
    for answer in (whole, part):
        assert answer.status_code == 409
        assert "Kementerian Luar Negeri mengambilnya pukul" in answer.text
    assert Page(part.text).tags[0][1]["id"] == f"alert-{ALERT}"


async def test_a_colleague_of_the_same_institution_is_a_colleague(harness: Harness) -> None:
    alert = harness.fake.add()
    browser = await harness.sign_in("sari.utami")
    fields = Page((await browser.get("/alerts")).text).fields(f"/alerts/{ALERT}/take")
    harness.fake.step(alert, "acknowledged", "KP2MI")
    answer = await browser.post(f"/alerts/{ALERT}/take", data=fields)
    assert "Rekan Anda mengambilnya" in answer.text


async def test_ending_needs_a_reason_and_says_so_beside_the_field(harness: Harness) -> None:
    harness.fake.add(state="acknowledged")
    browser = await harness.sign_in()
    fields = Page((await browser.get(f"/alerts/{ALERT}")).text).fields(f"/alerts/{ALERT}/resolve")
    without = await browser.post(f"/alerts/{ALERT}/resolve", data=fields)
    assert without.status_code == 422
    assert "Pilih bagaimana hasilnya." in without.text
    assert not harness.fake.writes
    done = await browser.post(f"/alerts/{ALERT}/resolve", data=fields | {"resolution": "helped"})
    assert done.status_code == 303
    assert harness.fake.alerts[ALERT]["steps"][-1]["resolution"] == "helped"


async def test_a_write_that_is_not_settled_yet_says_so(harness: Harness) -> None:
    harness.fake.add()
    harness.fake.results["k"] = {"command": ALERT, "result": "pending"}
    browser = await harness.sign_in()
    answer = await browser.post(f"/alerts/{ALERT}/take", data={"version": "1", "key": "k"})
    assert "jangan kirim dua kali" in answer.text


async def test_a_row_that_the_filters_leave_out_is_no_row(harness: Harness) -> None:
    harness.fake.add(state="acknowledged")
    browser = await harness.sign_in()
    assert (await browser.get(f"/alerts/{ALERT}/row", headers=PART)).status_code == 200
    assert (await browser.get(f"/alerts/{ALERT}/row?state=raised", headers=PART)).status_code == 204
    assert (await browser.get(f"/alerts/{ALERT}/row?severity=low", headers=PART)).status_code == 204
    assert (await browser.get(f"/alerts/{ALERT}/row?place=SG", headers=PART)).status_code == 204


async def test_only_officers_on_duty_of_those_told_are_offered_to_act(harness: Harness) -> None:
    harness.fake.add()
    coordinator = await harness.sign_in("arif.rahman")
    page = await coordinator.get("/alerts")
    assert _names(page.text) == [ALERT]
    assert "/take" not in page.text


async def test_every_count_leads_to_the_list_that_it_counts(harness: Harness) -> None:
    for minutes in (-5, -1, 10):
        harness.fake.add(minutes=minutes)
    browser = await harness.sign_in()
    page = Page((await browser.get("/")).text)
    assert {"2", "3", "0"} == {text for text, kept in page.texts if kept and text.isdigit()}
    listed = await browser.get("/alerts?state=raised&overdue=1")
    assert "/alerts?state=raised&amp;overdue=1" in page.html
    assert listed.status_code == 200
