"""The image of our processes, as far as it can be judged without building it."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.deploy.containers import ROOT


def copied(to: Path) -> None:
    """What deploy/Dockerfile copies, less what .dockerignore keeps out."""
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    kept_out = [line for line in ignored if line and line[0] not in "#!*"]
    for line in re.findall(r"^COPY (.+)$", (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE):
        *sources, target = line.split()
        for source in sources:
            assert any(
                source == name or source.startswith(f"{name}/")
                for name in (one[1:] for one in ignored if one[:1] == "!")
            )
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, to / target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                (to / target).mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / source, to / target)
    for name in kept_out:
        path = to / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def test_the_image_holds_everything_that_its_processes_import(tmp_path: Path) -> None:
    copied(tmp_path)
    extra = {line.split("==")[0] for line in (ROOT / "requirements/local.txt").read_text().splitlines() if "==" in line}
    base = {line.split("==")[0] for line in (ROOT / "requirements/base.txt").read_text().splitlines() if "==" in line}
    absent = sorted({name.replace("-", "_").lower() for name in extra - base} | {"secantus", "pytest"})
    modules = [
        "services.registry.app",
        "services.indicators.app",
        "services.notifications.alerts.app",
        "services.gateway.app",
    ]
    modules += ["simpul.cli", "simpul.serve", "simpul.partners", "simpul.keys", "simpul.dead_letters", "simpul.tokens"]
    modules += ["deploy.compose.secrets", "deploy.compose.setup"]
    program = f"""
import importlib, sys
sys.path.insert(0, {str(tmp_path)!r})
for name in {absent!r}:
    sys.modules[name] = None
for name in {modules!r}:
    assert importlib.import_module(name).__file__.startswith({str(tmp_path)!r}), name
"""
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "deploy/local/database_launcher.py").exists()


def test_the_image_runs_a_python_that_the_project_supports() -> None:
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    found = re.search(r"^FROM python:3\.(\d+)\.\d+-slim@sha256:[0-9a-f]{64}$", dockerfile, re.MULTILINE)
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert found
    assert int(found[1]) >= int(oldest.removeprefix(">=3."))
    assert re.search(r"^USER simpul$", dockerfile, re.MULTILINE)
