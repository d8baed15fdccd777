"""Tokens denied before their time: the stolen one, or all of one subject up to then."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.gateway.domain.token_denials import TokenDenial
from services.gateway.tokens import Caller, Tokens
from tests.security.tokens import PLATFORM_ISSUER, code, of_partner, signed


def denial(caller: Caller, kind: Any, at: datetime | None = None, **changes: Any) -> TokenDenial:
    value = caller.token if kind == "token" else caller.subject
    now = at or datetime.now(UTC)
    return TokenDenial(changes.get("issuer", caller.issuer), kind, value, now, now + timedelta(hours=12), "wayan.adi")


async def test_a_denied_token_is_refused_and_others_of_its_holder_are_not(tokens: Tokens) -> None:
    stolen, kept = signed(), signed()
    caller = await tokens.verify(stolen)
    tokens.denied.replace([denial(caller, "token")])
    assert await code(tokens, stolen) == "unauthenticated"
    assert tokens.is_denied(caller)
    assert (await tokens.verify(kept)).subject == "officer-1"
    tokens.denied.replace([])
    await tokens.verify(stolen)


async def test_of_a_denied_subject_every_token_up_to_then_is_refused(tokens: Tokens) -> None:
    now = datetime.now(UTC)
    before, after = signed(iat=int(now.timestamp()) - 60), signed(iat=int(now.timestamp()) + 1)
    other = signed(sub="officer-2", iat=int(now.timestamp()) - 60)
    caller = await tokens.verify(before)
    tokens.denied.replace([denial(caller, "subject", now - timedelta(seconds=31))])
    assert await code(tokens, before) == "unauthenticated"
    await tokens.verify(after)
    await tokens.verify(other)


async def test_a_denial_of_one_issuer_means_nobody_of_another(tokens: Tokens) -> None:
    text = of_partner()
    caller = await tokens.verify(text)
    tokens.denied.replace([denial(caller, kind, issuer=PLATFORM_ISSUER) for kind in ("token", "subject")])
    await tokens.verify(text)


async def test_a_token_without_an_id_could_not_be_denied_and_is_refused(tokens: Tokens) -> None:
    for jti in (None, "", 7, ["a"]):
        assert await code(tokens, signed(jti=jti)) == "unauthenticated"
