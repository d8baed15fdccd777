"""No route tells of a person unrecorded: whoever adds one finds it here."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local import keys
from services.gateway.app import create_api
from services.gateway.settings import Settings

RECORDED = {
    "/v1/alerts": "test_alerts",
    "/v1/alerts/{alert}": "test_alerts",
    "/v1/alerts/{alert}/report": "test_alert_reports",
    "/v1/disclosures": "test_disclosure_log",
    "/v1/duplicates": "test_duplicates",
    "/v1/duplicates/{duplicate}": "test_duplicates",
    "/v1/offers": "test_offers",
    "/v1/offers/{offer}": "test_offers",
    "/v1/persons/{person}": "test_writes",
}
"""Readings that name persons, and which test sees that each is put on record before it is answered."""


@pytest.fixture
def document(tmp_path: Path) -> dict[str, Any]:
    """The description of the api, which is not started."""
    keys.ensure(tmp_path)
    given: dict[str, Any] = {"kafka_url": "127.0.0.1:9", "mongo_url": "mongodb://127.0.0.1:9", "instance": "api-0"}
    given["kafka_security"] = "PLAINTEXT"
    api: Any = create_api(
        Settings(**given, keys=tmp_path / "gateway-api.json", token_jwks=str(tmp_path / keys.TOKEN_JWKS))
    )
    described: dict[str, Any] = api.app.openapi()
    return described


def parts(document: dict[str, Any], value: Any, seen: frozenset[str] = frozenset()) -> Iterator[dict[str, Any]]:
    """Every schema that an answer is made of."""
    if isinstance(value, list):
        for one in value:
            yield from parts(document, one, seen)
    elif isinstance(value, dict):
        yield value
        name = value.get("$ref", "").rpartition("/")[2]
        if name and name not in seen:
            yield from parts(document, document["components"]["schemas"][name], seen | {name})
        for one in value.values():
            yield from parts(document, one, seen)


def tells_of_a_person(document: dict[str, Any], operation: dict[str, Any]) -> bool:
    schemas = list(parts(document, operation["responses"].get("200", {})))
    personal = ("narrative", "phone", "full_name", "nik")
    return any(
        str(schema.get("pattern", "")).startswith("^p_")
        or any(name in schema.get("properties", {}) for name in personal)
        for schema in schemas
    )


def test_every_reading_that_names_a_person_is_put_on_record(document: dict[str, Any]) -> None:
    found = {
        path
        for path, methods in document["paths"].items()
        if "get" in methods and tells_of_a_person(document, methods["get"])
    }
    assert found == set(RECORDED)


def test_the_tests_that_see_to_it_are_there() -> None:
    for name in RECORDED.values():
        assert "disclosed(" in (Path(__file__).parent / f"{name}.py").read_text()
