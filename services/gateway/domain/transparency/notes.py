"""Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint): what a log says of itself, under Ed25519 keys."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
ID_BYTES = 4
SIGNATURE = "— "


class BadNote(Exception):
    """A note or a key is malformed, or no valid signature of this key stands under it."""


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A verifier key: `<name>+<key id>+<base64 of algorithm and public key>`."""

    name: str
    public: bytes

    @classmethod
    def parse(cls, text: str) -> NoteKey:
        """Raises BadNote."""
        name, _, rest = text.strip().partition("+")
        identity, _, encoded = rest.partition("+")
        raw = decoded(encoded)
        key = cls(name, raw[1:])
        if raw[:1] != ED25519 or len(key.public) != 32 or identity != key.id.hex() or not _is_name(name):
            raise BadNote("this is no Ed25519 verifier key")
        return key

    @property
    def id(self) -> bytes:
        """Four bytes of SHA-256 over name, newline, algorithm and public key."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encoded(ED25519 + self.public)}"


def note_key(name: str, private: bytes) -> NoteKey:
    """The verifier key of a raw private key (32 bytes)."""
    return NoteKey(name, Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw())


def signed(text: str, name: str, private: bytes) -> bytes:
    """A note with one signature. Raises BadNote for a text that does not end with a newline."""
    if not text.endswith("\n") or not _is_name(name):
        raise BadNote("a note ends with a newline, and a key has a name without spaces and plus signs")
    signature = Ed25519PrivateKey.from_private_bytes(private).sign(text.encode())
    return f"{text}\n{SIGNATURE}{name} {encoded(note_key(name, private).id + signature)}\n".encode()


def opened(note: bytes, key: NoteKey) -> str:
    """The text of a note that this key signed; signatures of others are passed over. Raises BadNote."""
    try:
        whole = note.decode()
    except UnicodeDecodeError:
        raise BadNote("a note is UTF-8") from None
    text, gap, signatures = whole.rpartition("\n\n")
    if not gap or not signatures.endswith("\n") or any(ord(letter) < 32 and letter != "\n" for letter in whole):
        raise BadNote("a note is text, an empty line, and signatures")
    text += "\n"
    valid = [_valid(line, text, key) for line in signatures[:-1].split("\n")]
    if not any(valid):
        raise BadNote("no signature of this key")
    return text


def _valid(line: str, text: str, key: NoteKey) -> bool:
    """False for the line of another key. Raises BadNote for a line that is none, or a wrong signature of this key."""
    name, _, encoded = line.removeprefix(SIGNATURE).partition(" ")
    raw = decoded(encoded)
    if not line.startswith(SIGNATURE) or not _is_name(name) or len(raw) <= ID_BYTES:
        raise BadNote("a signature line is malformed")
    if (name, raw[:ID_BYTES]) != (key.name, key.id):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(raw[ID_BYTES:], text.encode())
    except InvalidSignature:
        raise BadNote("a signature of this key is wrong") from None
    return True


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(letter.isspace() for letter in name)


def encoded(raw: bytes) -> str:
    """Base64 of RFC 4648 section 4."""
    return base64.b64encode(raw).decode()


def decoded(text: str) -> bytes:
    """The bytes of it, of which there is no second way to write them. Raises BadNote."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote("this is no base64") from None
    if encoded(raw) != text:
        raise BadNote("this is no canonical base64")
    return raw


# -- checkpoints


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """That a log had this size and root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{encoded(self.root)}\n"

    def signed(self, private: bytes) -> bytes:
        """As a note under a key of the origin's name."""
        return signed(self.text, self.origin, private)


def checkpoint(note: bytes, key: NoteKey) -> Checkpoint:
    """What a log signed; its origin is the name of its key. Raises BadNote."""
    signed_checkpoint = read_checkpoint(opened(note, key))
    if signed_checkpoint.origin != key.name:
        raise BadNote("this is the checkpoint of another log")
    return signed_checkpoint


def read_checkpoint(text: str) -> Checkpoint:
    """The first three lines of a checkpoint. Raises BadNote."""
    lines = text.split("\n")
    if len(lines) < 4 or not (lines[1].isascii() and lines[1].isdigit()) or lines[1] != str(int(lines[1])):
        raise BadNote("this is no checkpoint")
    root = decoded(lines[2])
    if not lines[0] or len(root) != 32:
        raise BadNote("this is no checkpoint")
    return Checkpoint(lines[0], int(lines[1]), root)


def inclusion_text(index: int, proof: Sequence[bytes], note: bytes) -> bytes:
    """A proof that stands by itself (C2SP tlog-proof)."""
    lines = ["c2sp.org/tlog-proof@v1", f"index {index}", *map(encoded, proof), ""]
    return "\n".join(lines).encode() + b"\n" + note


def witness_request(old: int, proof: Sequence[bytes], note: bytes) -> bytes:
    """What a witness takes at `add-checkpoint` (C2SP tlog-witness), and a proof that the log only grew since `old`."""
    return "\n".join([f"old {old}", *map(encoded, proof), ""]).encode() + b"\n" + note
