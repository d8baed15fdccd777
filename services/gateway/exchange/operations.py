"""What operators ask of an exchange: what lies aside, and to handle it again."""

from fastapi import APIRouter

from chassis.security.principal import Verifier
from chassis.web.operations import dead_letter_routes
from services.gateway.exchange.process import Exchange


def router(exchange: Exchange) -> APIRouter:
    """As every service has them; what is asked of one exchange is not for the other."""
    verifier = Verifier(exchange.ring, "gateway-exchange-urgent" if exchange.urgent else "gateway-exchange")
    return dead_letter_routes(exchange.consumers, verifier)
