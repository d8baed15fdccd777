"""Key rings of one machine: each process gets only the keys that it needs, in files that only the owner may read."""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc.jwk import KeySet, RSAKey

from contracts.topics import API, DOMAIN_SERVICES, DOORS, EXCHANGE, PROCESSES, URGENT
from deploy.local.errors import CannotProceed

OPERATORS = "operators"
RINGS = (*PROCESSES, OPERATORS)
OF_EVERY_DOOR = ("intake", "digest", "partition", "copies")
"""Whichever way a record comes it has one id and one place in the order, and a receiver one id for a person."""
OF_BOTH_EXCHANGES = ("reply-to",)
"""What came by one may be answered by the other."""
OF_WEB = ("web-sessions",)
"""Of the api alone, which keeps sessions of its pages sealed."""
OF_LOADS = ("parking", "audit")
"""Of the exchange of loads, which signs the log of disclosures."""
SIGNERS = {
    API: "principal-api",
    EXCHANGE: "principal-exchange",
    URGENT: "principal-exchange-urgent",
    OPERATORS: "principal-operators",
}
"""Who signs principals, with which key."""
NEVER = {
    "copies": "partners hold the person ids, copy ids and receipt ids that were made with it",
    "identifiers": "every known identifier is indexed by a hash under it; it changes only with a re-index",
    "intake": "a record that is sent again would get another command id and be applied twice",
    "digest": "a record that is sent again would look like another body under its id and be refused",
    "partition": "records of one person would go to two partitions at once and lose their order",
}
"""Keys that stay for the life of an installation, and why."""
TOKEN_KEY, TOKEN_JWKS = "token-private.pem", "jwks.json"


def ensure(folder: Path) -> Path:
    """Make `<folder>/PROCESS.json`, `operators.json`, the token issuer's key and its JWKS, once. Returns the folder.

    Keys are never replaced: data sealed or hashed under them would be lost. Raises CannotProceed for a folder whose
    rings are of another shape.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    there = [name for name in RINGS if (folder / f"{name}.json").exists()]
    if not there:
        for name, ring in rings().items():
            write_secret(folder / f"{name}.json", json.dumps(ring, indent=1).encode())
    elif len(there) < len(RINGS):
        lacking = ", ".join(sorted({*RINGS} - {*there}))
        raise CannotProceed(f"{folder} has no key ring of {lacking}: it was cut short, or is of an earlier version.")
    if not (folder / TOKEN_KEY).exists():
        _make_token_key(folder)
    return folder


def rings() -> dict[str, dict[str, Any]]:
    """Fresh rings of a whole installation, by process, and the operators'."""
    shared = {name: _fresh(name) for name in OF_EVERY_DOOR}
    exchanges = {name: _fresh(name) for name in OF_BOTH_EXCHANGES}
    made: dict[str, dict[str, Any]] = {
        API: {"secrets": {**shared, **{name: _fresh(name) for name in OF_WEB}}},
        EXCHANGE: {"secrets": {**shared, **exchanges, **{name: _fresh(name) for name in OF_LOADS}}},
        URGENT: {"secrets": {**shared, **exchanges, "parking": _fresh("parking")}},
        OPERATORS: {"secrets": {}},
    }
    signers: dict[str, Any] = {}
    for process, name in SIGNERS.items():
        private, signers[name] = (_versions(key) for key in key_pair(name))
        made[process]["secrets"][name] = private
    sealing: dict[str, Any] = {}
    for service in DOMAIN_SERVICES:
        name = f"sealing-{service}"
        private, sealing[name] = (_versions(key) for key in key_pair(name))
        made[service] = {"secrets": {"parking": _fresh("parking"), name: private}, "public": {**signers}}
    private, sealing["sealing-gateway"] = (_versions(key) for key in key_pair("sealing-gateway"))
    made[EXCHANGE]["secrets"]["sealing-gateway"] = private
    made["registry"]["secrets"]["identifiers"] = _fresh("identifiers")
    callers = {name: signers[name] for name in (SIGNERS[API], SIGNERS[OPERATORS])}
    for door in DOORS:
        made[door]["public"] = {**sealing, **({} if door == API else callers)}
    made[OPERATORS]["public"] = {}
    return made


def key_pair(name: str) -> tuple[bytes, bytes]:
    """A fresh private and public key as rings hold them: `principal-*` Ed25519 in PEM, `sealing-*` X25519 raw."""
    if name.startswith("principal-"):
        signing = Ed25519PrivateKey.generate()
        private = signing.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return private, signing.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    sealing = X25519PrivateKey.generate()
    raw = sealing.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return raw, sealing.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _fresh(name: str) -> dict[str, Any]:
    return _versions(secrets.token_bytes(32)) | ({"fixed": True} if name in NEVER else {})


def _versions(key: bytes) -> dict[str, Any]:
    return {"current": "1", "versions": {"1": base64.b64encode(key).decode()}}


def _make_token_key(folder: Path) -> None:
    key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, private=True, auto_kid=True)
    write_secret(folder / TOKEN_KEY, key.as_pem(private=True))
    (folder / TOKEN_JWKS).write_text(json.dumps(KeySet([key]).as_dict(private=False), indent=1))


def write_secret(path: Path, content: bytes) -> None:
    """Write a secret file so that it is complete or not there, and never readable by others."""
    partial = path.with_suffix(path.suffix + ".part")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    partial.replace(path)
