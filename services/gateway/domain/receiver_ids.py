"""The ids under which one receiver knows people and messages: useless to any other, and never joined with theirs."""

import base64
import uuid
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chassis.security.keys import KeyRing, keyed, uuid_of


class UnknownToken(Exception):
    """The token was not issued to this organisation."""


@lru_cache(maxsize=4096)
def _receiver_key(master: bytes, organisation: str, use: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=use + b"\0" + organisation.encode()).derive(master)


@lru_cache(maxsize=4096)
def _cipher(master: bytes, scope: str) -> AESSIV:
    return AESSIV(_receiver_key(master, scope, b"person-token", 64))


@lru_cache(maxsize=65_536)
def _token(master: bytes, organisation: str, person: str, pseudonym: str) -> str:
    sealed = _cipher(master, _scope(organisation, pseudonym)).encrypt(uuid.UUID(person).bytes, None)
    return "p_" + base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def _scope(organisation: str, pseudonym: str) -> str:
    return f"{organisation}\0{pseudonym}" if pseudonym else organisation


def person_token(ring: KeyRing, organisation: str, person: str, pseudonym: str = "") -> str:
    """The receiver's own, stable id of a person (AES-SIV, RFC 5297, under a key derived for that receiver).

    `pseudonym` is the id of a pseudonymised agreement, whose ids lead to none that the receiver has otherwise.
    """
    return _token(ring.secret("copies", "1"), organisation, person, pseudonym)


def person_of(ring: KeyRing, organisation: str, token: str) -> str:
    """The platform's person id behind a receiver's token. Raises UnknownToken, also for every pseudonym."""
    siv = _cipher(ring.secret("copies", "1"), organisation)
    try:
        sealed = base64.b64decode(token.removeprefix("p_") + "=" * (-len(token.removeprefix("p_")) % 4), b"-_", True)
        person = str(uuid.UUID(bytes=siv.decrypt(sealed, None)))
    except (InvalidTag, ValueError):
        raise UnknownToken from None
    if person_token(ring, organisation, person) != token:
        raise UnknownToken
    return person


def person_of_any(ring: KeyRing, organisations: Iterable[str], token: str) -> str:
    """As `person_of`, of the first of several organisations to which the token was issued."""
    for organisation in organisations:
        with suppress(UnknownToken):
            return person_of(ring, organisation, token)
    raise UnknownToken


def receiver_id(ring: KeyRing, organisation: str, *parts: str | bytes, pseudonym: str = "") -> str:
    """An id that only means something to one receiver: of a copy, a receipt, a correlation (UUIDv8 text)."""
    key = _receiver_key(ring.secret("copies", "1"), _scope(organisation, pseudonym), b"copy-id", 32)
    return uuid_of(keyed(key, *parts))
