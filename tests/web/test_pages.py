"""Every page, for every role, in every language: it is whole, it is translated, and it allows nothing inline."""

from __future__ import annotations

import re

import httpx
import pytest

from services.gateway.web.languages import Language
from services.gateway.web.templates import environments
from tests.web.fake_duplicates import REVIEW
from tests.web.fake_rounds import ROUND
from tests.web.harness import Harness, Page

ALERT = "00000000-0000-8000-8000-000000000001"
PAGES = {
    "/": None,
    "/alerts": None,
    "/alerts?state=resolved&severity=critical&type=ALT-DISTRESS&place=MY&since=2026-01-01&overdue=1&ours=1": None,
    f"/alerts/{ALERT}": None,
    f"/alerts/{ALERT}/report": None,
    "/duplicates": None,
    "/duplicates?status=decided&order=weight&band=low&after=x": None,
    "/duplicates/figures?month=2026-03": None,
    f"/duplicates/{REVIEW}": None,
    "/rounds": None,
    f"/rounds/{ROUND}": None,
    f"/rounds/{ROUND}?organisation=BI&dimension=2&state=missing": None,
    f"/rounds/{ROUND}/answers/MGI-1.01": None,
    f"/rounds/{ROUND}/answers/MGI-1.02?on=2026-03-01": None,
    f"/rounds/{ROUND}/answers/MGI-9.99": 404,
    "/disclosures": None,
    "/emergency-reviews": None,
    "/emergency-reviews?state=closed&after=x": None,
    "/nowhere": 404,
    "/alerts/nowhere": 404,
    "/duplicates/nowhere": 404,
}
"""Path -> status, where it is not 200."""
OFFICERS = ("sari.utami", "arif.rahman", "bayu.nugroho", "indah.permata", "made.suartini", "tomi.siregar")
"""One of each role of the story."""


BRACKETS = re.compile(r"⟦[^⟦⟧]*⟧")


class Pseudo(Language):
    """Every text that a catalogue could translate stands in brackets."""

    def gettext(self, text: str) -> str:
        return f"⟦{text}⟧"

    def ngettext(self, one: str, many: str, count: int) -> str:
        return f"⟦{many}⟧"


@pytest.fixture
def filled(harness: Harness) -> Harness:
    harness.fake.add(minutes=-3)
    harness.fake.add("ALT-TPPO")
    harness.fake.add("ALT-GBV", state="acknowledged")
    harness.fake.add(state="resolved")
    harness.fake.duplicates.add()
    harness.fake.rounds.add()
    harness.fake.record.add()
    return harness


@pytest.mark.parametrize("officer", OFFICERS)
@pytest.mark.parametrize("language", ["id", "en"])
async def test_every_page_is_whole_for_every_role_in_every_language(
    filled: Harness, officer: str, language: str
) -> None:
    browser = await filled.sign_in(officer)
    await browser.post("/preferences", data={"language": language, "next": "/"})
    for path, status in PAGES.items():
        answer = await browser.get(path)
        assert answer.status_code == (status or 200), path
        _require_whole(answer, language)


@pytest.mark.parametrize("path", ["/login", "/logged-out"])
async def test_pages_before_signing_in_are_whole(harness: Harness, path: str) -> None:
    _require_whole(await harness.browser().get(path), "id")


async def test_no_text_of_a_page_escapes_translation(filled: Harness) -> None:
    language = filled.web.site.languages["id"]
    pseudo = {"id": Pseudo("id", language.locale)}
    filled.web.site.languages, filled.web.site.environments = pseudo, environments(pseudo)
    browser = await filled.sign_in()
    for path in (*PAGES, "/login", "/logged-out"):
        for text, kept in Page((await browser.get(path)).text).texts:
            rest = text.removesuffix("· Simpul")
            while BRACKETS.search(rest):
                rest = BRACKETS.sub("", rest)
            assert kept or not re.search(r"[^\W\d]", rest), f"{path}: {text}"


def _require_whole(answer: httpx.Response, language: str) -> None:
    page = Page(answer.text)
    assert page.all("html")[0]["lang"] == language
    assert len(page.all("h1")) == 1
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert not any(name in ("style", "script") and "src" not in attributes for name, attributes in page.tags)
    assert not any(name.startswith("on") or name == "style" for _, attributes in page.tags for name in attributes)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


async def test_an_error_page_says_what_to_do_whatever_went_wrong(filled: Harness) -> None:
    browser = await filled.sign_in()
    wanted = {"not_permitted": 403, "version_conflict": 409, "cursor_expired": 410, "too_many_requests": 429,
              "unavailable": 503, "internal": 500}  # fmt: skip
    for code, status in wanted.items():
        filled.fake.refuse = {"/v1/alerts": code}
        answer = await browser.get("/alerts")
        assert answer.status_code == status
        _require_whole(answer, "id")


async def test_a_part_that_is_away_takes_no_other_with_it(filled: Harness) -> None:
    browser = await filled.sign_in()
    filled.fake.refuse = {"/v1/alerts/count": "unavailable"}
    answer = await browser.get("/")
    assert answer.status_code == 200
    assert "sedang tidak tersedia" in answer.text


async def test_times_stand_in_the_zone_of_the_office_unless_another_is_chosen(filled: Harness) -> None:
    mission, ministry = await filled.sign_in("piket.kbri_kul"), await filled.sign_in("sari.utami")
    assert "UTC+8" in Page((await mission.get(f"/alerts/{ALERT}")).text).html
    assert re.search(r"\d\d\.\d\d WIB", (await ministry.get(f"/alerts/{ALERT}")).text)
    await ministry.post("/preferences", data={"zone": "Asia/Jayapura"})
    assert re.search(r"\d\d\.\d\d WIT\b", (await ministry.get(f"/alerts/{ALERT}")).text)


async def test_the_first_view_is_light(filled: Harness) -> None:
    """Uncompressed: stylesheet, scripts and a list of fifty."""
    for _ in range(50):
        filled.fake.add()
    browser = await filled.sign_in()
    answer = await browser.get("/alerts", headers={"Accept-Encoding": "gzip"})
    addresses = set(re.findall(r'"(/assets/[^"]+)"', answer.text)) | {_module(answer.text, "page.js")}
    sizes = [await _transferred(browser, address) for address in ("/alerts", *addresses)]
    assert sum(sizes) < 60_000


def _module(html: str, name: str) -> str:
    match = re.search(r"/assets/[0-9a-f]+/", html)
    assert match
    return match[0] + name


async def _transferred(browser: httpx.AsyncClient, address: str) -> int:
    async with browser.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.status_code == 200, address
        return sum([len(chunk) async for chunk in answer.aiter_raw()])


async def test_a_filter_that_the_address_cannot_have_is_as_if_it_were_not_there(filled: Harness) -> None:
    browser = await filled.sign_in()
    odd = await browser.get("/alerts?severity=%00&place=../x&since=9999-99-99&state=<b>&type=*&overdue=2")
    assert odd.status_code == 200
    assert "<b>" not in odd.text
