"""Fixtures of the web: the pages in one process, and in a browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.web.browser import running_browser
from tests.web.harness import Harness
from tests.web.server import serving_pages


@pytest.fixture(scope="session")
def web_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys are made once: that is what takes time."""
    return tmp_path_factory.mktemp("web")


@pytest.fixture
def harness(web_folder: Path) -> Harness:
    """The pages over a fake /v1, without a server."""
    return Harness(web_folder)


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with running_browser() as browser:
        yield browser


@pytest.fixture
async def served(web_folder: Path) -> AsyncIterator[Harness]:
    """The pages and their provider as servers."""
    async with serving_pages(web_folder) as harness:
        yield harness
