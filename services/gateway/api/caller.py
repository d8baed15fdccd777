"""Who calls, as a dependency of every route under /v1."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from contracts.outcomes import Refused
from contracts.registry import is_steward
from services.gateway.tokens import Caller, Tokens

CallerOf = Callable[..., Awaitable[Caller]]
SCHEME = HTTPBearer(bearerFormat="JWT", auto_error=False, description="A token of the issuer (RS256).")


def authenticated(tokens: Tokens) -> CallerOf:
    """A dependency that gives the Caller; 401 without a valid token, 400 `bad_header` with more than one.

    Operators look after the platform and read nothing of what it carries: 403 `not_permitted`.
    """
    identify = _identified(tokens)

    async def caller(whoever: Annotated[Caller, Depends(identify)]) -> Caller:
        if whoever.kind == "operator":
            raise Refused("not_permitted")
        return whoever

    return caller


def operators(tokens: Tokens) -> CallerOf:
    """A dependency that gives an operator under his own name; 403 `not_permitted` for everybody else."""
    identify = _identified(tokens)

    async def caller(whoever: Annotated[Caller, Depends(identify)]) -> Caller:
        if whoever.kind != "operator":
            raise Refused("not_permitted")
        return whoever

    return caller


def _identified(tokens: Tokens) -> CallerOf:

    async def caller(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(SCHEME)]
    ) -> Caller:
        if len(request.headers.getlist("authorization")) > 1:
            raise Refused("bad_header", "/headers/Authorization")
        return await tokens.verify(credentials.credentials if credentials else "")

    return caller


def people(identify: CallerOf) -> CallerOf:
    """As `identify`, for people alone: 403 `not_permitted` for a system."""

    async def caller(person: Annotated[Caller, Depends(identify)]) -> Caller:
        if person.kind == "system":
            raise Refused("not_permitted")
        return person

    return caller


def stewards(identify: CallerOf) -> CallerOf:
    """As `people`, for stewards alone: 403 `not_permitted` for anybody else, as the registry would refuse them."""

    async def caller(person: Annotated[Caller, Depends(people(identify))]) -> Caller:
        if not is_steward(person.organisation, person.roles):
            raise Refused("not_permitted")
        return person

    return caller
