"""The pages and their provider as real servers, for a real browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn

from deploy.local import ports
from tests.web.harness import Harness


@asynccontextmanager
async def serving(app: Any, port: int) -> AsyncIterator[None]:
    """An app on loopback until the block ends."""
    settings = uvicorn.Config(
        app, host=ports.HOST, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=1, lifespan="off"
    )
    server = uvicorn.Server(settings)
    server.capture_signals = _no_signals  # type: ignore[method-assign]  # they are the test run's
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = server.force_exit = True
        await task


@asynccontextmanager
async def serving_pages(folder: Path, **options: Any) -> AsyncIterator[Harness]:
    """A harness whose address and provider answer."""
    web, issuer = ports.free(2)
    harness = Harness(folder, f"http://{ports.HOST}:{web}", f"http://{ports.HOST}:{issuer}", **options)
    async with serving(harness.web, web), serving(harness.provider, issuer):
        yield harness


def _no_signals() -> Any:
    from contextlib import nullcontext

    return nullcontext()
