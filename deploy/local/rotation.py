"""Rotation of keys in a folder of rings, while every process runs: a new version is known before it is used.

Processes read their rings every two seconds. So a version is added first; when all have read that, it becomes the one
in use; and, for what signs, the old one is dropped when nothing signed with it is in force any more.
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from deploy.local.errors import CannotProceed
from deploy.local.keys import NEVER, RINGS, key_pair, write_secret

Rings = dict[str, dict[str, Any]]
Step = Literal["add", "use", "drop"]
STEPS: tuple[Step, ...] = ("add", "use", "drop")
KNOWN_SECONDS = 5.0
"""After this long every process has read its ring anew."""
SIGNED_SECONDS = 25.0
"""After this long no signed principal is in force that was signed before: its ten seconds, the clocks, the reading."""


def rotate(name: str, folder: Path, pause: Callable[[float], object] = time.sleep) -> str:
    """All steps, with the pauses between them; returns the new version. Raises CannotProceed."""
    version = step("add", name, folder)
    pause(KNOWN_SECONDS)
    step("use", name, folder)
    if name.startswith("principal-"):
        pause(SIGNED_SECONDS)
        step("drop", name, folder)
    return version


def seconds(name: str) -> float:
    """How long `rotate` pauses."""
    return KNOWN_SECONDS + (SIGNED_SECONDS if name.startswith("principal-") else 0)


def step(which: Step, name: str, folder: Path) -> str:
    """One step, for rings that have to be handed out between the steps; returns the newest version.

    `drop` is for what signs: what was sealed under an old version of another key may still be on its way. Raises
    CannotProceed.
    """
    if name in NEVER:
        raise CannotProceed(f"The key {name!r} is never rotated: {NEVER[name]}.")
    rings = _read(folder)
    entries = _entries(name, rings)
    if not any(name in ring["secrets"] for ring in rings.values()):
        rotatable = sorted({key for ring in rings.values() for key in ring["secrets"]} - set(NEVER))
        raise CannotProceed(f"No ring in {folder} holds a key {name!r}. It has: {', '.join(rotatable) or 'no rings'}.")
    newest = max(int(version) for entry in entries for version in entry["versions"])
    match which:
        case "add":
            newest += 1
            _add(name, str(newest), rings)
        case "use":
            _require_everywhere(name, str(newest), entries)
            for entry in entries:
                entry["current"] = str(newest)
        case "drop":
            _drop(name, entries)
    for ring in (ring for ring in rings if name in rings[ring]["secrets"] or name in rings[ring]["public"]):
        write_secret(folder / f"{ring}.json", json.dumps(rings[ring], indent=1).encode())
    return str(newest)


def _read(folder: Path) -> Rings:
    files = {name: folder / f"{name}.json" for name in RINGS}
    return {name: {"public": {}, **json.loads(file.read_text())} for name, file in files.items() if file.exists()}


def _entries(name: str, rings: Rings) -> list[dict[str, Any]]:
    """The key in every ring that has it, secret or public."""
    return [ring[kind][name] for ring in rings.values() for kind in ("secrets", "public") if name in ring[kind]]


def _add(name: str, version: str, rings: Rings) -> None:
    """The same new key for all who share the old one; `parking` is each process's own."""
    has_public = any(name in ring["public"] for ring in rings.values())
    private, public = key_pair(name) if has_public else (secrets.token_bytes(32), b"")
    for ring in rings.values():
        if name in ring["secrets"]:
            own = secrets.token_bytes(32) if name == "parking" else private
            ring["secrets"][name]["versions"][version] = _text(own)
        if name in ring["public"]:
            ring["public"][name]["versions"][version] = _text(public)


def _require_everywhere(name: str, version: str, entries: list[dict[str, Any]]) -> None:
    """A rotation that was cut short between two files is begun again. Raises CannotProceed."""
    if not all(version in entry["versions"] for entry in entries):
        raise CannotProceed(f"Not every ring has version {version} of {name!r}: rotate it anew.")


def _drop(name: str, entries: list[dict[str, Any]]) -> None:
    if not name.startswith("principal-"):
        raise CannotProceed(f"Old versions of {name!r} stay: what was sealed under them may be on its way.")
    for entry in entries:
        entry["versions"] = {entry["current"]: entry["versions"][entry["current"]]}


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()
