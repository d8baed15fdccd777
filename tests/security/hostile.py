"""What the attackers of these tests know of a write: the shape of its body, as the OpenAPI document has it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contracts import authority
from tests.gateway.api.conftest import Gateway
from tests.gateway.api.fuzzing import Asker, askers

Place = tuple[str, ...]
"""Names of fields from the root of a body; "0" is the first of a list."""
IDS = {
    "person": f"p_{'A' * 43}", "agreement": "no-such-agreement", "indicator": "MGI-1.01", "number": "1",
    "organisation": "NOSUCH",
    **dict.fromkeys(
        ("alert", "command", "duplicate", "offer", "round_id", "simulation"), "11111111-1111-4111-8111-111111111111"
    ),
}  # fmt: skip
"""Of every route's parameters one that has the right form and leads nowhere."""


@dataclass(frozen=True, slots=True)
class Write:
    """A route that takes a JSON body, and whoever the table lets in."""

    method: str
    path: str
    schema: dict[str, Any]
    asker: Asker

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"


async def writes(api: Gateway) -> list[Write]:
    """Every write of the document with a body of its own schema: not CloudEvents, which are three forms of others."""
    document = await api.document()
    everybody, found = askers(api), []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            if list(content) == ["application/json"]:
                label = f"{method.upper()} {path}"
                asker = next(asker for asker in everybody if asker.may_use(label))
                schema = inlined(content["application/json"]["schema"], document["components"]["schemas"])
                found.append(Write(method.upper(), path.format(**IDS), schema, asker))
    assert len(found) >= len({door for row in authority.TABLE for door in row.doors if door.startswith("POST /v1")}) / 2
    return found


def inlined(schema: Any, schemas: dict[str, Any]) -> Any:
    """The schema with its references followed."""
    if isinstance(schema, list):
        return [inlined(part, schemas) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return inlined(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    return {name: inlined(part, schemas) for name, part in schema.items()}


def places(schema: dict[str, Any], kind: str, place: Place = ()) -> Iterator[Place]:
    """Where a value of this type of JSON may stand."""
    forms = schema.get("anyOf", schema.get("oneOf", [schema]))
    for form in forms:
        if form.get("type") == kind or (kind == "object" and "properties" in form):
            yield place
        for name, inner in form.get("properties", {}).items():
            yield from places(inner, kind, (*place, name))
        if form.get("type") == "array":
            inner = form.get("items") or (form.get("prefixItems") or [{}])[0]
            yield from places(inner, kind, (*place, "0"))


def nested(place: Place, value: Any) -> Any:
    """A body with nothing but this value at its place."""
    for name in reversed(place):
        value = [value] if name == "0" else {name: value}
    return value


def pointer(place: Place) -> str:
    return "".join(f"/{name}" for name in place)
