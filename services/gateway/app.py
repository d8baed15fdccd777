"""Constructs the gateway's two processes: the only file that does."""

from fastapi import FastAPI

from chassis import telemetry
from chassis.http import create_app
from chassis.service import running
from services.gateway.exchange import operations
from services.gateway.exchange.process import Exchange
from services.gateway.settings import Settings


def create_exchange(settings: Settings) -> FastAPI:
    """The exchange: consumes and delivers for as long as it runs. Raises MissingKey, or ValueError for an agreement."""
    telemetry.setup(settings, "gateway-exchange")
    exchange = Exchange(settings)
    app = create_app(
        "Simpul gateway exchange",
        lifespan=running(exchange.run, exchange.stop),
        ready=exchange.ready,
        routers=[operations.router(exchange)],
    )
    app.state.exchange = exchange
    return app
