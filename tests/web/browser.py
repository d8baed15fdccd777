"""The browser that opens the pages: CHROME, else the pinned one, else the system's; without any, tests are skipped.

With CI=true, or where CHROME names something that is none, that is a failure.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.web.fetch_browser import NODE

PINNED = Path(sys.prefix) / "browser"
SYSTEM = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
NONE = "no browser: set CHROME=/path, or run `make dev` on Linux x86-64"


@dataclass(frozen=True)
class Program:
    """A Chromium, and what it needs in its environment."""

    path: str
    environment: dict[str, str] = field(default_factory=dict)


def find() -> Program:
    """Skips the test, or with CI=true fails it, where there is none."""
    if chosen := os.environ.get("CHROME"):
        assert Path(chosen).is_file(), f"CHROME={chosen} is no file"
        return Program(chosen)
    if (PINNED / "chromium").exists():
        libraries = {"LD_LIBRARY_PATH": f"{PINNED / 'al2023' / 'lib'}", "FONTCONFIG_FILE": f"{PINNED / 'fonts.conf'}"}
        return Program(str(PINNED / "chromium"), libraries)
    for name in SYSTEM:
        if path := shutil.which(name):
            return Program(path)
    if os.environ.get("CI") == "true":
        pytest.fail(NONE)
    pytest.skip(NONE)


@asynccontextmanager
async def running_browser() -> AsyncIterator[Browser]:
    """One browser for all tests; each test has a context of its own in it."""
    program = find()
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(NODE)  # its own node needs a library that bare machines lack
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program.path,
            chromium_sandbox=False,  # of our own pages alone; CI runs as root, where there is no sandbox
            env={**os.environ, **program.environment},
        )
        try:
            yield browser
        finally:
            await browser.close()
