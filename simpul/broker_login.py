"""What commands that talk to the broker share: its administrator's login, the names on it, and their options."""

import os
from pathlib import Path

import click
from pydantic import ValidationError

from contracts.topics import Names
from deploy.local.errors import CannotProceed
from deploy.local.kafka import KafkaLogin
from services.gateway.broker import Login
from services.gateway.settings import PartnerLimits, Replication
from simpul.machine import DATA

IN_FOLDER = click.option("--folder", type=click.Path(path_type=Path), default=DATA, show_default=True)


def names() -> Names:
    return Names(os.environ.get("TOPIC_PREFIX", ""))


def replication() -> Replication:
    """Raises CannotProceed for settings that contradict each other."""
    try:
        return Replication()
    except ValidationError as error:
        raise CannotProceed(error.errors()[0]["msg"]) from None


def partner_limits() -> PartnerLimits:
    """Raises CannotProceed for a setting that is no number or too small."""
    try:
        return PartnerLimits()
    except ValidationError as error:
        wrong = error.errors()[0]
        raise CannotProceed(f"{str(wrong['loc'][0]).upper()}: {wrong['msg']}") from None


def administrator(folder: Path) -> Login:
    """Of the broker that runs in a data folder, or that KAFKA_URL names. Raises CannotProceed where there is none."""
    login = KafkaLogin.given()
    if login is not None:
        return login.confluent
    if not (folder / "kafka" / "admin.password").exists():
        raise CannotProceed(f"Nothing was ever started in {folder}: `make run` first, or set KAFKA_URL.")
    from deploy.local.stack import Stack

    brokers = len(list((folder / "kafka").glob("data-*"))) or 1
    return Stack(folder, brokers=brokers).kafka.confluent
