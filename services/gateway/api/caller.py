"""Who calls, as a dependency of every route under /v1, and whether the table lets it in."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from contracts import authority
from contracts.commands import Principal
from contracts.outcomes import Refused
from services.gateway.tokens import Caller, Tokens

CallerOf = Callable[..., Awaitable[Caller]]
SCHEME = HTTPBearer(bearerFormat="JWT", auto_error=False, description="A token of the issuer (RS256).")


def authenticated(tokens: Tokens) -> CallerOf:
    """A dependency that gives the Caller.

    401 without a valid token, 400 `bad_header` with more than one, 403 `suspended` of a suspended organisation; 403
    where no row of `contracts/authority.py` has this route for the caller's kind, roles, functions and purpose.
    """

    async def caller(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(SCHEME)]
    ) -> Caller:
        if len(request.headers.getlist("authorization")) > 1:
            raise Refused("bad_header", "/headers/Authorization")
        token_holder = await tokens.verify(credentials.credentials if credentials else "")
        authority.check_door(f"{request.method} {request.scope['route'].path}", principal_at_door(token_holder))
        return token_holder

    return caller


def principal_at_door(caller: Caller) -> Principal:
    """The caller for the eyes of the gateway alone: a person goes by the issuer's own name."""
    user = None if caller.kind == "system" else caller.subject
    return Principal(
        organisation=caller.organisation, user=user, roles=caller.roles, purpose=caller.purpose,
        functions=caller.functions, succeeds=caller.succeeds,
    )  # fmt: skip
