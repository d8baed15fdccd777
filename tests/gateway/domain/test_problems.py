"""A broken record is refused with everything that is wrong with it, what is allowed instead, and nothing of itself."""

import inspect
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.commands import Principal
from contracts.envelope import ATTRIBUTES
from contracts.outcomes import CODES, Problem, Refused
from services.gateway.domain import content, schema_problems
from services.gateway.domain.receiver_ids import person_of, person_token
from services.gateway.domain.schema_problems import MAX_PROBLEMS
from services.gateway.domain.submissions import read_submission
from services.gateway.domain.translation import translate
from services.gateway.domain.validation import ALLOWED_TYPES, MODELS, read_body, read_envelope
from tests.gateway.exchange.samples import (
    ANSWER,
    DISTRESS,
    NIK,
    NOW,
    PERSON,
    PLACEMENT,
    REGISTRATION,
    RING,
    TYPES,
    with_,
)
from tests.gateway.exchange.samples import headers as sample_headers

REGISTER, PLACE = "partner.registration.submitted.v1", "partner.placement.reported.v1"
THEIRS = person_token(RING, "KEMLU", PERSON)
REPLY, ALERT = "partner.answer.submitted.v1", "partner.alert.reported.v1"


def problems(kind: str, body: Any) -> list[Problem]:
    """Of a record of KP2MI; empty when it is accepted."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()

    def mine(name: str) -> str:
        return person_of(RING, "KP2MI", name)

    try:
        translate(read_body(kind, text, person_of=mine, now=NOW), mine, NOW)
    except Refused as refused:
        return list(refused.problems)
    return []


def named(found: list[Problem]) -> list[tuple[str, str, str | None]]:
    return [(one.code, one.pointer, one.allowed) for one in found]


def broken(body: dict[str, Any], **values: Any) -> dict[str, Any]:
    """The sample with other values; a double underscore stands for a point."""
    for path, value in values.items():
        body = with_(body, path.replace("__", "."), value)
    return body


def test_form_codes_dates_and_nik_are_refused_all_at_once() -> None:
    body = broken(
        REGISTRATION, occurred_at="2031-01-01", person__sex="X", person__nik="1", person__birth_date="1998-02-31",
        person__home_regency="99.99", episode__destination="ZZ", episode__scheme=None,
    )  # fmt: skip
    assert named(problems(REGISTER, body)) == [
        ("invalid_value", "/person/sex", "L or P"),
        ("missing_value", "/episode/scheme", "g_to_g, p_to_p, ukps or individual"),
        ("clock_out_of_range", "/occurred_at", None),
        ("nik_malformed", "/person/nik", None),
        ("invalid_value", "/person/birth_date", "a date YYYY-MM-DD, YYYY-MM or YYYY, as much of it as is known"),
        ("unknown_code", "/person/home_regency", "a regency or city of regions.csv"),
        ("unknown_code", "/episode/destination", "a country of ISO 3166-1 other than ID"),
    ]


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        (REGISTER, broken(REGISTRATION, ocurred_at="2026"), ("unknown_field", "", "occurred_at")),
        (REGISTER, broken(REGISTRATION, person__homeregency="33.07"), ("unknown_field", "/person", "home_regency")),
        (REGISTER, broken(REGISTRATION, nik=NIK), ("unknown_field", "", "type, occurred_at, person or episode")),
        (
            REGISTER, broken(REGISTRATION, **{"occurred_at" * 20: 1}),
            ("unknown_field", "", "type, occurred_at, person or episode"),
        ),
        (REGISTER, broken(REGISTRATION, episode__formal="yes"), ("invalid_value", "/episode/formal", "true or false")),
        (
            REGISTER, broken(REGISTRATION, episode__destination="Malaysia"),
            ("invalid_value", "/episode/destination", "two capitals, ISO 3166-1 alpha-2"),
        ),
        (
            REGISTER, broken(REGISTRATION, person__full_name=" "),
            ("invalid_value", "/person/full_name", "text of at most 200 characters"),
        ),
        (
            PLACE, broken(PLACEMENT, person="Sulastri"),
            ("invalid_value", "/person", "an object with id, nik or passport"),
        ),
        (
            REGISTER, broken(REGISTRATION, person__birth_date="1998", person__birth_date_precision="day"),
            ("invalid_value", "/person/birth_date_precision", "year, as birth_date is written"),
        ),
        (REGISTER, broken(REGISTRATION, person__birth_date="2008-03-02"), ("under_age", "/person/birth_date", None)),
        (
            PLACE, broken(PLACEMENT, contract_end="2026-03-31"),
            ("invalid_value", "/contract_end", "not before contract_start"),
        ),
        (PLACE, broken(PLACEMENT, contract_end="2026-02-30"), ("invalid_value", "/contract_end", "a date YYYY-MM-DD")),
        (PLACE, broken(PLACEMENT, person={"nikk": NIK}), ("unknown_field", "/person", "nik")),
        (PLACE, broken(PLACEMENT, person={}), ("identifier_missing", "/person", None)),
        (PLACE, broken(PLACEMENT, person={"nik": NIK[:-1]}), ("nik_malformed", "/person/nik", None)),
        (PLACE, broken(PLACEMENT, person={"id": THEIRS}), ("person_unknown", "/person/id", None)),
        (REPLY, broken(ANSWER, value=True), ("invalid_value", "/value", "yes or no or a number")),
        (REPLY, broken(ANSWER, value=7), ("value_kind", "/value", "0, 0.5 or 1")),
        (REPLY, broken(ANSWER, indicator="MGI-9.99"), ("unknown_code", "/indicator", "a code of mgi_indicators.csv")),
        (
            REPLY, broken(ANSWER, evidence=[{"instrument": "UU", "title": "x", "year": 3}]),
            ("invalid_value", "/evidence/0/year", "a whole number from 1900 to 2100"),
        ),
        (REPLY, broken(ANSWER, evidence={}), ("invalid_value", "/evidence", "a list of at most 20")),
        (ALERT, broken(DISTRESS, region="33.7"), (
            "invalid_value", "/region",
            "Kemendagri code of a province, such as 33, or of a regency or city, such as 33.07",
        )),
        (
            ALERT, broken(DISTRESS, region="99"),
            ("unknown_code", "/region", "a province, regency or city of regions.csv"),
        ),
    ],
)  # fmt: skip
def test_what_is_allowed_is_said(kind: str, body: dict[str, Any], expected: tuple[str, str, str | None]) -> None:
    assert named(problems(kind, body)) == [expected]


def test_what_is_broken_already_is_not_judged_by_its_content() -> None:
    """A person whose NIK is no text is named all the same, and no date comes before one that cannot be read."""
    body = broken(PLACEMENT, person={"nik": 7}, contract_start=7, contract_end="2025-01-01")
    assert [(one.code, one.pointer) for one in problems(PLACE, body)] == [
        ("invalid_value", "/person/nik"),
        ("invalid_value", "/contract_start"),
    ]


def test_an_alert_goes_on_with_a_nik_that_cannot_exist() -> None:
    assert problems(ALERT, broken(DISTRESS, person={"nik": "1"})) == []


def test_a_refusal_stays_small_however_much_is_wrong() -> None:
    body = broken(ANSWER, evidence=[{f"x{number}": 1} for number in range(1000)])
    assert len(problems(REPLY, body)) == MAX_PROBLEMS


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({"specversion": "0.3"}, "1.0"),
        ({"source": "sisko"}, "/ORGANISATION CODE/system"),
        ({"time": "yesterday"}, "an RFC 3339 instant with its offset"),
        ({"type_": "partner.registration.v1"}, ALLOWED_TYPES),
    ],
)
def test_of_a_header_too_it_is_said_what_is_allowed(changes: dict[str, Any], allowed: str) -> None:
    with pytest.raises(Refused) as refused:
        read_envelope(sample_headers(**changes), "KP2MI", NOW + timedelta(days=1))
    assert refused.value.problems[0].allowed == allowed


def test_headers_and_body_are_refused_at_once() -> None:
    headers = [
        *sample_headers("partner.placement.reported.v1", id="x" * 300, source="/KEMLU/x", time="yesterday"),
        ("ce_subject", b"\xff"),
    ]
    value = json.dumps(broken(PLACEMENT, destination="ZZ")).encode()
    with pytest.raises(Refused) as refused:
        read_submission(headers, value, Principal(organisation="KP2MI"), str, NOW, urgent=False)
    assert [(one.code, one.pointer) for one in refused.value.problems] == [
        ("bad_header", "/headers/ce_id"),
        ("not_utf8", "/headers/ce_subject"),
        ("invalid_value", "/headers/ce_time"),
        ("wrong_organisation", "/headers/ce_source"),
        ("unknown_code", "/destination"),
    ]


@given(st.lists(st.tuples(st.sampled_from([f"ce_{name}" for name in ATTRIBUTES]), st.none() | st.binary(max_size=300))))
def test_any_headers_are_read_or_refused(headers: list[tuple[str, bytes | None]]) -> None:
    with pytest.raises(Refused):
        read_envelope(headers, "KP2MI", NOW)


WORDS = " ".join(
    [*map(str, CODES.items()), *(json.dumps(model.model_json_schema()) for model in MODELS.values())]
    + [inspect.getsource(module) for module in (content, schema_problems)]
)
"""Everything that a refusal of a body can say: codes, the schemas, and the words of those who find problems."""

GARBAGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(min_size=4) | st.sampled_from([NIK, "X" * 30]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=4) | st.just(NIK), inner, max_size=4),
    max_leaves=10,
)


@st.composite
def records(draw: st.DrawFn) -> tuple[str, Any]:
    """A sample whose fields, at any depth, hold garbage, under names that may be garbage too."""
    kind = draw(st.sampled_from(sorted(TYPES)))

    def spoiled(value: Any) -> Any:
        if draw(st.integers(0, 3)) == 0:
            return draw(GARBAGE)
        if isinstance(value, dict):
            fields = {name: spoiled(field) for name, field in value.items() if draw(st.integers(0, 5))}
            return fields | (draw(st.dictionaries(st.text(min_size=4), GARBAGE, max_size=1)))
        return [spoiled(one) for one in value] if isinstance(value, list) else value

    return kind, spoiled(TYPES[kind])


def texts(value: Any) -> Iterator[str]:
    """Every name and value of a record, as text."""
    if isinstance(value, dict):
        for name, field in value.items():
            yield name
            yield from texts(field)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)
    else:
        yield str(value)


@settings(max_examples=400, deadline=None)
@given(records())
def test_no_four_characters_of_a_record_stand_in_its_refusal_but_those_of_the_schema(record: tuple[str, Any]) -> None:
    kind, body = record
    answered = " ".join(f"{one.code} {one.pointer} {one.detail} {one.allowed}" for one in problems(kind, body))
    for text in texts(body):
        pieces = {text[start : start + 4] for start in range(len(text) - 3)}
        leaked = {piece for piece in pieces if piece in answered and piece not in WORDS}
        assert leaked == set()


@given(st.binary(max_size=300))
def test_bytes_at_random_are_refused(value: bytes) -> None:
    for kind in TYPES:
        assert problems(kind, value)
