"""Persons and claims as documents, and documents of every age as persons and claims."""

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.model import Moment
from services.registry.domain.actions import Action
from services.registry.domain.identifiers import IdentifierEntry
from services.registry.domain.merge_records import MergeRecord
from services.registry.domain.person import Person, Redirect, Stored
from services.registry.domain.state import fold, in_order

SOMEBODY = "somebody"
"""The other carrier of an identifier where a document tells only that there is one."""


def claim_document(claim: IdentifierEntry) -> dict[str, Any]:
    """As it is to be saved, one revision on."""
    return {"_id": claim.id, "revision": claim.revision + 1, "persons": list(claim.persons)}


def claim_of(document: Mapping[str, Any]) -> IdentifierEntry:
    """As it was read."""
    return IdentifierEntry(document["_id"], document["revision"], tuple(document["persons"]))


def person_document(stored: Stored) -> dict[str, Any]:
    """As it is to be saved, one revision on; an absorbed person is in no list."""
    document: dict[str, Any] = {
        "_id": stored.id,
        "page": stored.id,
        "revision": stored.revision + 1,
        "version": stored.version,
        "recorded_at": stored.recorded_at,
    }
    return document | ({"into": stored.into} if isinstance(stored, Redirect) else _facts_document(stored))


def _facts_document(person: Person) -> dict[str, Any]:
    facets = person.state.facets
    document: dict[str, Any] = {
        "status": facets.status,
        "flags": [flag.code for flag in person.state.flags],
        "owner": facets.owner,
        "home_regency": facets.home_regency,
        "destination": facets.destination,
        "actions": [_action_document(action, person.id) for action in person.actions],
    }
    return document | ({"joins": [_join_document(join) for join in person.joins]} if person.joins else {})


def person_of(document: Mapping[str, Any]) -> Stored:
    """As it was read."""
    kept = {name: document[name] for name in ("revision", "version", "recorded_at")}
    if "into" in document:
        return Redirect(document["_id"], **kept, into=document["into"])
    actions = in_order(_action(one, document["_id"]) for one in document["actions"])
    joins = tuple(_join(one) for one in document.get("joins", ()))
    return Person(document["_id"], **kept, actions=actions, joins=joins, state=fold(actions))


def _action_document(action: Action, person: str) -> dict[str, Any]:
    """`home` and `shared` are seldom there: an action is at home where it stands, and its identifiers are its own."""
    document: dict[str, Any] = {
        "kind": action.kind,
        "command_id": action.command_id,
        "owner": action.owner,
        "at": action.occurred.at,
        "offset": action.occurred.offset,
        "precision": action.occurred.precision,
        "recorded_at": action.recorded_at,
        "facts": action.facts,
        "personal": action.personal,
    }
    if action.home != person:
        document["home"] = action.home
    if action.shared:
        document["shared"] = list(action.shared)
    return document


def _action(document: Mapping[str, Any], person: str) -> Action:
    return Action(
        home=document.get("home", person),
        kind=document["kind"],
        command_id=document["command_id"],
        owner=document["owner"],
        occurred=Moment(at=document["at"], offset=document["offset"], precision=document["precision"]),
        recorded_at=document["recorded_at"],
        facts=document["facts"],
        personal=document["personal"],
        shared=_shared(document.get("shared", ())),
    )


def _shared(stored: bool | Sequence[str]) -> tuple[str, ...]:
    """Documents of the first story told only whether somebody else carries an identifier."""
    if isinstance(stored, bool):
        return (SOMEBODY,) if stored else ()
    return tuple(stored)


def _join_document(join: MergeRecord) -> dict[str, Any]:
    return {
        "kind": join.kind,
        "survivor": join.survivor,
        "absorbed": join.absorbed,
        "command_id": join.command_id,
        "by": join.by,
        "because": join.because,
        "recorded_at": join.recorded_at,
        "facts": join.facts,
    }


def _join(document: Mapping[str, Any]) -> MergeRecord:
    return MergeRecord(**document)
