"""What operators ask of an exchange: what lies aside, and to handle it again."""

from fastapi import APIRouter

from chassis.security.keys import KeyRing
from chassis.security.principal import Verifier
from chassis.web.operations import dead_letter_routes
from services.gateway.exchange.process import Exchange


def router(exchange: Exchange) -> APIRouter:
    """As every service has them; the principal is signed by the gateway itself."""
    verifier = Verifier(KeyRing({}, {"principal": exchange.ring.secrets["principal"]}), "gateway")
    return dead_letter_routes(exchange.consumers, verifier)
