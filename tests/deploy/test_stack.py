"""Starting a stack where something stands in the way: one line that says what to do, and nothing left running."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.data_folder import Folder, stop
from deploy.local.ports import HOST, NAMES, anywhere
from deploy.local.report import Trouble
from deploy.local.stack import Stack

HOLD = """
import sys, threading
from pathlib import Path
from deploy.local.data_folder import Folder
folder = Folder(Path(sys.argv[1]))
folder.hold()
print("held", flush=True)
threading.Event().wait()
"""


async def test_a_taken_port_is_named_with_its_holder_and_the_setting(tmp_path: Path) -> None:
    ports = anywhere()
    with socket.socket() as other:
        other.bind((HOST, ports["registry"]))
        other.listen()
        with pytest.raises(Trouble, match=rf"Port {ports['registry']} \(registry\) is taken by .*pid.*SIMPUL_PORTS"):
            await Stack(tmp_path, ports=ports).start()
    assert not list((tmp_path / "run").glob("*"))


def test_two_stacks_do_not_share_a_folder_and_stop_ends_the_first(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout
        assert first.stdout.readline() == "held\n"
        with pytest.raises(Trouble, match=rf"already runs in .* as pid {first.pid}: stop it or use another folder"):
            Folder(tmp_path).hold()
        assert stop(tmp_path)
    assert not stop(tmp_path)


def test_a_full_disk_is_said_before_anything_starts(tmp_path: Path) -> None:
    folder = Folder(tmp_path, room=2**62)
    with pytest.raises(Trouble, match="make room"):
        folder.hold()
    roomy = Folder(tmp_path)
    roomy.hold()
    roomy.release()


def test_every_process_of_a_stack_has_a_port(tmp_path: Path) -> None:
    assert set(anywhere()) == set(NAMES)
    assert set(Stack(tmp_path, traces=True).names()) <= set(NAMES)
