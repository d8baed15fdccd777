"""Every bad record gets the code and the pointer that say what is wrong, and nothing of what it holds."""

import json
from typing import Any

import pytest

from contracts.outcomes import Refused
from services.gateway.domain.translation import translate
from services.gateway.domain.validation import MAX_BYTES, MODELS, canonical, check_size, read_body, read_envelope
from tests.gateway.exchange.samples import ANSWER, DISTRESS, NIK, NOW, PLACEMENT, REGISTRATION, TYPES, headers, with_

REGISTER = "partner.registration.submitted.v1"


def refusal(given: list[tuple[str, bytes]], body: Any) -> Refused:
    """What the gateway says to a record of KP2MI."""
    value = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(Refused) as refused:
        take(given, value)
    return refused.value


def take(given: list[tuple[str, bytes]], value: bytes) -> None:
    check_size(value)
    envelope = read_envelope(given, "KP2MI", NOW)
    translate(read_body(envelope.type, value), str, NOW)


def told(refused: Refused) -> list[tuple[str, str]]:
    return [(problem.code, problem.pointer) for problem in refused.problems]


@pytest.mark.parametrize(
    ("given", "code", "pointer"),
    [
        (headers("partner.person.erased.v1"), "unknown_type", "/headers/ce_type"),
        (headers(NIK), "unknown_type", "/headers/ce_type"),
        (headers("partner.registration.submitted.v9"), "unsupported_version", "/headers/ce_type"),
        (headers(specversion="0.3"), "unsupported_version", "/headers/ce_specversion"),
        (headers(source="/KEMLU/peduli"), "wrong_organisation", "/headers/ce_source"),
        (headers(source="sisko"), "invalid_value", "/headers/ce_source"),
        (headers(source="/KP2MI/"), "invalid_value", "/headers/ce_source"),
        (headers(time="2031-01-01T00:00:00Z"), "clock_out_of_range", "/headers/ce_time"),
        (headers(time="1931-01-01T00:00:00Z"), "clock_out_of_range", "/headers/ce_time"),
        (headers(time="yesterday"), "invalid_value", "/headers/ce_time"),
        (headers(subject=b"\xff\xfe"), "not_utf8", "/headers/ce_subject"),
        (headers(id=None), "missing_value", "/headers/ce_id"),
        (headers(id="x" * 300), "bad_header", "/headers/ce_id"),
        ([*headers(), ("ce_id", b"r-2")], "bad_header", "/headers/ce_id"),
    ],
)
def test_a_bad_header_is_named(given: list[tuple[str, bytes]], code: str, pointer: str) -> None:
    assert told(refusal(given, REGISTRATION)) == [(code, pointer)]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (json.dumps(REGISTRATION).encode()[:-5], "bad_json"),
        (b"", "bad_json"),
        (b"[]", "bad_json"),
        (b"[" * 100_000, "bad_json"),
        (json.dumps(REGISTRATION).replace('"sex"', '"nik": "1", "sex"').encode(), "bad_json"),
        (b'{"occurred_at": "\xff"}', "not_utf8"),
        (b" " * (MAX_BYTES + 1), "too_large"),
    ],
)
def test_a_body_that_is_not_one_json_object_is_refused_as_a_whole(value: bytes, code: str) -> None:
    assert told(refusal(headers(), value)) == [(code, "")]


@pytest.mark.parametrize(
    ("kind", "body", "code", "pointer"),
    [
        (REGISTER, with_(REGISTRATION, "person.full_name", None), "missing_value", "/person/full_name"),
        (REGISTER, with_(REGISTRATION, "episode", None), "missing_value", "/episode"),
        (REGISTER, with_(REGISTRATION, "person.sex", "X"), "invalid_value", "/person/sex"),
        (REGISTER, with_(REGISTRATION, "episode.formal", "yes"), "invalid_value", "/episode/formal"),
        (REGISTER, with_(REGISTRATION, "person.phone", "0812"), "invalid_value", "/person/phone"),
        (REGISTER, with_(REGISTRATION, "person.birth_date", "1998-02-31"), "invalid_value", "/person/birth_date"),
        (REGISTER, with_(REGISTRATION, f"person.{NIK}", "x"), "unknown_field", "/person"),
        (REGISTER, with_(REGISTRATION, NIK, "x"), "unknown_field", ""),
        (REGISTER, with_(REGISTRATION, "type", "partner.x.v1"), "invalid_value", "/type"),
        (REGISTER, with_(REGISTRATION, "occurred_at", "soon"), "invalid_value", "/occurred_at"),
        (REGISTER, with_(REGISTRATION, "occurred_at", "0000-01-01"), "invalid_value", "/occurred_at"),
        (REGISTER, with_(REGISTRATION, "occurred_at", "0001-01-01"), "invalid_value", "/occurred_at"),
        (REGISTER, with_(REGISTRATION, "occurred_at", "2031"), "clock_out_of_range", "/occurred_at"),
        (REGISTER, with_(REGISTRATION, "episode.destination", "ZZ"), "unknown_code", "/episode/destination"),
        (REGISTER, with_(REGISTRATION, "episode.destination", "ID"), "unknown_code", "/episode/destination"),
        (REGISTER, with_(REGISTRATION, "person.home_regency", "99.99"), "unknown_code", "/person/home_regency"),
        ("partner.placement.reported.v1", with_(PLACEMENT, "person", {}), "identifier_missing", "/person"),
        (
            "partner.placement.reported.v1",
            with_(PLACEMENT, "contract_end", "2025-01-01"),
            "invalid_value",
            "/contract_end",
        ),
        ("partner.answer.submitted.v1", with_(ANSWER, "round", NIK), "invalid_value", "/round"),
        ("partner.answer.submitted.v1", with_(ANSWER, "indicator", "MGI-9.99"), "unknown_code", "/indicator"),
        ("partner.answer.submitted.v1", with_(ANSWER, "value", True), "invalid_value", "/value"),
        (
            "partner.answer.submitted.v1",
            with_(ANSWER, "evidence", [{"instrument": "UU", "title": "x", NIK: 1}]),
            "unknown_field",
            "/evidence/0",
        ),
        ("partner.alert.reported.v1", with_(DISTRESS, "alert_type", "ALT-X"), "unknown_code", "/alert_type"),
        ("partner.alert.reported.v1", with_(DISTRESS, "country", "ZZ"), "unknown_code", "/country"),
    ],
)
def test_a_bad_value_is_pointed_at(kind: str, body: dict[str, Any], code: str, pointer: str) -> None:
    assert (code, pointer) in told(refusal(headers(kind), body))


def test_no_number_that_is_none_is_an_answer() -> None:
    text = json.dumps(ANSWER).replace("0.5", "NaN").encode()
    assert told(refusal(headers("partner.answer.submitted.v1"), text)) == [("invalid_value", "/value")]


@pytest.mark.parametrize(
    ("given", "body"),
    [
        (headers(id=NIK, subject=NIK, type_=NIK), REGISTRATION),
        (headers(source=f"/{NIK}/x"), REGISTRATION),
        (headers(), with_(REGISTRATION, NIK, NIK)),
        (headers(), with_(REGISTRATION, "person.nik", [NIK])),
        (headers(), with_(REGISTRATION, "person.birth_date", NIK)),
    ],
)
def test_a_refusal_repeats_nothing_of_the_record(given: list[tuple[str, bytes]], body: dict[str, Any]) -> None:
    refused = refusal(given, body)
    assert NIK not in str(refused)
    assert NIK not in "".join(problem.model_dump_json() for problem in refused.problems)


@pytest.mark.parametrize("kind", TYPES)
def test_every_sample_is_read(kind: str) -> None:
    assert read_body(kind, json.dumps(TYPES[kind]).encode()).type == kind


def test_there_is_a_sample_of_every_type() -> None:
    assert set(TYPES) == set(MODELS)


def test_order_spaces_and_nulls_do_not_make_another_body() -> None:
    said = read_body(REGISTER, json.dumps(REGISTRATION).encode())
    turned = {name: REGISTRATION[name] for name in reversed(REGISTRATION)} | {"type": REGISTER}
    turned["person"] = REGISTRATION["person"] | {"birth_date_precision": None}
    again = read_body(REGISTER, json.dumps(turned, indent=2).encode())
    assert canonical(said) == canonical(again)


def test_another_value_makes_another_body() -> None:
    said = read_body(REGISTER, json.dumps(REGISTRATION).encode())
    other = read_body(REGISTER, json.dumps(with_(REGISTRATION, "person.full_name", "Sulastrie")).encode())
    assert canonical(said) != canonical(other)
