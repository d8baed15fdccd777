"""Persons and identifier entries as documents."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from chassis.documents import Codec
from services.registry.domain.actions import Action
from services.registry.domain.identifiers import IdentifierEntry
from services.registry.domain.merge_records import MergeRecord
from services.registry.domain.person import Person, Redirect, Stored
from services.registry.domain.state import fold, in_order


def _person(
    id: str,  # noqa: A002  # the field's name
    revision: int,
    version: int,
    recorded_at: datetime,
    actions: Iterable[Action],
    merge_records: tuple[MergeRecord, ...],
) -> Person:
    ordered = in_order(actions)
    return Person(id, revision, version, recorded_at, ordered, fold(ordered), merge_records)


ENTRIES = Codec(IdentifierEntry)
_PERSONS = Codec(Person, without=("state",), make=_person)
_REDIRECTS = Codec(Redirect)


def person_document(stored: Stored) -> dict[str, Any]:
    """With the fields that persons are listed by; an absorbed person is in no list."""
    if isinstance(stored, Redirect):
        document = _REDIRECTS.document(stored)
    else:
        facets = stored.state.facets
        document = _PERSONS.document(stored)
        document["status"], document["owner"] = facets.status, facets.owner
        document["flags"] = [flag.code for flag in stored.state.flags]
        document["home_regency"], document["destination"] = facets.home_regency, facets.destination
    document["page"] = stored.id
    return document


def person_of(document: Mapping[str, Any]) -> Stored:
    """As it was read."""
    return (_REDIRECTS if "into" in document else _PERSONS).read(document)
