"""One address for several processes of a service: each connection goes to the next that is alive, as in a cluster."""

import asyncio
import itertools
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from deploy.local import ports
from deploy.local.process import Process

CHECK_SECONDS = 1.0
"""How often each process is asked whether it is alive, and how long it may take to answer."""


class Balancer(Process):
    """`routes`: the port of an address, and the ports of the processes behind it."""

    def __init__(self, folder: Path, port: int, routes: Mapping[int, Sequence[int]]) -> None:
        written = [f"{front}={','.join(map(str, behind))}" for front, behind in routes.items()]
        super().__init__("balancer", folder, port, [sys.executable, "-m", "deploy.local.balancer", str(port), *written])


class Route:
    """One address and who stands behind it."""

    def __init__(self, front: int, behind: Sequence[int]) -> None:
        self.front, self.behind = front, tuple(behind)
        self.alive = set(behind)
        self._turn = itertools.count()

    async def check(self) -> None:
        """Ask each for ever; who does not answer gets no new connection."""
        while True:
            answers = await asyncio.gather(*map(_is_alive, self.behind))
            self.alive = {port for port, alive in zip(self.behind, answers, strict=True) if alive}
            await asyncio.sleep(CHECK_SECONDS)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side ends it."""
        try:
            far_reader, far_writer = await self._connect()
            ways = [asyncio.create_task(_copy(*way)) for way in ((reader, far_writer), (far_reader, writer))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            far_writer.close()
        except ConnectionRefusedError:
            pass  # nobody is there: the caller sees its connection end
        finally:
            writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """To the next in turn; those that do not answer are tried last. Raises ConnectionRefusedError."""
        first = next(self._turn) % len(self.behind)
        turns = (*self.behind[first:], *self.behind[:first])
        for port in sorted(turns, key=lambda port: port not in self.alive):
            with suppress(OSError):
                return await asyncio.open_connection(ports.HOST, port)
        raise ConnectionRefusedError


async def _is_alive(port: int) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            reader, writer = await asyncio.open_connection(ports.HOST, port)
            try:
                writer.write(b"GET /healthz HTTP/1.0\r\n\r\n")
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()


async def serve(own_port: int, routes: Sequence[Route]) -> None:
    """Carry connections until ended; `own_port` only tells that all of them are open."""
    checks = [asyncio.create_task(route.check()) for route in routes]
    doors = [await asyncio.start_server(route.carry, ports.HOST, route.front) for route in routes]
    doors.append(await asyncio.start_server(lambda _, writer: writer.close(), ports.HOST, own_port))
    await asyncio.gather(*checks, *(door.serve_forever() for door in doors))


def main(own_port: str, *written: str) -> None:
    """`18099 18085=20001,20002 …`: ports of addresses, and of the processes behind them."""
    pairs = (route.split("=") for route in written)
    asyncio.run(serve(int(own_port), [Route(int(front), [*map(int, behind.split(","))]) for front, behind in pairs]))


if __name__ == "__main__":
    main(*sys.argv[1:])
