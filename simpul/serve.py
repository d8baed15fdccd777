"""`simpul serve`: one process of Simpul, with its settings from the environment."""

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import click
from pydantic import ValidationError
from starlette.types import ASGIApp

from chassis.security.keys import MissingKey
from chassis.settings import problems_of
from chassis.web import listeners
from chassis.web.listeners import Listener

APPS = {
    "registry": "services.registry.app:create_app",
    "indicators": "services.indicators.app:create_app",
    "alerts": "services.notifications.alerts.app:create_app",
    "gateway-api": "services.gateway.app:create_api",
    "gateway-exchange": "services.gateway.app:create_exchange",
    "gateway-exchange-urgent": "services.gateway.app:create_exchange_urgent",
}


@click.command()
@click.argument("process", type=click.Choice(list(APPS)))
def serve(process: str) -> None:
    """Run one process until SIGTERM; its settings are environment variables (docs/operations.md)."""
    module, _, create = APPS[process].partition(":")
    settings = _settings(module.removesuffix(".app") + ".settings")
    app = _app(getattr(import_module(module), create), settings)
    listeners.serve(_listeners(process, app, settings))


def _listeners(process: str, app: ASGIApp, settings: Any) -> Sequence[Listener]:
    """The api has one for partners and one for operators; every other process is ours alone."""
    if process == "gateway-api":
        from services.gateway.app import api_listeners

        return api_listeners(app, settings)
    return (Listener(app, settings.host, settings.port, settings.server_tls),)


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
        for problem in problems_of(invalid):
            click.echo(problem, err=True)
        sys.exit(2)
