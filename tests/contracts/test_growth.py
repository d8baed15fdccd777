import copy
from typing import Any

import pytest
import yaml

from contracts import schemas
from tests.contracts.growth import PUBLISHED, Schema, breaks, broken_files, channel_breaks, schema_files

OLD: Schema = {
    "type": "object",
    "required": ["person", "age"],
    "properties": {
        "person": {"type": "string", "maxLength": 40, "pattern": "^p_"},
        "age": {"type": "number", "minimum": 0},
        "status": {"enum": ["new", "old"], "type": "string"},
        "note": {"anyOf": [{"type": "string", "maxLength": 200}, {"type": "null"}], "default": None},
        "flags": {"type": "array", "items": {"$ref": "#/$defs/Flag"}, "maxItems": 20, "default": []},
        "type": {"const": "a.b.v1", "default": "a.b.v1", "type": "string"},
    },
    "$defs": {"Flag": {"type": "object", "required": ["code"], "properties": {"code": {"type": "string"}}}},
}


def changed(path: str, value: Any) -> Schema:
    """OLD with one place set, or taken out where the value is None."""
    new = copy.deepcopy(OLD)
    *parents, last = path.split("/")
    place = new
    for part in parents:
        place = place[part]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return new


def test_the_generated_schemas_are_up_to_date() -> None:
    assert schemas.main(["--check"]) == 0


def test_no_published_shape_changes_other_than_by_growing() -> None:
    assert broken_files(schema_files(PUBLISHED), schema_files(schemas.FOLDER)) == []


def test_no_published_topic_vanishes_or_loses_a_message_type() -> None:
    old, new = (yaml.safe_load((folder / "asyncapi.yaml").read_text()) for folder in (PUBLISHED, schemas.FOLDER))
    assert channel_breaks(old, new) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("properties/phone", {"type": "string"}),
        ("properties/phone", {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}),
        ("$defs/Flag/properties/missing", {"type": "array", "items": {"type": "string"}}),
        ("properties/status/enum", ["new", "old", "gone"]),
        ("properties/person/maxLength", 80),
        ("properties/person/maxLength", None),
        ("properties/person/pattern", None),
        ("properties/age/minimum", -1),
        ("properties/age/description", "In years."),
        ("properties/note/anyOf", [{"type": "string", "maxLength": 200}, {"type": "integer"}, {"type": "null"}]),
    ],
)
def test_a_shape_may_gain_optional_fields_and_wider_values(path: str, value: Any) -> None:
    assert breaks(OLD, changed(path, value)) == []


@pytest.mark.parametrize(
    ("path", "value", "broken"),
    [
        ("properties/note", None, "/note: is gone"),
        ("required", ["person", "age", "status"], "/status: became required"),
        ("required", ["person"], "/age: became optional"),
        ("properties/age/type", "integer", "/age: type number became integer"),
        ("properties/person/type", "integer", "/person: type string became integer"),
        ("properties/status/enum", ["new"], "/status: no longer takes"),
        ("properties/type/const", "a.b.v2", "/type: no longer takes"),
        ("properties/type/default", "a.b.v2", "/type: has another default"),
        ("properties/person/enum", ["p_1"], "/person: no longer takes other values"),
        ("properties/person/maxLength", 20, "/person: maxLength fell to 20"),
        ("properties/person/minLength", 5, "/person: minLength rose to 5"),
        ("properties/person/pattern", "^q_", "/person: pattern changed"),
        ("properties/age/minimum", 18, "/age: minimum rose to 18"),
        ("properties/age/maximum", 99, "/age: maximum fell to 99"),
        ("properties/flags/maxItems", 5, "/flags: maxItems fell to 5"),
        ("properties/flags/items", {"type": "string"}, "/flags/-: type object became string"),
        ("$defs/Flag/required", [], "/flags/-/code: became optional"),
        ("$defs/Flag/properties/code/maxLength", 9, "/flags/-/code: maxLength fell to 9"),
        ("properties/note/anyOf", [{"type": "string", "maxLength": 200}], "/note: alternative 1 is gone"),
        ("properties/note/anyOf", [{"type": "string", "maxLength": 9}, {"type": "null"}], "/note: alternative 0"),
        ("properties/age", {"anyOf": [{"type": "integer"}, {"type": "null"}]}, "/age: alternative 0"),
        ("additionalProperties", False, ": takes fewer further fields"),
    ],
)
def test_an_incompatible_change_is_named(path: str, value: Any, broken: str) -> None:
    assert [one for one in breaks(OLD, changed(path, value)) if one.startswith(broken)]


def test_a_new_required_field_is_named() -> None:
    new = changed("properties/phone", {"type": "string"})
    new["required"] = [*new["required"], "phone"]
    assert breaks(OLD, new) == ["/phone: is new and required"]


def test_a_vanished_message_is_named() -> None:
    assert broken_files({"a.json": OLD}, {}) == ["a.json: is gone"]


@pytest.mark.parametrize(
    ("channels", "broken"),
    [
        ({}, "events: is gone"),
        ({"events": {"messages": {"a": {}}, "bindings": {"kafka": {"partitions": 12}}}}, "events: no longer carries b"),
        (
            {"events": {"messages": {"a": {}, "b": {}}, "bindings": {"kafka": {"partitions": 6}}}},
            "events: has other partitions",
        ),
    ],
)
def test_an_incompatible_topic_is_named(channels: Schema, broken: str) -> None:
    old = {"events": {"messages": {"a": {}, "b": {}}, "bindings": {"kafka": {"partitions": 12}}}}
    assert channel_breaks({"channels": old}, {"channels": channels}) == [broken]
