"""The frame in which the gateway, timers and rules hand a command to a service."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from contracts.model import Model

Role = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]


class Principal(Model):
    """Who acts: an organisation code, for people an opaque user id, their roles, and the purpose that they name."""

    organisation: str
    user: str | None = None
    roles: tuple[Role, ...] = ()
    purpose: str | None = None
    functions: tuple[str, ...] | None = None
    """Of the organisation when the gateway took what it asks for; None: as the code list has them."""
    succeeds: tuple[str, ...] = ()
    """Organisations that it has taken over: what is theirs is its own."""

    @property
    def stands_for(self) -> tuple[str, ...]:
        """Its organisation, and those that this one has taken over."""
        return (self.organisation, *self.succeeds)


class Sealed(Model):
    """A personal part that one service alone can open (AES-256-GCM under a data key wrapped by HPKE, RFC 9180).

    All values are base64url without padding. The ciphertext is bound to type, command id, organisation and service.
    """

    key_id: str
    wrapped_key: str
    nonce: str
    ciphertext: str


class Frame(Model):
    """The value of a command message, around `body` (the models in registry.py, indicators.py, notifications.py)."""

    principal: Principal
    digest: str
    """Keyed digest of the sender's canonical body, so that another body under the same id is known."""
    reply_to: str | None = None
    """Handed back in the outcome untouched: sealed for the gateway."""
    sealed: Sealed | None = None
    body: dict[str, object]
