"""Child processes: ready, gone, and never left behind."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from deploy.local import ports
from deploy.local.errors import CannotProceed
from deploy.local.process import Process, end_stale
from tests.eventually import eventually

PARENT = """
import asyncio, sys, threading
from pathlib import Path
from tests.deploy.test_process import a_server
def start():  # in a thread that ends at once: the child must not end with it
    asyncio.run(server.start())
server = a_server(Path(sys.argv[1]))
thread = threading.Thread(target=start)
thread.start()
thread.join()
print(server.pid, flush=True)
threading.Event().wait()
"""


def a_server(folder: Path) -> Process:
    (port,) = ports.free(1)
    return Process("server", folder, port, [sys.executable, "-m", "http.server", str(port), "--bind", ports.HOST])


async def test_a_child_is_ready_when_its_port_answers_and_gone_after_stop(tmp_path: Path) -> None:
    server = a_server(tmp_path)
    await server.start()
    assert await ports.answers(server.port)
    pid = server.pid
    assert pid
    await server.stop()
    assert server.pid is None
    assert not psutil.pid_exists(pid)
    assert not server.pid_file.exists()


async def test_a_child_starts_again_on_its_port_after_a_kill(tmp_path: Path) -> None:
    server = a_server(tmp_path)
    await server.start()
    server.kill()
    await server.start()
    assert await ports.answers(server.port)
    server.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
async def test_a_child_outlives_the_thread_that_started_it_and_dies_with_its_parent(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        child = psutil.Process(int(await asyncio.to_thread(parent.stdout.readline)))
        assert child.is_running()
        parent.kill()
    await eventually(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


async def test_what_a_killed_run_left_is_ended(tmp_path: Path) -> None:
    left = subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])
    pid_file = tmp_path / "left.pid"
    pid_file.write_text(f"{left.pid} {psutil.Process(left.pid).create_time()}")
    await asyncio.to_thread(end_stale, pid_file)
    assert not psutil.pid_exists(left.pid)
    left.wait()
    assert not pid_file.exists()


def test_another_program_that_got_the_same_pid_is_left_alone(tmp_path: Path) -> None:
    pid_file = tmp_path / "old.pid"
    pid_file.write_text(f"{os.getpid()} 1.0")
    end_stale(pid_file)
    assert not pid_file.exists()


async def test_a_program_that_ends_while_starting_says_why(tmp_path: Path) -> None:
    (port,) = ports.free(1)
    broken = Process("broken", tmp_path, port, [sys.executable, "-c", "print('no such thing')"])
    with pytest.raises(CannotProceed, match=r"broken ended while starting: no such thing"):
        await broken.start()
    assert not broken.pid_file.exists()
