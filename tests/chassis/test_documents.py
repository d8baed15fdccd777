"""Dataclasses as documents and back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any, Literal, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.documents import AS_JSON, Codec, NotStorable
from contracts.model import Model, Moment

AT = datetime(2026, 4, 1, 2, 0, tzinfo=UTC)


class Colour(Enum):
    RED = "r"
    BLUE = "b"


class Step(NamedTuple):
    level: str
    weight: float = 1.0


class Details(Model):
    note: str | None = None
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    colour: Colour
    occurred: Moment
    second: Moment | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    id: str
    kind: Literal["A", "B"]
    parts: tuple[Part, ...]
    pair: tuple[str, str]
    at: datetime | None
    facts: Mapping[str, Any]
    value: float | str | bool | None
    keys: frozenset[str] = frozenset()
    steps: tuple[Step, ...] = ()
    details: Details = field(default_factory=Details)
    traits: Annotated[Mapping[str, str], AS_JSON] = field(default_factory=dict)
    revision: int = 0


CODEC = Codec(Whole)
LEAST = Whole("one", "A", (), ("x", "y"), None, {}, None)

moments = st.builds(
    Moment, at=st.just(AT), offset=st.sampled_from([420, 0, 480]), precision=st.sampled_from(["instant", "day", "year"])
)
wholes = st.builds(
    Whole,
    id=st.text(max_size=3),
    kind=st.sampled_from(["A", "B"]),
    parts=st.lists(st.builds(Part, st.sampled_from(Colour), moments, st.none() | moments), max_size=3).map(tuple),
    pair=st.tuples(st.text(max_size=2), st.text(max_size=2)),
    at=st.none() | st.just(AT),
    facts=st.dictionaries(st.text(max_size=2), st.integers() | st.booleans() | st.lists(st.text(max_size=2))),
    value=st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=2),
    keys=st.frozensets(st.text(max_size=2)),
    steps=st.lists(st.builds(Step, st.text(max_size=2), st.floats(allow_nan=False)), max_size=2).map(tuple),
    details=st.builds(Details, note=st.none() | st.text(max_size=2), links=st.lists(st.text(), max_size=2).map(tuple)),
    traits=st.dictionaries(st.text(max_size=2), st.text(max_size=2)),
    revision=st.integers(0, 3),
)


@given(wholes)
def test_what_was_written_is_read_again(whole: Whole) -> None:
    assert CODEC.read(CODEC.document(whole)) == whole


@given(wholes)
def test_a_document_holds_only_what_the_database_takes(whole: Whole) -> None:
    def check(value: Any) -> None:
        assert isinstance(value, dict | list | str | int | float | bool | bytes | datetime | None)
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            check(inner)

    check(CODEC.document(whole))


def test_what_has_its_default_is_left_out() -> None:
    assert CODEC.document(LEAST) == {
        "_id": "one",
        "kind": "A",
        "parts": [],
        "pair": ["x", "y"],
        "at": None,
        "facts": {},
        "value": None,
    }
    (part,) = Codec(Whole).document(Whole("one", "A", (Part(Colour.RED, Moment(at=AT)),), ("", ""), AT, {}, 0))["parts"]
    assert part == {"colour": "r", "occurred": {"at": AT}}


def test_what_is_left_out_is_not_shared_between_two_that_are_read() -> None:
    one, other = (CODEC.read(CODEC.document(LEAST)) for _ in range(2))
    assert one.traits == {}
    assert one.traits is not other.traits


def test_further_fields_of_a_document_are_left_aside_and_missing_ones_are_not() -> None:
    document = CODEC.document(LEAST)
    assert CODEC.read(document | {"page": "one", "status": "open"}) == LEAST
    document.pop("kind")
    with pytest.raises(KeyError, match="kind"):
        CODEC.read(document)


def test_a_field_that_follows_from_others_is_not_stored() -> None:
    @dataclass(frozen=True)
    class Sum:
        name: str
        numbers: tuple[int, ...]
        total: int

    codec = Codec(Sum, key="name", without=("total",), make=lambda name, numbers: Sum(name, numbers, sum(numbers)))
    assert codec.document(Sum("a", (1, 2), 3)) == {"_id": "a", "numbers": [1, 2]}
    assert codec.read({"_id": "a", "numbers": [1, 2]}) == Sum("a", (1, 2), 3)


@pytest.mark.parametrize("kind", [complex, tuple[Part, Step], Part | Step, Mapping[str, Part], set[str]])
def test_a_type_that_no_document_knows_is_found_when_the_codec_is_made(kind: Any) -> None:
    class Odd(NamedTuple):
        field: Any

    Odd.__annotations__["field"] = kind
    with pytest.raises(NotStorable):
        Codec(Odd)
