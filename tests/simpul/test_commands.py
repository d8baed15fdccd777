"""The command line: what it says when something is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chassis import __version__

ROOT = Path(__file__).parents[2]


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **environment}
    return subprocess.run(command, env=clean, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_bad_setting_is_one_line_that_names_the_variable() -> None:
    done = run(sys.executable, "-m", "simpul", "serve", "gateway-exchange", MONGO_URL="mongodb://x", PORT="eighty")
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert any(line.startswith("KAFKA_URL: ") for line in lines)
    assert any(line.startswith("PORT: ") for line in lines)
    assert all(line.split(":")[0].isupper() for line in lines)


@pytest.mark.parametrize("process", ["gateway-api", "gateway-exchange", "gateway-exchange-urgent"])
def test_the_two_processes_of_the_gateway_each_need_a_name(process: str) -> None:
    given = {"KAFKA_URL": "x:1", "MONGO_URL": "mongodb://x", "KEYS": "x"}
    done = run(sys.executable, "-m", "simpul", "serve", process, **given)
    assert (done.returncode, done.stderr) == (2, "INSTANCE: Field required\n")


def test_a_certificate_that_is_not_there_is_one_line_that_names_the_setting(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    given = {"KAFKA_URL": "x:1", "MONGO_URL": "mongodb://x", "KEYS": "x", "INSTANCE": "one-0", "TLS_CA": str(file)}
    done = run(sys.executable, "-m", "simpul", "serve", "gateway-api", **given)
    said = f"TLS_CA: {file} cannot be read (No such file or directory)"
    assert (done.returncode, done.stderr) == (2, f"{said}\n")
    assert run(sys.executable, "-m", "simpul", "status", TLS_CA=str(file)).stderr.splitlines()[-1].endswith(f"{said}.")


def test_make_without_python_says_which_it_wants(tmp_path: Path) -> None:
    done = run("make", "install", f"VENV={tmp_path}/venv", "PYTHON=python-nowhere")
    assert done.returncode != 0
    assert "Install Python 3.11 or newer" in done.stdout
    assert not (tmp_path / "venv").exists()


def test_make_with_an_old_python_says_so(tmp_path: Path) -> None:
    old = tmp_path / "python3.9"
    old.write_text('#!/bin/sh\ncase "$2" in *version_info*) exit 1 ;; *) echo 3.9.2 ;; esac\n')
    old.chmod(0o755)
    done = run("make", "install", f"VENV={tmp_path}/venv", f"PYTHON={old}")
    assert f"needs Python 3.11 or newer, and {old} is 3.9.2" in done.stdout
    assert not (tmp_path / "venv").exists()


@pytest.mark.parametrize("process", ["gateway-api", "registry"])
def test_a_key_ring_that_is_not_there_is_one_line(tmp_path: Path, process: str) -> None:
    ring = tmp_path / "ring.json"
    given = {"KAFKA_URL": "x:1", "MONGO_URL": "mongodb://x", "INSTANCE": "one-0", "KEYS": str(ring)}
    done = run(sys.executable, "-m", "simpul", "serve", process, **given)
    assert (done.returncode, done.stderr) == (2, f"KEYS: no key ring at {ring}\n")


def test_the_version_is_said() -> None:
    assert run(sys.executable, "-m", "simpul", "--version").stdout == f"simpul {__version__}\n"
