"""`simpul serve`: one process of Simpul, with its settings from the environment."""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import click
import uvicorn
from pydantic import ValidationError
from starlette.types import ASGIApp

from chassis.security.keys import MissingKey
from chassis.web.slow_clients import PunctualProtocol

APPS = {
    "registry": "services.registry.app:create_app",
    "indicators": "services.indicators.app:create_app",
    "alerts": "services.notifications.alerts.app:create_app",
    "gateway-api": "services.gateway.app:create_api",
    "gateway-exchange": "services.gateway.app:create_exchange",
    "gateway-exchange-urgent": "services.gateway.app:create_exchange_urgent",
}
GRACE_SECONDS = 25
MAX_CONNECTIONS = 2_000
"""Connections of one process at the same time; one more is answered 503."""


@click.command()
@click.argument("process", type=click.Choice(list(APPS)))
def serve(process: str) -> None:
    """Run one process until SIGTERM; its settings are environment variables (docs/operations.md)."""
    module, _, create = APPS[process].partition(":")
    settings = _settings(module.removesuffix(".app") + ".settings")
    app = _app(getattr(import_module(module), create), settings)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=PunctualProtocol,
        limit_concurrency=MAX_CONNECTIONS,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def _app(create: Callable[[Any], ASGIApp], settings: Any) -> ASGIApp:
    try:
        return create(settings)
    except MissingKey as missing:
        click.echo(f"KEYS: {missing}", err=True)
        sys.exit(2)


def _settings(module: str) -> Any:
    try:
        return import_module(module).Settings()
    except ValidationError as invalid:
        for error in invalid.errors(include_input=False, include_url=False):
            name = "_".join(str(part) for part in error["loc"]).upper()
            click.echo(f"{name}: {error['msg']}", err=True)
        sys.exit(2)
