"""Who saw what, and emergency reviews: asked for on purpose, kept out of addresses, closed once."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.web.fake_record import FIRST, PERSON, SECOND
from tests.web.harness import Harness, Page
from tests.web.test_browser import require_for_everybody, signed_in

OFFICER = "made.suartini"


@pytest.fixture
def recorded(harness: Harness) -> Harness:
    harness.fake.record.add()
    return harness


async def test_nothing_of_the_record_is_read_before_it_is_asked_for(recorded: Harness) -> None:
    browser = await recorded.sign_in(OFFICER)
    assert (await browser.get(f"/disclosures?person={PERSON}")).status_code == 200
    assert not recorded.fake.record.searches


async def test_a_search_is_asked_as_it_was_meant_and_goes_on(recorded: Harness) -> None:
    browser, fake = await recorded.sign_in(OFFICER), recorded.fake.record
    asked = {"person": PERSON, "receiver": "BPS", "purpose": "operations", "since": "2026-03-01", "until": "2026-03-02"}
    answer = await browser.post("/disclosures", data=asked)
    assert answer.status_code == 200
    assert "Badan Pusat Statistik" in answer.text
    wanted = asked | {"since": "2026-03-01T00:00:00+07:00", "until": "2026-03-03T00:00:00+07:00"}
    assert fake.searches == [wanted]
    further = Page(answer.text).fields("/disclosures")
    await browser.post("/disclosures", data=further)
    assert fake.searches[1] == wanted | {"after": "6.0"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("person", "Siti"), ("person", PERSON + "x"), ("since", "x"), ("until", "0001-01-01"), ("until", "9999-12-31")],
)
async def test_what_cannot_be_searched_for_is_said_at_its_field(recorded: Harness, name: str, value: str) -> None:
    browser = await recorded.sign_in(OFFICER)
    answer = await browser.post("/disclosures", data={name: value})
    assert answer.status_code == 422
    (typed,) = (a for a in Page(answer.text).all("input") if a.get("name") == name)
    assert (typed["value"], typed["aria-describedby"]) == (value, f"{name}-problem")
    assert f'id="{name}-problem"' in answer.text
    assert not recorded.fake.record.searches


async def test_a_review_is_closed_with_what_was_found(recorded: Harness) -> None:
    browser, fake, path = await recorded.sign_in(OFFICER), recorded.fake.record, f"/emergency-reviews/{FIRST}/close"
    form = Page((await browser.get("/emergency-reviews")).text).fields(path)
    missing = await browser.post(path, data=form)
    assert missing.status_code == 422
    assert missing.text.count("Pilih apa yang Anda temukan.") == 2
    assert (await browser.post(path, data=form | {"finding": "justified"})).status_code == 303
    assert fake.closures == [(FIRST, form["key"], {"finding": "justified"})]


async def test_only_reviews_of_the_own_institution_are_offered_to_be_closed(recorded: Harness) -> None:
    page = Page((await (await recorded.sign_in(OFFICER)).get("/emergency-reviews")).text)
    assert page.fields(f"/emergency-reviews/{FIRST}/close")
    assert not page.fields(f"/emergency-reviews/{SECOND}/close")


async def test_an_officer_searches_and_no_id_of_a_person_stands_in_an_address(
    chromium: Browser, served: Harness
) -> None:
    async with signed_in(chromium, served, OFFICER, viewport={"width": 360, "height": 800}) as context:
        page = await context.new_page()
        await page.goto("/disclosures")
        await page.get_by_label("Orang").fill(PERSON)
        await page.get_by_role("button", name="Cari").press("Enter")
        await expect(page.get_by_text("Badan Pusat Statistik").first).to_be_visible()
        await require_for_everybody(page)
        kept = await page.evaluate("JSON.stringify([location.href, document.title, {...localStorage}])")
        assert PERSON not in kept
