"""What the registry answers to the gateway over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from contracts.model import Id, Model
from contracts.registry.persons import Facets, FactKind, Flag, Isco, Scheme


class PersonWanted(Model):
    """A person of whom at least the state after version `at_least` is needed."""

    id: Id
    at_least: int = 0


class PersonsWanted(Model):
    """Body of POST /persons/read; `stated` asks for the kinds of fact that state each value, too."""

    persons: Annotated[tuple[PersonWanted, ...], Field(max_length=1000)]
    stated: bool = False


class PersonPart(Model):
    """What some facts of a person amount to alone: those known surely to be of one person."""

    facets: Facets
    personal: dict[str, str] = Field(default_factory=dict)
    stated: dict[str, tuple[FactKind, ...]] = Field(default_factory=dict)


class PersonState(Model):
    """A person as the registry knows them. `asof` (UTC) is when the newest of it was recorded.

    `personal` has the fields of PersonDetails, and `employer`; what is not known is absent. A state of the past has no
    version. `requested` is the id asked for, where that person was found to be `person`; `absorbed` those found to be
    it.
    """

    person: Id
    requested: Id | None = None
    absorbed: tuple[Id, ...] = ()
    version: int | None = None
    asof: datetime
    facets: Facets
    flags: tuple[Flag, ...] = ()
    episode: int
    scheme: Scheme | None = None
    occupation: Isco | None = None
    formal: bool | None = None
    contract_start: str | None = None
    contract_end: str | None = None
    identity_matched: bool | None = None
    personal: dict[str, str] = Field(default_factory=dict)
    stated: dict[str, tuple[FactKind, ...]] = Field(default_factory=dict)
    """Of each personal value and each fact that is stated: the kinds of fact that state what it is now."""
    unconfirmed: tuple[PersonPart, ...] = ()
    """Where a rule joined facts by a passport and no owner of an identifier confirmed it: what each part is alone.
    Nobody gains personal fields by such a join."""


class PersonStates(Model):
    """Answer to POST /persons/read; persons that do not exist are absent."""

    persons: tuple[PersonState, ...]


class PersonResolved(Model):
    """Answer to POST /persons/resolve, whose body is Identifiers.

    `candidates` are those whom the identifiers may be of where they lead to several, at most five; `person` is absent
    then.
    """

    person: Id | None
    candidates: tuple[Id, ...] = ()
