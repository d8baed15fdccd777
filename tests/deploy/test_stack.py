"""Starting a stack where something stands in the way: one line that says what to do, and nothing left running."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.data_folder import DataFolder, stop
from deploy.local.errors import CannotProceed
from deploy.local.kafka import KafkaLogin
from deploy.local.ports import HOST, NAMES, anywhere
from deploy.local.service import SERVICE_OF, Machine
from deploy.local.stack import Stack

LOCK = """
import sys, threading
from pathlib import Path
from deploy.local.data_folder import DataFolder
folder = DataFolder(Path(sys.argv[1]))
folder.lock()
print("locked", flush=True)
threading.Event().wait()
"""


async def test_a_taken_port_is_named_with_its_holder_and_the_setting(tmp_path: Path) -> None:
    ports = anywhere()
    with socket.socket() as other:
        other.bind((HOST, ports["registry"]))
        other.listen()
        with pytest.raises(
            CannotProceed, match=rf"Port {ports['registry']} \(registry\) is taken by .*pid.*SIMPUL_PORTS"
        ):
            await Stack(tmp_path, ports=ports).start()
    assert not list((tmp_path / "run").glob("*"))


def test_two_stacks_do_not_share_a_folder_and_stop_ends_the_first(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", LOCK, str(tmp_path)], stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout
        assert first.stdout.readline() == "locked\n"
        with pytest.raises(
            CannotProceed, match=rf"already runs in .* as pid {first.pid}: stop it or use another folder"
        ):
            DataFolder(tmp_path).lock()
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "db-registry.pid").write_text("0 0")
        steps: list[tuple[str, int, int]] = []
        assert stop(tmp_path, progress=lambda *step: steps.append(step))
    assert steps[0] == (f"stopping what pid {first.pid} runs", 0, 1)
    assert steps[-1] == (f"stopping what pid {first.pid} runs", 1, 1)
    assert not stop(tmp_path)


def test_a_full_disk_is_said_before_anything_starts(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path, min_free=2**62)
    with pytest.raises(CannotProceed, match="make room"):
        folder.lock()
    roomy = DataFolder(tmp_path)
    roomy.lock()
    roomy.unlock()


def test_a_folder_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    folder = DataFolder(tmp_path)
    folder.lock()
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "registry.log").write_text("")
    folder.unlock()
    assert [path.stat().st_mode & 0o777 for path in (tmp_path, *sorted(tmp_path.rglob("*")))] == [
        0o700,
        0o700,
        0o600,
        0o600,
    ]


def test_every_process_of_a_stack_has_a_port(tmp_path: Path) -> None:
    assert set(anywhere()) == set(NAMES)
    assert set(Stack(tmp_path, traces=True).names()) <= set(NAMES)


@pytest.mark.parametrize("tls", [None, "tls"])
def test_certificates_that_the_shell_has_for_commands_are_not_those_of_a_stacks_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tls: str | None
) -> None:
    for name in ("TLS_CERTIFICATE", "TLS_KEY", "TLS_CLIENT_CA"):
        monkeypatch.setenv(name, "/an/operators")
    folder = tmp_path / tls if tls else None
    machine = Machine(tmp_path, anywhere(), KafkaLogin("x:1"), dict.fromkeys(SERVICE_OF, "mongodb://x"), tls=folder)
    environment = machine.environment("gateway-api", "gateway-api-0")
    assert "/an/operators" not in environment.values()
    assert environment["REGISTRY_URL"].startswith("https://" if tls else "http://")
    assert bool(environment["TLS_CERTIFICATE"]) == bool(tls)
