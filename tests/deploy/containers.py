"""The containers of docker-compose.yml, and what each process reads there."""

import re
from pathlib import Path
from typing import Any

import yaml

from contracts.topics import PROCESSES
from deploy.compose import secrets

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]


def environment_of(process: str) -> dict[str, str]:
    """The environment of a process: from docker-compose.yml with its defaults, and from its volume."""
    passwords = dict.fromkeys(("kafka-admin", *PROCESSES), "s3cret")
    plain = CONTAINERS[process]["environment"] | secrets.environment(process, passwords)
    return {name: re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value) for name, value in plain.items()}
