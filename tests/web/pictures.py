"""`python -m tests.web.pictures FOLDER [ADDRESS]`: the README's pictures, of the story that `make run` has played.

Everybody in them is constructed.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from playwright.async_api import Browser, Page

from tests.web.browser import running_browser

ADDRESS = "http://127.0.0.1:18080"
QUALITY = 70


async def take(folder: Path, address: str) -> None:
    """A duty officer's desk, and her telephone at night; the folder is made where it is not there."""
    async with running_browser() as browser:
        desk = await _signed_in(browser, address, width=1100, height=560)
        await _picture(desk, folder / "alerts.jpg")
        phone = await _signed_in(browser, address, width=360, height=640, dark=True)
        await _picture(phone, folder / "alerts-phone.jpg")


async def _signed_in(browser: Browser, address: str, *, width: int, height: int, dark: bool = False) -> Page:
    context = await browser.new_context(
        base_url=address, viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
    )
    page = await context.new_page()
    await page.goto("/alerts")
    await page.get_by_label("Untuk apa Anda masuk").select_option("emergency_protection")
    await page.get_by_role("button", name="Masuk").click()
    await page.get_by_role("button", name="Sari Utami").click()
    await page.locator("#live.on").wait_for()
    return page


async def _picture(page: Page, file: Path) -> None:
    await page.screenshot(path=file, type="jpeg", quality=QUALITY)
    sys.stdout.write(f"{file}\n")


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ADDRESS))
