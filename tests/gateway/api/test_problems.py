"""A request that is invalid is refused as the same record is over Kafka, and parameters are refused in the same way."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.outcomes import Problem, Refused
from services.gateway.domain.translation import translate
from services.gateway.domain.validation import read_body
from tests.gateway.api.conftest import Gateway
from tests.gateway.exchange.samples import DISTRESS, NIK, PLACEMENT, REGISTRATION, with_

REGISTER = "partner.registration.submitted.v1"
WRITES: dict[str, tuple[str, dict[str, Any]]] = {
    "/v1/persons": (REGISTER, with_(with_(REGISTRATION, "person.sex", "X"), "person.nik", "1")),
    "/v1/placements": (
        "partner.placement.reported.v1",
        with_(with_(PLACEMENT, "contract_end", "2025-01-01"), "destinaton", "MY"),
    ),
    "/v1/alerts": (
        "partner.alert.reported.v1",
        with_(with_(with_(DISTRESS, "person", [NIK]), "region", "99"), "occurred_at", None),
    ),
}


def over_kafka(kind: str, body: dict[str, Any]) -> list[Problem]:
    now = datetime.now(UTC)
    with pytest.raises(Refused) as refused:
        translate(read_body(kind, json.dumps(body).encode(), person_of=str, now=now), str, now)
    return list(refused.value.problems)


@pytest.mark.parametrize("path", WRITES)
async def test_both_doors_refuse_the_same_record_in_the_same_words(api: Gateway, path: str) -> None:
    kind, body = WRITES[path]
    async with api.as_("KP2MI", "registrar", "duty_officer") as officer:
        answer = await officer.post(path, json=body)
    assert answer.status_code == 422
    assert [Problem(**one) for one in answer.json()["problems"]] == over_kafka(kind, body)
    assert NIK not in answer.text


async def test_a_parameter_is_pointed_at_and_what_it_may_be_is_said(api: Gateway) -> None:
    expected = {
        "/v1/alerts?limit=0": ("/query/limit", "at least 1"),
        "/v1/alerts?limit=many": ("/query/limit", "a whole number"),
        f"/v1/alerts?state={NIK}": ("/query/state", "'raised', 'acknowledged' or 'resolved'"),
    }
    async with api.as_("KEMLU", "duty_officer") as officer:
        for path, (pointer, allowed) in expected.items():
            answer = await officer.get(path)
            (problem,) = answer.json()["problems"]
            assert (answer.status_code, problem["code"]) == (422, "invalid_value")
            assert (problem["pointer"], problem["allowed"]) == (pointer, allowed)
            assert NIK not in answer.text
