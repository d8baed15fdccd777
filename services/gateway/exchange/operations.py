"""What operators ask of the exchange: what is parked, and to process it again."""

from typing import Any

from fastapi import APIRouter, Depends

from chassis.keys import KeyRing
from chassis.operations import operators_only
from chassis.principal import Verifier
from services.gateway.exchange.process import Exchange


def router(exchange: Exchange) -> APIRouter:
    """GET /parked, POST /parked/replay; the principal is signed by the gateway itself."""
    ring = exchange.ring
    verifier = Verifier(KeyRing({}, {"principal": ring.secrets["principal"]}), "gateway")
    routes = APIRouter(tags=["operations"], dependencies=[Depends(operators_only(verifier))])

    @routes.get("/parked", summary="Messages put aside, oldest first, without their content")
    async def parked() -> list[dict[str, Any]]:
        return [dict(found) for found in await exchange.parking.list()]

    @routes.post("/parked/replay", summary="Process parked messages again, in order of key")
    async def replay() -> dict[str, int]:
        return await exchange.replay()

    @routes.post("/parked/give-up", summary="End one parked message for good: its sender is told platform_gave_up")
    async def give_up(parked_id: str) -> dict[str, int]:
        await exchange.give_up(parked_id)
        return {"ended": 1}

    return routes
