"""Whatever a partner writes into a body: it is a command that its service can read, or it is refused."""

import json
from collections.abc import Iterator
from copy import deepcopy
from functools import partial
from typing import Any

import pytest

from contracts.commands import Principal
from contracts.outcomes import Refused
from services.gateway.domain.receiver_ids import person_of
from services.gateway.domain.submissions import read_submission
from services.gateway.domain.validation import MODELS
from tests.gateway.exchange.samples import NOW, RING, TYPES, headers

ODD: list[Any] = [
    None,
    "",
    " ",
    0,
    1e308,
    True,
    [],
    {},
    "\ud800",
    "\x00",
    "2026-13",
    "9999-12-31T23:59:59.999999-23:59",
    "0000",
    "١٢",
]
MISSING = object()
SENDERS = {"partner.identity.confirmed.v1": "KEMENDAGRI", "partner.departure.reported.v1": "KEMENIMIPAS"}
"""Who may state it, where KP2MI may not."""
Where = tuple[str | int, ...]


def places(value: Any, where: Where = ()) -> Iterator[Where]:
    """Of everything that stands in a body, itself included."""
    yield where
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield from places(part, (*where, name))


def changed(body: Any, where: Where, value: Any) -> bytes:
    body = deepcopy(body)
    parent = body
    for name in where[:-1]:
        parent = parent[name]
    if value is MISSING:
        del parent[where[-1]]
    else:
        parent[where[-1]] = value
    return json.dumps(body).encode()


def is_taken(kind: str, value: bytes) -> bool:
    """Whether it becomes a command. Raises what neither a sender nor a service is ever told."""
    sender = SENDERS.get(kind, "KP2MI")
    try:
        own = partial(person_of, RING, sender)
        draft = read_submission(
            headers(kind, source=f"/{sender}/x"), value, Principal(organisation=sender), own, NOW, urgent=False
        ).draft
    except Refused:
        return False
    for part in filter(None, (draft.body, draft.personal)):
        type(part).model_validate_json(part.model_dump_json(exclude_none=True))
    return True


@pytest.mark.parametrize("kind", TYPES)
def test_an_odd_value_anywhere_is_refused_or_taken_and_never_a_failure_of_ours(kind: str) -> None:
    body, optional = TYPES[kind], [(name,) for name in MODELS[kind].model_fields if name not in TYPES[kind]]
    where = [place for place in places(body) if place]
    assert is_taken(kind, json.dumps(body).encode())
    taken = [is_taken(kind, changed(body, place, value)) for place in (*where, *optional) for value in ODD]
    taken += [is_taken(kind, changed(body, place, MISSING)) for place in where]
    assert not all(taken)


@pytest.mark.parametrize("occurred", [1e308, [], {}])
@pytest.mark.parametrize("kind", TYPES)
def test_of_what_is_no_json_to_the_schema_no_content_is_looked_at(kind: str, occurred: Any) -> None:
    """Half a character (`\\ud800`) is JSON to one parser and not to the other: nothing in it has the type it should."""
    body = TYPES[kind] | {"occurred_at": occurred, "person": "\ud800"}
    assert not is_taken(kind, json.dumps(body).encode())
