"""What operators ask of the exchange: what is parked, and to process it again."""

from fastapi import APIRouter

from chassis.security.keys import KeyRing
from chassis.security.principal import Verifier
from chassis.web.operations import parked_routes
from services.gateway.exchange.process import Exchange


def router(exchange: Exchange) -> APIRouter:
    """As every service has them; the principal is signed by the gateway itself."""
    verifier = Verifier(KeyRing({}, {"principal": exchange.ring.secrets["principal"]}), "gateway")
    return parked_routes(exchange.parking, exchange.replay, exchange.give_up, verifier)
