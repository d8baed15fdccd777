"""What operators ask of the api itself: a pass under their own name, and tokens to be denied. Nothing personal."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from chassis import telemetry
from chassis.security.keys import KeyRing
from chassis.security.principal import PASS_SECONDS, Signer
from contracts.model import Model, StrictModel
from contracts.outcomes import Refused
from services.gateway.api.caller import authenticated
from services.gateway.api.openapi import BODY, refuses
from services.gateway.domain.token_denials import TokenDenial
from services.gateway.store.token_denials import TokenDenials
from services.gateway.tokens import Caller, Tokens

Text = Annotated[str, Field(min_length=1, max_length=4000)]


class OperatorPass(Model):
    """With the operators' key it lets one operator act at every process; alone it opens nothing."""

    name: str
    until: datetime
    signed: str


class Denial(StrictModel):
    """One token (its `jti`), or all that a person or system (`sub`) got up to now; `issuer` as their tokens name it."""

    issuer: Text
    token: Text | None = None
    subject: Text | None = None


class Denied(Model):
    """In force in every process within five seconds; forgotten when every token it means is over."""

    until: datetime


def router(tokens: Tokens, ring: KeyRing, denials: TokenDenials) -> APIRouter:
    """The routes under /v1/operations."""
    routes = APIRouter(prefix="/v1/operations", tags=["operations"])
    operator, signer = authenticated(tokens), Signer(ring)

    @routes.post("/pass", summary="A pass under your own name, for an hour at most", responses=refuses("not_permitted"))
    async def issue_pass(caller: Annotated[Caller, Depends(operator)]) -> OperatorPass:
        until = min(caller.expires, datetime.now(UTC).timestamp() + PASS_SECONDS)
        telemetry.log.info("operator", name=caller.name, method="POST", route="/v1/operations/pass")
        return OperatorPass(
            name=caller.name, until=datetime.fromtimestamp(until, UTC), signed=signer.issue_pass(caller.name, until)
        )

    @routes.post("/token-denials", summary="Deny a token before its time", responses=refuses("not_permitted", *BODY))
    async def deny(body: Denial, caller: Annotated[Caller, Depends(operator)]) -> Denied:
        if (body.token is None) == (body.subject is None):
            raise Refused("invalid_value", "/token")
        if body.issuer not in tokens.issuers:
            raise Refused("invalid_value", "/issuer")
        now = datetime.now(UTC)
        until = now + timedelta(seconds=tokens.longest_age)
        kind, value = ("token", body.token) if body.token is not None else ("subject", body.subject)
        await denials.put(TokenDenial(body.issuer, kind, value or "", now, until, caller.name))  # type: ignore[arg-type]
        telemetry.log.info("operator", name=caller.name, method="POST", route="/v1/operations/token-denials")
        return Denied(until=until)

    return routes
