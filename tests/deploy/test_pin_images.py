"""Images are pinned by what the registry says, and nothing is written when it does not say."""

import os
import subprocess
from pathlib import Path

import pytest

from deploy.compose import pin_images

OLD, NEW = "0" * 64, "a1" * 32
COMPOSE = f"""services:
  one:
    image: mongo:8.0.17@sha256:{OLD}
  two:
    image: quay.io/keycloak/keycloak:26.7.3
  ours:
    image: simpul:local
"""


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of that name that answers with one digest, and keeps what it was asked."""
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\ncat {tmp_path}/answer\n')
    program.chmod(0o755)
    (tmp_path / "answer").write_text(f"sha256:{NEW}\n")
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def test_every_tag_gets_its_digest_and_our_own_image_none(docker: Path) -> None:
    compose, dockerfile = docker / "compose.yml", docker / "Dockerfile"
    compose.write_text(COMPOSE)
    dockerfile.write_text("FROM python:3.12.13-slim AS base\nRUN true\n")
    pin_images.main((compose, dockerfile))
    assert compose.read_text() == COMPOSE.replace(OLD, NEW).replace("26.7.3", f"26.7.3@sha256:{NEW}")
    assert dockerfile.read_text() == f"FROM python:3.12.13-slim@sha256:{NEW} AS base\nRUN true\n"
    asked = [line.split()[3] for line in (docker / "asked").read_text().splitlines()]
    assert asked == ["mongo:8.0.17", "quay.io/keycloak/keycloak:26.7.3", "python:3.12.13-slim"]


@pytest.mark.parametrize("answer", ["", "sha256:short", f"sha256:{NEW} and more"])
def test_an_answer_that_is_no_digest_leaves_the_files_alone(docker: Path, answer: str) -> None:
    (docker / "answer").write_text(answer)
    compose = docker / "compose.yml"
    compose.write_text(COMPOSE)
    with pytest.raises((ValueError, subprocess.CalledProcessError)):
        pin_images.main((compose,))
    assert compose.read_text() == COMPOSE


def test_it_finds_every_image_of_the_project() -> None:
    found = {match["tagged"] for file in pin_images.FILES for match in pin_images.IMAGE.finditer(file.read_text())}
    named = {
        line.split()[-1].partition("@")[0]
        for file in pin_images.FILES
        for line in file.read_text().splitlines()
        if line.strip().startswith(("image: ", "FROM "))
    }
    assert found == named
