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

from contracts.topics import DOMAIN_SERVICES

GATEWAY_SECRETS = ("intake", "digest", "partition", "copies", "reply-to", "parking", "audit")
TOKEN_KEY, TOKEN_JWKS = "token-private.pem", "jwks.json"


def ensure(folder: Path) -> Path:
    """Make `<folder>/{registry,indicators,alerts,gateway}.json`, the token issuer's key and its JWKS, once.

    Keys are never replaced: data sealed or hashed under them would be lost. Returns the folder.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / "gateway.json").exists():
        for name, ring in rings().items():
            write_secret(folder / f"{name}.json", json.dumps(ring, indent=1).encode())
    if not (folder / TOKEN_KEY).exists():
        _make_token_key(folder)
    return folder


def rings() -> dict[str, dict[str, Any]]:
    """Fresh rings of a whole installation, by service."""
    principal, principal_public = key_pair("principal")
    gateway: dict[str, Any] = {"secrets": {name: _fresh() for name in GATEWAY_SECRETS}, "public": {}}
    gateway["secrets"]["principal"] = _versions(principal)
    made = {"gateway": gateway}
    for service in DOMAIN_SERVICES:
        name = f"sealing-{service}"
        sealing, sealing_public = key_pair(name)
        gateway["public"][name] = _versions(sealing_public)
        own = {"parking": _fresh(), name: _versions(sealing)}
        if service == "registry":
            own["identifiers"] = _fresh()
        made[service] = {"secrets": own, "public": {"principal": _versions(principal_public)}}
    return made


def key_pair(name: str) -> tuple[bytes, bytes]:
    """A fresh private and public key as rings hold them: `principal` Ed25519 in PEM, `sealing-*` X25519 raw."""
    if name == "principal":
        signing = Ed25519PrivateKey.generate()
        private = signing.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return private, signing.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    sealing = X25519PrivateKey.generate()
    raw = sealing.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return raw, sealing.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _fresh() -> dict[str, Any]:
    return _versions(secrets.token_bytes(32))


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
