"""Constructs the gateway's two processes: the only file that does."""

from datetime import timedelta

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.types import ASGIApp

from chassis import telemetry
from chassis.messaging.retry import Outage
from chassis.service import running
from chassis.web.app import create_app
from chassis.web.listeners import Listener, Paths
from contracts.authority import PLATFORM, TABLE
from services.gateway.api.invalid_request import invalid_request
from services.gateway.api.json_body import StrictJson
from services.gateway.api.openapi import describe_problems
from services.gateway.api.process import Api
from services.gateway.api.rate_limits import Policy, RateLimitHeaders, RateLimits
from services.gateway.api.request_size import BodyLimit
from services.gateway.api.traces import CleanTraces
from services.gateway.exchange import operations
from services.gateway.exchange.process import Exchange
from services.gateway.settings import Seen, Settings
from services.gateway.store.web_sessions import WebSessions
from services.gateway.tokens import Tokens
from services.gateway.tokens.issuers import EVERY, Issuer, read_issuers
from services.gateway.web.app import create_web
from services.gateway.web.options import WebOptions

HEALTH = ("/healthz", "/readyz")
OPERATORS_PATHS: dict[Seen, tuple[str, ...]] = {
    "docs": ("/", "/docs"),  # / leads to /docs
    "metrics": ("/metrics",),
    "operations": ("/v1/operations",),
}
"""What partners do not see unless PARTNERS_SEE says so. /openapi.json they do: clients are made of it."""
DESCRIPTION = """The boundary of Simpul over HTTPS.

Every request carries a bearer token of the issuer. Errors are problem+json (RFC 9457) with a stable `code` and whose
`fault` it is. Repeat a write with the same `Idempotency-Key`: it is done once. A write that is not settled within two
seconds answers 202; its `Location` tells what became of it, and nothing accepted is lost.
"""


def create_exchange(settings: Settings) -> FastAPI:
    """The exchange of loads: consumes and delivers for as long as it runs. Raises MissingKey."""
    return _exchange(settings, urgent=False)


def create_exchange_urgent(settings: Settings) -> FastAPI:
    """The exchange of alerts, in a process of its own. Raises as `create_exchange` does."""
    return _exchange(settings, urgent=True)


def _exchange(settings: Settings, *, urgent: bool) -> FastAPI:
    name = "gateway-exchange-urgent" if urgent else "gateway-exchange"
    telemetry.setup(settings, name)
    exchange = Exchange(
        settings,
        addresses=settings.services,
        urgent=urgent,
        log_name=settings.transparency_name,
        log_folder=settings.transparency_folder,
        adopted=settings.agreements_file,
    )
    app = create_app(
        f"Simpul {name}",
        lifespan=running(exchange.run, exchange.stop),
        ready=exchange.ready,
        routers=[operations.router(exchange)],
    )
    app.state.exchange = exchange
    return app


def _rate_limits(settings: Settings) -> RateLimits:
    return RateLimits(
        Policy("person", settings.http_person_per_second, settings.http_person_burst),
        Policy("organisation", settings.http_organisation_per_second, settings.http_organisation_burst),
    )


def create_api(settings: Settings) -> ASGIApp:
    """The api: people, dashboards, and systems without a Kafka client. Raises as `create_exchange` does."""
    telemetry.setup(settings, "gateway-api")
    api = Api(
        settings,
        addresses=settings.services,
        tokens=Tokens(_issuers(settings), tls=settings.public_tls),
        limits=_rate_limits(settings),
        write_wait=settings.write_wait_seconds,
        adopts=settings.agreements_file is not None,
    )
    app = create_app(
        "Simpul",
        description=DESCRIPTION,
        lifespan=running(api.run, api.stop),
        ready=api.ready,
        routers=api.routers(),
        errors={Outage: "unavailable"},
    )
    describe_problems(app)
    app.add_exception_handler(RequestValidationError, invalid_request)
    app.add_middleware(StrictJson)
    app.add_middleware(BodyLimit)
    app.add_middleware(RateLimitHeaders)
    return CleanTraces(_with_pages(app, api, settings) if settings.web_issuer else app)


def _with_pages(app: FastAPI, api: Api, settings: Settings) -> ASGIApp:
    """The web in front of the api. Raises MissingKey."""
    options = WebOptions(
        address=settings.web_address,
        issuer=settings.web_issuer or "",
        client=settings.web_client,
        client_secret=settings.web_client_secret.get_secret_value() if settings.web_client_secret else None,
        purposes=tuple(settings.web_purposes.split(",")),
        idle=timedelta(minutes=settings.web_idle_minutes),
        absolute=timedelta(hours=settings.web_absolute_hours),
        discovery=settings.web_discovery,
        tls=settings.public_tls,
    )
    return create_web(app, options, api.ring, WebSessions(api.database))


def api_listeners(app: ASGIApp, settings: Settings) -> tuple[Listener, ...]:
    """Partners and people at PORT, operators and Prometheus at OPERATIONS_PORT: neither answers what is the other's."""
    hidden = {path for seen, paths in OPERATORS_PATHS.items() if seen not in settings.partners_see for path in paths}
    if settings.web_issuer:
        hidden.discard("/")  # with pages it is one of them
    partners = Listener(Paths(app, but=sorted(hidden)), settings.host, settings.port, settings.partners_tls)
    if settings.operations_port is None:
        return (partners,)
    paths = (*HEALTH, *OPERATORS_PATHS["metrics"], *_asked_by_operators())
    return partners, Listener(Paths(app, only=paths), settings.host, settings.operations_port, settings.server_tls)


def _asked_by_operators() -> tuple[str, ...]:
    """Paths with a route that the table of who may do what opens to operators."""
    routes = (door.partition(" ")[2] for row in TABLE if row.kind == "operator" for door in row.doors)
    return tuple(sorted({route.partition("/{")[0] for route in routes if route.startswith("/v1/")}))


def _issuers(settings: Settings) -> tuple[Issuer, ...]:
    """The platform's own, which speaks for everybody, and those that speak for some."""
    own = Issuer(
        issuer=settings.token_issuer, audience=settings.token_audience, jwks=settings.token_jwks,
        clients=tuple(settings.token_clients.split(",")), organisations=(EVERY, PLATFORM),
        max_age_seconds=settings.token_max_age_seconds,
    )  # fmt: skip
    return (own, *(read_issuers(settings.token_issuers) if settings.token_issuers else ()))
