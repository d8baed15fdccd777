"""The pages in a real browser: alone with a keyboard, live, narrow, without scripts, and for those who cannot see."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright._impl._api_structures import SetCookieParam
from playwright.async_api import Browser, BrowserContext, Page, expect

from services.gateway.web.sessions import COOKIE
from services.gateway.web.site import LANGUAGE_COOKIE
from tests.eventually import eventually
from tests.web.fake_duplicates import REVIEW
from tests.web.fake_rounds import ROUND
from tests.web.fake_v1 import PLANTED_NIK
from tests.web.harness import Harness
from tests.web.server import serving_pages

AXE = Path(sys.prefix) / "browser" / "node_modules" / "axe-core" / "axe.min.js"
ALERT = "00000000-0000-8000-8000-000000000001"
OF_ALERTS = ("/alerts", f"/alerts/{ALERT}", f"/alerts/{ALERT}/report")
OF_DUPLICATES = ("/duplicates", f"/duplicates/{REVIEW}", "/duplicates/figures")
OF_ROUNDS = ("/rounds", f"/rounds/{ROUND}", f"/rounds/{ROUND}/answers/MGI-1.01")
OF_RECORD = ("/disclosures", "/emergency-reviews")
PAGES = ("/", *OF_ALERTS, *OF_DUPLICATES, *OF_ROUNDS, *OF_RECORD, "/nowhere")
BEFORE = ("/login", "/logged-out")
SECONDS = 10_000
"""How long a page may take to show what stays: a loaded machine is no fault of it."""


@asynccontextmanager
async def signed_in(
    chromium: Browser, served: Harness, officer: str = "sari.utami", **options: Any
) -> AsyncIterator[BrowserContext]:
    """A browser of its own, signed in without a click; what the console says is kept in `complaints`."""
    client = await served.sign_in(officer)
    context = await chromium.new_context(base_url=served.address, **options)
    context.set_default_timeout(SECONDS)
    await context.add_cookies([cookie(served, COOKIE, client.cookies[COOKIE])])
    await context.tracing.start(snapshots=True)
    try:
        yield context
    except BaseException:
        await _keep(context)
        raise
    finally:
        await context.close()


async def _keep(context: BrowserContext) -> None:
    """A picture and a trace of what went wrong: `playwright show-trace` opens the latter."""
    folder = Path(os.environ.get("WEB_FAILURES", ".web-failures"))
    folder.mkdir(exist_ok=True)  # noqa: ASYNC240  # of a test that has failed
    name = re.sub(r"[^\w-]+", "-", os.environ.get("PYTEST_CURRENT_TEST", "test").split("::")[-1])
    for number, page in enumerate(context.pages):
        await page.screenshot(path=folder / f"{name}-{number}.png")
    await context.tracing.stop(path=folder / f"{name}.zip")


def cookie(served: Harness, name: str, value: str) -> SetCookieParam:
    """As the pages set it. A Secure cookie is set for https and sent to loopback too."""
    return {
        "name": name, "value": value, "url": served.address.replace("http:", "https:"), "secure": True, "httpOnly": True
    }  # fmt: skip


def complaints_of(page: Page) -> list[str]:
    """What the console says of the page: errors, and everything that its policy stopped."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


@pytest.fixture
def filled(served: Harness) -> Harness:
    served.fake.add(minutes=-3)
    served.fake.add("ALT-TPPO", minutes=50)
    served.fake.add(state="acknowledged")
    served.fake.duplicates.add()
    served.fake.rounds.add()
    served.fake.record.add()
    return served


async def test_signing_in_and_out_as_a_person_does(chromium: Browser, filled: Harness) -> None:
    context = await chromium.new_context(base_url=filled.address)
    page = await context.new_page()
    complaints = complaints_of(page)
    await page.goto("/alerts?overdue=1")
    await page.get_by_label("Untuk apa Anda masuk").select_option("emergency_protection")
    await page.get_by_role("button", name="Masuk").click()
    await page.get_by_role("button", name="Sari Utami").click()
    await expect(page).to_have_url(f"{filled.address}/alerts?overdue=1")
    await page.get_by_text("Sari Utami").click()
    await page.get_by_role("button", name="Keluar").click()
    await expect(page).to_have_url(f"{filled.address}/logged-out")
    await page.goto("/alerts")
    await expect(page.get_by_role("heading", name="Masuk")).to_be_visible()
    assert not [line for line in complaints if "401" not in line], "its stream ends before the page does"
    await context.close()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["id", "en"])
async def test_nothing_bars_anybody_and_nothing_scrolls_sideways(
    chromium: Browser, filled: Harness, width: int, language: str
) -> None:
    """WCAG 2.2 A and AA by axe-core, and reflow, which axe does not look at."""
    async with signed_in(chromium, filled, viewport={"width": width, "height": 800}) as context:
        await context.add_cookies([cookie(filled, LANGUAGE_COOKIE, language)])
        page = await context.new_page()
        complaints = complaints_of(page)
        for path in (*PAGES, *BEFORE):
            await page.goto(path)
            await require_for_everybody(page)
        assert [line for line in complaints if "404" not in line] == []


async def require_for_everybody(page: Page) -> None:
    """The page as it stands: no violation, no sideways scroll, and letters that can be seen."""
    await page.evaluate(AXE.read_text())
    found = await page.evaluate("async () => (await axe.run({runOnly: RULES})).violations".replace("RULES", RULES))
    assert not found, f"{page.url}: {json.dumps([(v['id'], v['nodes'][0]['html']) for v in found])}"
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    assert await page.evaluate("document.querySelector('h1').getBoundingClientRect().width > 0"), "no fonts"


RULES = '["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]'


async def test_an_alert_is_taken_with_the_keyboard_alone_and_focus_stays(chromium: Browser, filled: Harness) -> None:
    async with signed_in(chromium, filled) as context:
        page = await context.new_page()
        await page.goto("/alerts")
        row = page.locator(f"#alert-{ALERT}")
        for _ in range(40):
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement.textContent.startsWith('Ambil')"):
                break
        await page.keyboard.press("Enter")
        await expect(row).to_contain_text("diambil kita")
        await expect(page.get_by_role("status")).to_contain_text("Panggilan darurat")
        await expect(row.get_by_role("link")).to_be_focused()
        assert len(filled.fake.alerts[ALERT]["steps"]) == 2


async def test_rows_appear_and_change_while_one_looks(chromium: Browser, filled: Harness) -> None:
    async with signed_in(chromium, filled) as context:
        page = await context.new_page()
        await page.goto("/alerts")
        await expect(page.locator("#live")).to_contain_text("langsung")
        await expect(page.locator("#live.on")).to_be_visible()
        raised = filled.fake.add(minutes=5)
        row = page.locator(f"#alert-{raised['alert']}")
        await expect(row).to_be_visible()
        rows = page.locator("#rows > li")
        await expect(rows.nth(1)).to_have_id(f"alert-{raised['alert']}")
        await expect(row.locator(".clock")).to_contain_text("sisa")
        await row.get_by_role("link").focus()
        filled.fake.step(raised, "acknowledged", "KEMLU")
        await expect(row).to_contain_text("diambil KEMLU")
        await expect(row.get_by_role("link")).to_be_focused()
        await expect(page.locator("#live")).to_contain_text("perubahan terakhir")


async def test_ten_tabs_share_one_stream_and_another_takes_over(chromium: Browser, filled: Harness) -> None:
    async with signed_in(chromium, filled) as context:
        pages = [await context.new_page() for _ in range(10)]
        for page in pages:
            await page.goto("/alerts")
            await expect(page.locator("#live.on")).to_be_visible()
        assert len(filled.fake.listeners) == 1
        await pages[0].close()
        filled.fake.step(filled.fake.alerts[ALERT], "acknowledged", "KEMLU")
        for page in pages[1:]:
            await expect(page.locator(f"#alert-{ALERT}")).to_contain_text("diambil KEMLU")
        await eventually(lambda: len(filled.fake.listeners) == 1)


async def test_a_page_says_loudly_when_it_is_not_live_any_more(chromium: Browser, filled: Harness) -> None:
    async with signed_in(chromium, filled) as context:
        page = await context.new_page()
        await page.goto("/alerts")
        await expect(page.locator("#live.on")).to_be_visible()
        other = await context.new_page()
        await other.goto("/")
        await other.get_by_text("Sari Utami").click()
        await other.get_by_role("button", name="Keluar").click()
        await expect(page.locator("#live.off")).to_contain_text("TIDAK LANGSUNG")


async def test_a_session_that_is_about_to_end_says_so(chromium: Browser, web_folder: Path) -> None:
    short = serving_pages(web_folder, absolute=timedelta(minutes=9))
    async with short as served, signed_in(chromium, served) as context:
        page = await context.new_page()
        await page.goto("/alerts")
        await expect(page.get_by_role("alert")).to_contain_text("Sesi Anda berakhir pukul")


async def test_without_scripts_everything_works(chromium: Browser, filled: Harness) -> None:
    async with signed_in(chromium, filled, java_script_enabled=False) as context:
        page = await context.new_page()
        await page.goto("/")
        await page.get_by_role("link", name="belum diambil").click()
        await page.locator(f"#alert-{ALERT}").get_by_role("button", name="Ambil").click()
        await expect(page.get_by_text("Selesaikan: bagaimana hasilnya?")).to_be_visible()
        await page.get_by_label("Peringatan keliru").check()
        await page.get_by_role("button", name="Selesaikan peringatan").click()
        await expect(page.locator(".lead .state")).to_have_text("selesai")
        await page.get_by_role("button", name="English").click()
        await expect(page.get_by_role("heading", name="What was done")).to_be_visible()


async def test_markup_from_elsewhere_does_not_become_a_page(chromium: Browser, filled: Harness) -> None:
    """Trusted Types: text becomes HTML by the policy of the page's own module, and by nothing else."""
    async with signed_in(chromium, filled) as context:
        page = await context.new_page()
        await page.goto("/alerts")
        blocked = await page.evaluate(
            "() => { try { document.body.innerHTML = '<b>x</b>'; return false } catch { return true } }"
        )
        assert blocked
        another = await page.evaluate(
            "() => { try { trustedTypes.createPolicy('other', {}); return false } catch { return true } }"
        )
        assert another


async def test_what_a_report_says_stays_on_its_page(chromium: Browser, filled: Harness) -> None:
    async with signed_in(chromium, filled) as context:
        page = await context.new_page()
        await page.goto(f"/alerts/{ALERT}")
        await page.get_by_role("link", name="Baca laporan").click()
        await expect(page.get_by_text(PLANTED_NIK)).to_be_visible()
        kept = await page.evaluate(
            "async () => JSON.stringify([location.href, document.title, {...localStorage}, {...sessionStorage},"
            " document.cookie, (await caches.keys()), (await indexedDB.databases())])"
        )
        assert PLANTED_NIK not in kept
        assert COOKIE not in kept


async def test_states_are_told_without_colours(chromium: Browser, filled: Harness) -> None:
    async with signed_in(chromium, filled, forced_colors="active") as context:
        page = await context.new_page()
        await page.goto("/alerts")
        assert (
            await page.locator("#rows .row.raised").first.evaluate("row => getComputedStyle(row).borderLeftStyle")
            == "double"
        )
        await expect(page.locator(f"#alert-{ALERT} .clock")).to_contain_text("lewat")
