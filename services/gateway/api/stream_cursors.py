"""Cursors of the stream as callers hold them: sealed, because the position in the log counts what others were told."""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from chassis.security.keys import KeyRing
from contracts.outcomes import Refused

NONCE, BLOCK = 16, 128
"""Bytes. Positions are padded to whole blocks, so that a length tells no number either."""


class StreamCursors:
    """Seals positions of the feed, in the same way in every process of the api.

    No two sealed cursors are alike, though they stand for one position: that nothing happened is not told either.
    """

    def __init__(self, ring: KeyRing) -> None:
        self._cipher = AESSIV(ring.mac("intake", "stream cursor"))

    def seal(self, position: str) -> str:
        """A feed's cursor, as its callers get it."""
        plain, nonce = position.encode(), os.urandom(NONCE)
        padded = plain.ljust(-(-len(plain) // BLOCK) * BLOCK)
        return base64.urlsafe_b64encode(nonce + self._cipher.encrypt(padded, [nonce])).decode()

    def open(self, cursor: str) -> str:
        """The reverse. Raises Refused `cursor_expired` for whatever was not sealed here."""
        try:
            sealed = base64.b64decode(cursor.encode("ascii"), b"-_", validate=True)
            return self._cipher.decrypt(sealed[NONCE:], [sealed[:NONCE]]).decode().rstrip()
        except (ValueError, InvalidTag):
            raise Refused("cursor_expired") from None
