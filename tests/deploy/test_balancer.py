"""One address for two processes: whoever is alive answers."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from deploy.local import ports
from deploy.local.balancer import Balancer
from deploy.local.process import Process
from tests.eventually import eventually

SERVER = """
import http.server, sys
class Named(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", "1")
        self.end_headers()
        self.wfile.write(sys.argv[2].encode())
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Named).serve_forever()
"""


@pytest.fixture
async def behind(tmp_path: Path) -> AsyncIterator[tuple[str, list[Process]]]:
    """An address, and the two processes behind it, A and B."""
    front, own, *two = ports.free(4)
    servers = [
        Process(name, tmp_path, port, [sys.executable, "-c", SERVER, str(port), name])
        for name, port in zip("AB", two, strict=True)
    ]
    balancer = Balancer(tmp_path, own, {front: two})
    try:
        for process in (*servers, balancer):
            await process.start()
        yield f"http://{ports.HOST}:{front}", servers
    finally:
        for process in (*servers, balancer):
            process.kill()


async def ask(address: str, times: int = 4) -> list[str]:
    """Who answers, each time on a connection of its own."""
    answers = []
    for _ in range(times):
        async with httpx.AsyncClient(trust_env=False) as client:
            answers.append((await client.get(address)).text)
    return answers


async def test_connections_go_round(behind: tuple[str, list[Process]]) -> None:
    address, _ = behind
    assert sorted(await ask(address)) == ["A", "A", "B", "B"]


async def test_a_killed_process_is_passed_over_and_gets_its_share_when_it_is_back(
    behind: tuple[str, list[Process]],
) -> None:
    address, (first, _) = behind
    first.kill()
    assert await ask(address) == ["B"] * 4
    await first.start()

    async def both() -> bool:
        return set(await ask(address)) == {"A", "B"}

    await eventually(both)


async def test_a_frozen_process_gets_no_new_connection(behind: tuple[str, list[Process]]) -> None:
    address, (first, _) = behind
    first.pause()

    async def passed_over() -> bool:
        async with asyncio.timeout(0.5):
            return await ask(address) == ["B"] * 4

    async def tried() -> bool:
        try:
            return await passed_over()
        except TimeoutError:
            return False

    await eventually(tried)
    first.resume()
