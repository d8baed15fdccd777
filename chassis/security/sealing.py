"""Personal parts in transit: sealed for one service alone; and the gateway's own reply-to addresses."""

from __future__ import annotations

import base64
import os
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from pydantic_core import from_json, to_json

from chassis.security.keys import KeyRing
from contracts.commands import Sealed

HPKE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class CannotOpen(Exception):
    """The sealed part is damaged, or was sealed for another service, command or organisation."""


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@lru_cache(maxsize=64)
def _aes(key: bytes) -> AESGCM:
    return AESGCM(key)


def _context(message_type: str, command_id: str, organisation: str, service: str) -> bytes:
    return "\0".join((message_type, command_id, organisation, service)).encode()


class Sealer:
    """Seals for one service under one fresh data key; make one per batch."""

    def __init__(self, ring: KeyRing, service: str) -> None:
        self.service = service
        self.key_id = ring.current(f"sealing-{service}")
        data_key = AESGCM.generate_key(256)
        public = X25519PublicKey.from_public_bytes(ring.public_key(f"sealing-{service}"))
        self.wrapped = _text(HPKE.encrypt(data_key, public, info=self.key_id.encode()))
        self.cipher = AESGCM(data_key)

    def seal(self, plaintext: bytes, *, type: str, command_id: str, organisation: str) -> Sealed:  # noqa: A002
        """Seal one personal part, bound to the command that carries it."""
        nonce = os.urandom(12)
        context = _context(type, command_id, organisation, self.service)
        ciphertext = self.cipher.encrypt(nonce, plaintext, context)
        return Sealed(key_id=self.key_id, wrapped_key=self.wrapped, nonce=_text(nonce), ciphertext=_text(ciphertext))


class Opener:
    """Opens what was sealed for this service, by any version of its private key that the ring still holds."""

    def __init__(self, ring: KeyRing, service: str) -> None:
        self.ring, self.service = ring, service
        self.data_key = lru_cache(maxsize=512)(self._unwrap)

    def _unwrap(self, key_id: str, wrapped: str) -> AESGCM:
        private = X25519PrivateKey.from_private_bytes(self.ring.secret(f"sealing-{self.service}", key_id))
        try:
            return AESGCM(HPKE.decrypt(_bytes(wrapped), private, info=key_id.encode()))
        except (InvalidTag, ValueError):
            raise CannotOpen from None

    def open(self, sealed: Sealed, *, type: str, command_id: str, organisation: str) -> bytes:  # noqa: A002
        """The personal part. Raises CannotOpen, or MissingKey when the private key is gone."""
        cipher = self.data_key(sealed.key_id, sealed.wrapped_key)
        try:
            context = _context(type, command_id, organisation, self.service)
            return cipher.decrypt(_bytes(sealed.nonce), _bytes(sealed.ciphertext), context)
        except (InvalidTag, ValueError):
            raise CannotOpen from None


class LocalCipher:
    """Seals for oneself under a secret of the ring: the gateway's reply-to addresses, a service's parked payloads."""

    def __init__(self, ring: KeyRing, name: str) -> None:
        self.ring, self.name = ring, name
        ring.secret(name)

    def seal(self, data: bytes) -> bytes:
        """Version in use now, NUL, 12-byte nonce, ciphertext."""
        nonce, version = os.urandom(12), self.ring.current(self.name)
        return version.encode() + b"\0" + nonce + self._cipher(version).encrypt(nonce, data, self.name.encode())

    def open(self, sealed: bytes) -> bytes:
        """The reverse of `seal`. Raises CannotOpen."""
        version, _, rest = sealed.partition(b"\0")
        cipher = self._cipher(version.decode("ascii", "replace"))
        try:
            return cipher.decrypt(rest[:12], rest[12:], self.name.encode())
        except (InvalidTag, ValueError):
            raise CannotOpen from None

    def _cipher(self, version: str) -> AESGCM:
        return _aes(self.ring.secret(self.name, version))


class ReplyToCipher(LocalCipher):
    """What the gateway needs to answer a sender: travels with the command and comes back in its outcome."""

    def __init__(self, ring: KeyRing) -> None:
        super().__init__(ring, "reply-to")

    def seal_address(self, address: dict[str, Any]) -> str:
        """Seal an address as text."""
        return _text(self.seal(to_json(address)))

    def open_address(self, text: str) -> dict[str, Any]:
        """The address. Raises CannotOpen."""
        try:
            sealed = _bytes(text)
        except ValueError:
            raise CannotOpen from None
        address: dict[str, Any] = from_json(self.open(sealed))
        return address
