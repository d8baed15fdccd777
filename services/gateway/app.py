"""Constructs the gateway's two processes: the only file that does."""

from fastapi import FastAPI
from starlette.types import ASGIApp

from chassis import telemetry
from chassis.messaging.retry import Outage
from chassis.service import running
from chassis.web.app import create_app
from services.gateway.api.process import Api
from services.gateway.api.request_size import BodyLimit
from services.gateway.api.traces import CleanTraces
from services.gateway.exchange import operations
from services.gateway.exchange.process import Exchange
from services.gateway.settings import Settings
from services.gateway.tokens import IssuerKeys, Tokens

DESCRIPTION = """The boundary of Simpul over HTTPS.

Every request carries a bearer token of the issuer. Errors are problem+json (RFC 9457) with a stable `code` and whose
`fault` it is. Repeat a write with the same `Idempotency-Key`: it is done once. A write that is not settled within two
seconds answers 202; its `Location` tells what became of it, and nothing accepted is lost.
"""


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


def create_api(settings: Settings) -> ASGIApp:
    """The api: people, dashboards, and systems without a Kafka client. Raises as `create_exchange` does."""
    telemetry.setup(settings, "gateway-api")
    keys = IssuerKeys(settings.token_jwks)
    tokens = Tokens(issuer=settings.token_issuer, audience=settings.token_audience, keys=keys)
    api = Api(settings, addresses=settings.services, tokens=tokens)
    app = create_app(
        "Simpul",
        description=DESCRIPTION,
        lifespan=running(api.run, api.stop),
        ready=api.ready,
        routers=api.routers(),
        errors={Outage: "unavailable"},
    )
    app.add_middleware(BodyLimit)
    return CleanTraces(app)
