"""Bearer tokens of this machine's own issuer."""

from pathlib import Path
from typing import Literal

from joserfc.jwk import RSAKey

from deploy.local.errors import CannotProceed
from deploy.local.keys import TOKEN_KEY
from services.gateway import tokens

ISSUER, AUDIENCE = "https://simpul.local", "simpul"
"""What the api that `deploy/local` starts takes."""


def issue_token(
    keys: Path, organisation: str, subject: str, roles: tuple[str, ...] = (), *,
    kind: Literal["person", "system"] = "person", purpose: str | None = None, hours: float = 12,
    issuer: str = ISSUER, audience: str = AUDIENCE,
) -> str:  # fmt: skip
    """A token signed with the key in the folder `keys`.

    Raises CannotProceed where there is none, ValueError for an organisation that is not in the code list.
    """
    return tokens.issue(
        _key(keys / TOKEN_KEY), issuer=issuer, audience=audience, organisation=organisation, subject=subject,
        roles=roles, kind=kind, purpose=purpose, hours=hours,
    )  # fmt: skip


def _key(file: Path) -> RSAKey:
    try:
        return RSAKey.import_key(file.read_bytes())
    except FileNotFoundError:
        raise CannotProceed(f"No token issuer in {file.parent}: `make run` makes one.") from None
