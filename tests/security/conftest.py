"""The gateway's tokens of two issuers: the platform's, and one of a partner's own."""

import json
from pathlib import Path

import pytest
from joserfc.jwk import KeySet

from contracts.authority import PLATFORM
from services.gateway.tokens import Tokens
from services.gateway.tokens.issuers import EVERY, Issuer
from tests.security.tokens import KEY, PARTNER_ISSUER, PARTNER_KEY, PLATFORM_ISSUER


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    (tmp_path / "own.json").write_text(json.dumps(KeySet([KEY]).as_dict(private=False)))
    (tmp_path / "partner.json").write_text(json.dumps(KeySet([PARTNER_KEY]).as_dict(private=False)))
    clients = ("simpul-*", "system-*")
    return Tokens(
        [
            Issuer(
                issuer=PLATFORM_ISSUER, jwks=str(tmp_path / "own.json"), clients=clients,
                organisations=(EVERY, PLATFORM),
            ),
            Issuer(
                issuer=PARTNER_ISSUER, jwks=str(tmp_path / "partner.json"), clients=("kp2mi-portal",),
                organisations=("KP2MI", "BP3MI-*"), max_age_seconds=3600,
            ),
        ]
    )  # fmt: skip
