"""What operators ask of the exchange: what is parked, and to process it again."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from chassis.keys import KeyRing
from chassis.principal import Verifier
from contracts.commands import Principal
from contracts.outcomes import Refused
from services.gateway.exchange.process import Exchange


def router(exchange: Exchange) -> APIRouter:
    """GET /parked, POST /parked/replay; the principal is signed by the gateway itself."""
    ring = exchange.ring
    verifier = Verifier(KeyRing({}, {"principal": ring.secrets["principal"]}), "gateway")
    routes = APIRouter(tags=["operations"])
    Caller = Annotated[Principal, Depends(verifier)]  # noqa: N806  # a type

    def operator(caller: Principal) -> None:
        if "operator" not in caller.roles:
            raise Refused("not_permitted")

    @routes.get("/parked", summary="Messages put aside, oldest first, without their content")
    async def parked(caller: Caller) -> list[dict[str, Any]]:
        operator(caller)
        return [dict(found) for found in await exchange.parking.list()]

    @routes.post("/parked/replay", summary="Process parked messages again, in order of key")
    async def replay(caller: Caller) -> dict[str, int]:
        operator(caller)
        return await exchange.replay()

    @routes.post("/parked/give-up", summary="End one parked message for good: its sender is told platform_gave_up")
    async def give_up(parked_id: str, caller: Caller) -> dict[str, int]:
        operator(caller)
        await exchange.give_up(parked_id)
        return {"ended": 1}

    return routes
