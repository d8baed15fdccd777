"""Rotation of keys in a folder of rings: a new version becomes current, old ones stay for what they sealed."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.errors import CannotProceed
from deploy.local.keys import key_pair, write_secret

NEVER = {
    "copies": "partners hold the person ids, copy ids and receipt ids that were made with it",
    "identifiers": "every known identifier is indexed by a hash under it; it changes only with a re-index",
    "intake": "a record that is sent again would get another command id and be applied twice",
    "digest": "a record that is sent again would look like another body under its id and be refused",
    "partition": "records of one person would go to two partitions at once and lose their order",
}
"""Keys that stay for the life of an installation, and why."""


@dataclass(frozen=True)
class Rotated:
    """`restart`: processes in the order in which to restart them, readers of the new version first."""

    version: str
    restart: tuple[str, ...]


def rotate(name: str, folder: Path) -> Rotated:
    """Give key `name` a new current version in every ring that holds it. Raises CannotProceed."""
    if name in NEVER:
        raise CannotProceed(f"The key {name!r} is never rotated: {NEVER[name]}.")
    rings = {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json") if path.stem != "jwks"}
    holders = [service for service, ring in rings.items() if name in ring["secrets"]]
    if not holders:
        rotatable = sorted({key for ring in rings.values() for key in ring["secrets"]} - set(NEVER))
        raise CannotProceed(f"No ring in {folder} holds a key {name!r}. It has: {', '.join(rotatable) or 'no rings'}.")
    public = [service for service, ring in rings.items() if name in ring["public"]]
    version = _next(name, rings)
    for service, ring in _renewed(name, version, rings, holders, public).items():
        write_secret(folder / f"{service}.json", json.dumps(ring, indent=1).encode())
    return Rotated(version, _restart(name, holders, public))


def _renewed(
    name: str, version: str, rings: Mapping[str, dict[str, Any]], holders: list[str], public: list[str]
) -> dict[str, dict[str, Any]]:
    """The rings that change; those who must read the new version before it is used come first."""
    if not public:
        for service in holders:
            _add(rings[service]["secrets"][name], version, secrets.token_bytes(32))
        return {service: rings[service] for service in holders}
    private_key, public_key = key_pair(name)
    for service in holders:
        _add(rings[service]["secrets"][name], version, private_key)
    for service in public:
        _add(rings[service]["public"][name], version, public_key)
    order = (*public, *holders) if name == "principal" else (*holders, *public)
    return {service: rings[service] for service in order}


def _next(name: str, rings: Mapping[str, dict[str, Any]]) -> str:
    """One above every version there is, also of a rotation that was cut short between two files."""
    entries = [ring[kind][name] for ring in rings.values() for kind in ("secrets", "public") if name in ring[kind]]
    return str(max(int(version) for entry in entries for version in entry["versions"]) + 1)


def _add(entry: dict[str, Any], version: str, key: bytes) -> None:
    entry["versions"][version] = base64.b64encode(key).decode()
    entry["current"] = version


def _restart(name: str, holders: list[str], public: list[str]) -> tuple[str, ...]:
    gateway = ("gateway-exchange", "gateway-exchange-urgent", "gateway-api")
    services = tuple(sorted({*holders, *public} - {"gateway"}))
    return services + (gateway if "gateway" in (*holders, *public) else ())
