"""Secrets of one machine in files that only their owner reads."""

import json
import secrets
from collections.abc import Iterable
from pathlib import Path


def password(path: Path) -> str:
    """The password kept in a file; made at the first call."""
    if not path.exists():
        keep(path, secrets.token_urlsafe(24))
    return path.read_text()


def passwords(path: Path, users: Iterable[str]) -> dict[str, str]:
    """A password for each user, kept in one JSON file; those that are not there yet are made."""
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    if made := {user: secrets.token_urlsafe(24) for user in users if user not in kept}:
        kept |= made
        keep(path, json.dumps(kept))
    return kept


def keep(path: Path, secret: str) -> None:
    """Write a secret, so that whoever reads the file at that moment finds the old one or the new one whole."""
    partial = path.with_name(f"{path.name}.part")
    private_file(partial).write_text(secret)
    partial.replace(path)


def private_file(path: Path) -> Path:
    """An empty file, readable by its owner only, in a folder that is there then."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    path.touch(0o600)
    return path
