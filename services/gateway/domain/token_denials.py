"""Tokens that count no more before their time is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class TokenDenial:
    """One token by its id (`jti`), or all that a subject (`sub`) got up to `at`, of one issuer.

    `until` (UTC): every token that is meant is over then. `by`: the operator who denied it.
    """

    issuer: str
    kind: Literal["token", "subject"]
    value: str
    at: datetime
    until: datetime
    by: str
