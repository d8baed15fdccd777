"""Random faults for three minutes, and that the parts of it do what they say: `python -m tests.system.chaos`."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy.local import ports
from tests.system.chaos import clock
from tests.system.chaos.clock import Clocks
from tests.system.chaos.disk import MayNotMount, own_mounts
from tests.system.chaos.proxy import Proxy
from tests.system.chaos.schedule import ALL, Places, draw

SEED = 7
PLACES = Places(
    services=("registry", "alerts", "gateway-exchange"),
    databases=("db-registry", "db-alerts"),
    brokers=("kafka",),
    full=("db-registry", "kafka"),
)
TELL_TIME = "import time\nwhile True:\n    input()\n    print(time.time(), time.monotonic(), flush=True)"
FILL_UP = """
import sys
from pathlib import Path
from tests.system.chaos.disk import SmallDisk
disk = SmallDisk(Path(sys.argv[1]), 1_000_000)
file = Path(sys.argv[1], "file")
file.write_bytes(b"x" * 8192)
disk.fill()
try:
    file.with_name("more").write_bytes(b"x" * 8192)
except OSError as error:
    print(error.strerror)
disk.make_room()
file.with_name("more").write_bytes(b"x" * 8192)
print(len(file.read_bytes()))
"""


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_three_minutes_of_faults_lose_nothing_double_nothing_and_leave_nothing_over(tmp_path: Path) -> None:
    folder = tmp_path / "chaos"
    command = [sys.executable, "-m", "tests.system.chaos", "--minutes", "3", "--seed", str(SEED)]
    command += ["--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=850)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]


# -- the schedule


def test_the_same_seed_strikes_the_same_processes_at_the_same_seconds() -> None:
    assert draw(3, 600, ALL, PLACES) == draw(3, 600, ALL, PLACES) != draw(4, 600, ALL, PLACES)


@pytest.mark.parametrize("seed", range(50))
def test_every_fault_strikes_and_is_over_before_the_run_is(seed: int) -> None:
    strikes = draw(seed, 600, ALL, PLACES)
    assert {strike.fault for strike in strikes} == set(ALL)
    assert all(strike.at + strike.seconds <= 600 for strike in strikes)


@pytest.mark.parametrize("seed", range(50))
def test_no_process_is_struck_twice_at_once(seed: int) -> None:
    strikes = draw(seed, 600, ALL, PLACES)
    for strike in strikes:
        within = [one for one in strikes if strike.at < one.at < strike.at + strike.seconds]
        assert all(set(one.targets).isdisjoint(strike.targets) for one in within)


def test_only_the_faults_asked_for_strike() -> None:
    assert {strike.fault for strike in draw(1, 300, ["slow", "clock"], PLACES)} == {"slow", "clock"}


# -- the proxy


@asynccontextmanager
async def an_echo() -> AsyncIterator[tuple[Proxy, asyncio.StreamReader, asyncio.StreamWriter]]:
    """A server that says again what it is told, and a connection to it through a proxy."""

    async def say_again(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
        writer.close()

    front, behind = ports.free(2)
    server = await asyncio.start_server(say_again, ports.HOST, behind)
    proxy = Proxy(front, behind)
    await proxy.start()
    reader, writer = await asyncio.open_connection(ports.HOST, front)
    try:
        yield proxy, reader, writer
    finally:
        writer.close()
        await proxy.stop()
        server.close()


async def test_a_slowed_connection_holds_each_request_and_keeps_their_order() -> None:
    async with an_echo() as (proxy, reader, writer):
        proxy.delay = 0.3
        began = time.monotonic()
        writer.write(b"1\n")
        writer.write(b"2\n")
        assert [await reader.readline(), await reader.readline()] == [b"1\n", b"2\n"]
        assert 0.3 <= time.monotonic() - began < 3


async def test_a_connection_that_swallows_answers_when_it_is_open_again() -> None:
    async with an_echo() as (proxy, reader, writer):
        proxy.swallows = True
        writer.write(b"1\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readline(), 0.3)
        proxy.swallows = False
        assert await reader.readline() == b"1\n"


async def test_when_the_server_ends_a_connection_the_client_sees_it_end() -> None:
    async with an_echo() as (_, reader, writer):
        writer.write_eof()
        assert await reader.read() == b""


# -- clock and disk


def test_a_clock_is_set_back_and_right_again_and_intervals_stay_true(tmp_path: Path) -> None:
    preloaded = clock.library()
    assert preloaded
    clocks = Clocks(tmp_path, preloaded)
    environment = {**os.environ, **clocks.settings_of("one")}
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", TELL_TIME], env=environment, stdin=pipe, stdout=pipe, text=True) as it:

        def told() -> tuple[float, float]:
            assert it.stdin
            assert it.stdout
            it.stdin.write("\n")
            it.stdin.flush()
            of_day, interval = it.stdout.readline().split()
            return float(of_day) - time.time(), float(interval) - time.monotonic()

        def until(behind: float) -> float:
            deadline = time.monotonic() + 10
            while abs(told()[0] + behind) > 5 and time.monotonic() < deadline:
                pass
            return told()[1]

        assert abs(told()[0]) < 5
        clocks.set_back("one", 600)
        assert abs(until(600)) < 5
        clocks.set_back("one", 0)
        assert abs(until(0)) < 5
        assert abs(told()[0]) < 5
        it.kill()
    Clocks.clean_up()


def test_a_full_disk_takes_no_byte_more_until_there_is_room_again(tmp_path: Path) -> None:
    try:
        way = own_mounts()
    except MayNotMount as obstacle:
        pytest.skip(str(obstacle))
    command = [*way, sys.executable, "-c", FILL_UP, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["No space left on device", "8192"]
    assert not list(tmp_path.iterdir())
