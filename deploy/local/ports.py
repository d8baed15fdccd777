"""Ports of one machine: which is whose, free ones, taken ones and who holds them."""

import asyncio
import os
import random
import socket

import psutil

HOST = "127.0.0.1"
SETTING = "SIMPUL_PORTS"
"""The environment variable that moves all of them: the first port, the others follow it."""
_GIVEN_TO_NOBODY = (20_000, 32_000)
"""Below what systems give to outgoing connections."""

NAMES = (
    "gateway-api",
    "kafka",
    "kafka-controller",
    "zipkin",
    "gateway-exchange",
    "registry",
    "indicators",
    "alerts",
    "db-registry",
    "db-indicators",
    "db-alerts",
    "db-gateway",
    "kafka-1",
    "kafka-1-controller",
    "kafka-2",
    "kafka-2-controller",
    "kafka-3",
    "kafka-3-controller",
    "balancer",
    "gateway-exchange-urgent",
    "issuer",
    "gateway-api-operations",
)


def fixed() -> dict[str, int]:
    """The same at every start, for people who keep addresses."""
    first = int(os.environ.get(SETTING, "18080"))
    return {name: first + n for n, name in enumerate(NAMES)}


def anywhere() -> dict[str, int]:
    """Free at this instant, for tests."""
    return dict(zip(NAMES, free(len(NAMES)), strict=True))


def free(count: int) -> list[int]:
    """Ports nobody listens on at this instant, nor takes for a connection of his own while a server is restarted."""
    numbers: list[int] = []
    while len(numbers) < count:
        port = random.randint(*_GIVEN_TO_NOBODY)
        if port not in numbers and not is_taken(port):
            numbers.append(port)
    return numbers


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def holder(port: int) -> str:
    """Who listens on a port, as far as this user may know."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return "another program"
    pids = [c.pid for c in connections if c.status == psutil.CONN_LISTEN and c.laddr and c.laddr.port == port and c.pid]
    return f"{psutil.Process(pids[0]).name()}, pid {pids[0]}" if pids else "another program"


async def answers(port: int) -> bool:
    """Whether something accepts connections there."""
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True
