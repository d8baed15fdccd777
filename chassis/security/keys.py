"""The key ring of one process: keyed hashes, and ids made of them."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

READ_EVERY_SECONDS = 2.0
"""So that a new version is known to every process within five seconds."""


class MissingKey(Exception):
    """The key ring of this process lacks a key that it needs."""


class FixedKey(Exception):
    """A key ring changes a key that stays for the life of an installation; the text names it."""


@dataclass
class KeyRing:
    """Named secrets: {name: {"current": version, "versions": {version: base64}}}, "fixed": true for one that stays.

    A ring file is JSON: {"secrets": {…}, "public": {…}}. `public` holds the public keys of others, in the same form.
    A process holds only the keys that it needs. Whoever keeps something made of a key asks for `current` at each use.
    """

    secrets: dict[str, dict[str, Any]]
    public: dict[str, dict[str, Any]] = field(default_factory=dict)
    path: Path | None = None

    @classmethod
    def load(cls, path: Path) -> KeyRing:
        """Read a ring file. Raises MissingKey when there is none, or something else."""
        try:
            ring = json.loads(path.read_bytes())
            return cls(ring.get("secrets", {}), ring.get("public", {}), path)
        except FileNotFoundError:
            raise MissingKey(f"no key ring at {path}") from None
        except OSError as error:
            raise MissingKey(f"the key ring {path} cannot be read: {error.strerror}") from None
        except (ValueError, AttributeError):
            raise MissingKey(f"{path} is no key ring") from None

    async def refresh(self) -> None:
        """Take what the file says now. Raises MissingKey or FixedKey, and then nothing has changed."""
        if self.path is None:
            return
        fresh = KeyRing.load(self.path)
        if (fresh.secrets, fresh.public) == (self.secrets, self.public):
            return
        _require_compatible(self.secrets, fresh.secrets)
        _require_compatible(self.public, fresh.public)
        self.secrets, self.public = fresh.secrets, fresh.public

    def secret(self, name: str, version: str | None = None) -> bytes:
        """The raw secret, by default its current version. Raises MissingKey."""
        return _key(self.secrets, name, version)

    def public_key(self, name: str, version: str | None = None) -> bytes:
        """Raw public key of another. Raises MissingKey."""
        return _key(self.public, name, version)

    def public_keys(self, name: str) -> list[bytes]:
        """Every version of a public key of another, the current one first. Raises MissingKey."""
        current = self.public_key(name)
        others = [_decoded(text) for text in self.public[name]["versions"].values()]
        return [current, *(key for key in others if key != current)]

    def current(self, name: str) -> str:
        """Version of a key in use now."""
        entry = self.secrets.get(name) or self.public.get(name)
        if not entry:
            raise MissingKey(f"the key ring has no key {name!r}")
        return str(entry["current"])

    def mac(self, name: str, *parts: str | bytes) -> bytes:
        """HMAC-SHA256 (32 bytes) of the parts, each length-prefixed, under the current version of key `name`."""
        return keyed(self.secret(name), *parts)

    def id(self, name: str, *parts: str | bytes) -> str:
        """A UUIDv8 (RFC 9562 section 5.8) of the same hash, as text."""
        return uuid_of(self.mac(name, *parts))


def _require_compatible(old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]]) -> None:
    """Raises MissingKey or FixedKey unless `new` has every key of `old`, whole, and the fixed ones unchanged."""
    for name, entry in old.items():
        _key(new, name, None)
        if entry.get("fixed") and entry != new[name]:
            raise FixedKey(f"the key {name!r} never changes")


def _key(keys: dict[str, dict[str, Any]], name: str, version: str | None) -> bytes:
    try:
        entry = keys[name]
        return _decoded(entry["versions"][version or entry["current"]])
    except KeyError:
        raise MissingKey(f"the key ring has no key {name!r}") from None


@lru_cache(maxsize=256)
def _decoded(text: str) -> bytes:
    return base64.b64decode(text)


def keyed(key: bytes, *parts: str | bytes) -> bytes:
    """HMAC-SHA256 over length-prefixed parts, so that no two lists of parts run together."""
    prefixed: list[bytes] = []
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        prefixed += (len(data).to_bytes(4, "big"), data)
    return hmac.digest(key, b"".join(prefixed), "sha256")


def uuid_of(digest: bytes) -> str:
    """A UUIDv8 made of the first 16 bytes of a digest."""
    text = digest[:16].hex()
    variant = "89ab"[digest[8] >> 4 & 3]
    return f"{text[:8]}-{text[8:12]}-8{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"
