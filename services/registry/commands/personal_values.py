"""The personal values of a command, and the identifiers among them."""

from collections.abc import Iterator, Mapping

from chassis.commands.types import Command
from services.registry.domain.identifiers import SYSTEMS, System

Identifier = tuple[System, str]


def personal_of(command: Command) -> dict[str, str]:
    """The personal values of a record; what was not given is absent."""
    personal = command.personal
    return {name: value for name, value in personal.__dict__.items() if value is not None} if personal else {}


def identifiers(personal: Mapping[str, str]) -> Iterator[Identifier]:
    """The identifiers of a record, the strongest first."""
    for system in SYSTEMS:
        if value := personal.get(system):
            yield system, value
