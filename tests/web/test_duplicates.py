"""Duplicate reviews: decided once, for a reason, by whoever was first; taken back; and never read ahead."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from services.gateway.web.side_by_side import compared
from services.gateway.web.words import Words
from tests.web.fake_duplicates import REVIEW
from tests.web.harness import Harness, Page
from tests.web.test_browser import complaints_of, signed_in

PATH = f"/duplicates/{REVIEW}"
STEWARD = "bayu.nugroho"


@pytest.fixture
def waiting(harness: Harness) -> Harness:
    harness.fake.duplicates.add()
    return harness


async def test_a_decision_is_sent_once_with_the_version_that_was_read(waiting: Harness) -> None:
    browser, fake = await waiting.sign_in(STEWARD), waiting.fake.duplicates
    form = Page((await browser.get(PATH)).text).fields(f"{PATH}/decide")
    filled = form | {"decision": "different", "reason": "twin"}
    for _ in range(2):
        answer = await browser.post(f"{PATH}/decide", data=filled)
        assert (answer.status_code, answer.headers["location"]) == (303, PATH)
    assert {write[1:3] for write in fake.writes} == {(form["key"], '"1"')}
    assert [step["kind"] for step in fake.reviews[REVIEW]["history"]] == ["OPENED", "DECIDED"]


async def test_a_decision_without_a_reason_is_not_sent_and_says_so_at_the_field(waiting: Harness) -> None:
    browser = await waiting.sign_in(STEWARD)
    for form in ({"decision": "same"}, {"decision": "same", "reason": "<b>"}, {"reason": "twin"}, {}):
        answer = await browser.post(f"{PATH}/decide", data=form)
        assert answer.status_code == 422
        assert answer.text.count("Pilih alasan.") == 2
    assert not waiting.fake.duplicates.writes


async def test_who_was_slower_is_told_and_changes_nothing(waiting: Harness) -> None:
    browser, fake = await waiting.sign_in(STEWARD), waiting.fake.duplicates
    form = Page((await browser.get(PATH)).text).fields(f"{PATH}/decide")
    fake.step(fake.reviews[REVIEW], "DECIDED", {"decision": "different", "reason": "twin"}, by="KEMENDAGRI")
    answer = await browser.post(f"{PATH}/decide", data=form | {"decision": "same", "reason": "other"})
    assert answer.status_code == 409
    assert "lebih cepat" in answer.text
    assert "Kementerian Dalam Negeri" in answer.text
    assert len(fake.reviews[REVIEW]["history"]) == 2


async def test_a_decision_is_taken_back_for_a_reason(waiting: Harness) -> None:
    browser, fake = await waiting.sign_in(STEWARD), waiting.fake.duplicates
    fake.step(fake.reviews[REVIEW], "DECIDED", {"decision": "same", "reason": "other"})
    form = Page((await browser.get(PATH)).text).fields(f"{PATH}/take-back")
    assert (await browser.post(f"{PATH}/take-back", data=form)).status_code == 422
    assert (await browser.post(f"{PATH}/take-back", data=form | {"reason": "twin"})).status_code == 303
    assert fake.writes[-1][0] == "reopen"
    assert fake.reviews[REVIEW]["status"] == "open"


async def test_the_next_pair_is_read_only_when_it_is_asked_for(waiting: Harness) -> None:
    browser, fake = await waiting.sign_in(STEWARD), waiting.fake.duplicates
    await browser.get("/duplicates")
    assert not fake.reads
    answer = await browser.get("/duplicates/next?order=weight")
    assert answer.headers["location"] == f"{PATH}?order=weight"
    assert not fake.reads
    fake.step(fake.reviews[REVIEW], "DECIDED", {"decision": "same", "reason": "other"})
    assert (await browser.get("/duplicates/next")).headers["location"] == "/duplicates"


def test_letters_that_differ_are_marked_and_case_is_no_difference(waiting: Harness) -> None:
    words = Words(waiting.web.site.languages["en"], "Asia/Jakarta")
    sides = [{"personal": {"clear": {"full_name": name, "sex": sex}}} for name, sex in (("Siti", "P"), ("SITO", ""))]
    name, sex = compared(sides, words)
    assert name.likeness == "differs"
    assert name.runs == ((("Sit", False), ("i", True)), (("SIT", False), ("O", True)))
    assert (sex.likeness, sex.values) == ("one_side", ("P", ""))


async def test_a_steward_decides_and_takes_back_by_keys_and_can_switch_them_off(
    chromium: Browser, served: Harness
) -> None:
    served.fake.duplicates.add()
    history = served.fake.duplicates.reviews[REVIEW]["history"]
    async with signed_in(chromium, served, STEWARD) as context:
        page = await context.new_page()
        complaints = complaints_of(page)
        await page.goto("/duplicates")
        await page.keyboard.press("j")
        await expect(page.locator(".review a.name")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Satu orang, atau dua?")).to_be_visible()
        await page.keyboard.press("s")
        await expect(page.get_by_role("status")).to_contain_text("Pilih alasan dahulu")
        await expect(page.locator("#decision-reason")).to_be_focused()
        await page.keyboard.press("Space")
        await page.keyboard.press("d")
        await expect(page.get_by_text("Buka pasangan berikutnya")).to_be_visible()
        assert [step["kind"] for step in history] == ["OPENED", "DECIDED"]
        await page.keyboard.press("u")
        await expect(page.locator("#take-back-reason")).to_be_focused()
        await page.keyboard.press("Space")
        await page.keyboard.press("Enter")
        await expect(page.locator("form.decide")).to_be_visible()
        await page.get_by_text("Tombol", exact=True).click()
        await page.get_by_label("Pakai tombol ini").uncheck()
        await page.goto("/duplicates")
        await page.keyboard.press("n")
        await page.keyboard.press("j")
        await expect(page).to_have_url(f"{served.address}/duplicates")
        await expect(page.locator(".review a.name")).not_to_be_focused()
        assert not complaints
    assert len(history) == 3
