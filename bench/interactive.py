"""`interactive`: register and read one person over the gateway, beside bare FastAPI and Motor on the same server."""

from __future__ import annotations

import asyncio
import json
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx

from bench.figures import spread
from bench.intake import until_recognised
from bench.records import SENDER, registration, workers
from deploy.local.ports import HOST, free
from deploy.local.process import Process
from deploy.local.stack import Stack
from deploy.local.tokens import issue_token

CLIENTS = (1, 32)
EACH = 200
"""Calls per measurement."""


async def beside_bare(stack: Stack, seed: int) -> dict[str, Any]:
    """Per number of clients: register and read over the gateway, insert and find on the bare app."""
    await until_recognised(stack)  # what an earlier load left is no part of this
    token = issue_token(stack.keys, SENDER, "bench-officer", ("registrar",), purpose="placement_and_protection")
    figures: dict[str, Any] = {}
    async with _bare(stack) as bare, _client(stack.url("gateway-api"), token) as gateway:
        for clients in CLIENTS:
            bodies = [json.loads(registration(p, seed).value) for p in workers(EACH, seed + clients)]
            ids: list[str] = []
            tokens: list[str] = []
            figures[f"{clients} clients"] = {
                "register": await _measure(clients, [_register(gateway, b, tokens) for b in bodies]),
                "bare insert": await _measure(clients, [_insert(bare, b, ids) for b in bodies]),
                "read": await _measure(clients, [_read(gateway, f"/v1/persons/{t}") for t in tokens]),
                "bare find": await _measure(clients, [_read(bare, f"/people/{i}") for i in ids]),
            }
    return figures


Call = Callable[[], Awaitable[None]]


def _register(client: httpx.AsyncClient, body: dict[str, Any], tokens: list[str]) -> Call:
    async def call() -> None:
        answer = await client.post("/v1/persons", json=body)
        assert answer.status_code == httpx.codes.CREATED, answer.text
        tokens.append(answer.headers["location"].rsplit("/", 1)[1])

    return call


def _insert(client: httpx.AsyncClient, body: dict[str, Any], ids: list[str]) -> Call:
    async def call() -> None:
        ids.append((await client.post("/people", json=body)).raise_for_status().json()["id"])

    return call


def _read(client: httpx.AsyncClient, path: str) -> Call:
    async def call() -> None:
        (await client.get(path)).raise_for_status()

    return call


async def _measure(clients: int, calls: list[Call]) -> dict[str, float]:
    """Each client makes its share of the calls one after the other."""
    waits: list[float] = []

    async def one(share: list[Call]) -> None:
        for call in share:
            began = time.perf_counter()
            await call()
            waits.append(time.perf_counter() - began)

    await asyncio.gather(*(one(calls[n::clients]) for n in range(clients)))
    return spread(waits)


def _client(url: str, token: str = "") -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    limits = httpx.Limits(max_connections=max(CLIENTS))
    return httpx.AsyncClient(base_url=url, headers=headers, limits=limits, timeout=30, trust_env=False)


class _Bare(Process):
    """bench/bare.py under uvicorn."""

    async def is_ready(self) -> bool:
        try:
            async with _client(self.url) as client:
                return (await client.get("/healthz")).is_success
        except httpx.TransportError:
            return False


@asynccontextmanager
async def _bare(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    (port,) = free(1)
    environment = stack.environment("registry") | {
        "BARE_MONGO_URL": stack.url("db-registry"),
        "BARE_DATABASE": f"bench_bare_{uuid.uuid4().hex[:8]}",
    }
    address = ["--host", HOST, "--port", str(port), "--no-access-log"]
    arguments = [sys.executable, "-m", "uvicorn", "bench.bare:app", *address]
    process = _Bare("bare", stack.folder, port, arguments, environment)
    await process.start()
    try:
        async with _client(process.url) as client:
            yield client
    finally:
        await process.stop()
