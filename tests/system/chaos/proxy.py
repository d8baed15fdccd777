"""What stands between services and one database: lets through, slows down, or swallows."""

import asyncio
import time

from deploy.local import ports


class Proxy:
    """Carries connections from `port` to `target`.

    `delay`: seconds that each request is held. While `swallows`, nothing goes either way, and what was sent arrives
    when it is over, as over a network that was cut.
    """

    def __init__(self, port: int, target: int) -> None:
        self.port, self.target = port, target
        self.delay = 0.0
        self._open = asyncio.Event()
        self._open.set()
        self._server: asyncio.Server | None = None
        self._carrying: set[asyncio.Task[None]] = set()

    @property
    def swallows(self) -> bool:
        return not self._open.is_set()

    @swallows.setter
    def swallows(self, wanted: bool) -> None:
        self._open.clear() if wanted else self._open.set()

    async def start(self) -> None:
        """Returns when connections are taken."""
        self._server = await asyncio.start_server(self._carry, ports.HOST, self.port)

    async def stop(self) -> None:
        """Ends every connection."""
        if self._server:
            self._server.close()
        for task in self._carrying:
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._carrying.add(task)
        task.add_done_callback(self._carrying.discard)
        far_writer: asyncio.StreamWriter | None = None
        try:
            far_reader, far_writer = await asyncio.open_connection(ports.HOST, self.target)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._requests(reader, far_writer))
                both.create_task(self._answers(far_reader, writer))
        except* (OSError, EOFError):
            pass  # one side is gone: the other one sees its connection end
        finally:
            for side in (writer, far_writer):
                if side:
                    side.close()

    async def _requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Each as late as `delay` says when it came, in order; a long one is not held for each of its pieces."""
        held: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        async with asyncio.TaskGroup() as both:
            both.create_task(self._hold(reader, held))
            both.create_task(self._release(held, writer))

    async def _hold(self, reader: asyncio.StreamReader, held: asyncio.Queue[tuple[float, bytes]]) -> None:
        while True:
            data = await reader.read(262_144)
            await held.put((time.monotonic() + self.delay, data))
            if not data:
                return

    async def _release(self, held: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        while True:
            due, data = await held.get()
            await self._open.wait()
            if (early := due - time.monotonic()) > 0:
                await asyncio.sleep(early)
            await _pass_on(data, writer)

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            data = await reader.read(262_144)
            await self._open.wait()
            await _pass_on(data, writer)


async def _pass_on(data: bytes, writer: asyncio.StreamWriter) -> None:
    """Raises EOFError at the end, which ends the other way too."""
    if not data:
        raise EOFError
    writer.write(data)
    await writer.drain()
