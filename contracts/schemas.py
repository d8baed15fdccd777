"""Writes schemas/*.json and schemas/asyncapi.yaml from the models: `python -m contracts.schemas [--check]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel

from contracts import commands, exchange, gateway, indicators, notifications, outcomes, registry
from contracts.topics import INTERNAL, PARTNER_KEPT_HOURS

FOLDER = Path(__file__).parent / "schemas"
UNIONS: dict[str, Any] = {
    "registry.commands.v1": registry.Command,
    "registry.bulk.v1": registry.Command,
    "registry.events.v1": registry.Event,
    "indicators.commands.v1": indicators.Command,
    "indicators.events.v1": indicators.Event,
    "alerts.commands.v1": notifications.Command,
    "alerts.events.v1": notifications.Event,
    "gateway.commands.v1": gateway.Command,
    "gateway.events.v1": gateway.Event,
    "from.{org}.v1": exchange.Submission,
    "to.{org}.v1": exchange.Delivery,
}
SEALED_PARTS: tuple[type[BaseModel], ...] = (
    registry.PersonDetails, registry.PlacementDetails, registry.Identifiers,
    indicators.AnswerDetails, notifications.AlertDetails, gateway.AgreementWording, gateway.AgreementWordings,
)  # fmt: skip


def members(union: Any) -> tuple[type[BaseModel], ...]:
    """The models of a discriminated union."""
    models: tuple[type[BaseModel], ...] = get_args(get_args(union)[0])
    return models


def message_type(model: type[BaseModel]) -> str:
    """The ce_type of a message model."""
    return str(model.model_fields["type"].default)


def messages() -> dict[str, type[BaseModel]]:
    """Every message model by its type."""
    models = {message_type(model): model for union in UNIONS.values() for model in members(union)}
    return models | {message_type(outcomes.Outcome): outcomes.Outcome}


def rendered() -> dict[str, str]:
    """Every generated file: name to content."""
    models: dict[str, type[BaseModel]] = messages() | {"simpul.command.frame.v1": commands.Frame}
    models |= {f"sealed.{part.__name__}": part for part in SEALED_PARTS}
    files = {f"{name}.json": _json(name, model) for name, model in sorted(models.items())}
    files["asyncapi.yaml"] = yaml.safe_dump(asyncapi(), sort_keys=False, allow_unicode=True, width=120)
    return files


def _json(name: str, model: type[BaseModel]) -> str:
    schema = model.model_json_schema()
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:simpul:{name}"}
    return json.dumps(head | schema, indent=2, ensure_ascii=False) + "\n"


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document of every topic, with the CloudEvents headers that FastStream's export leaves out."""
    channels = {
        topic.name: _channel(topic.name, f"Key: {topic.key}. Kept {topic.kept}.", topic.partitions)
        for topic in INTERNAL
    }
    for lane in ("", ".urgent"):
        channels[f"from.{{org}}{lane}.v1"] = _channel(f"from.{{org}}{lane}.v1", "Written by one partner; key free.", 1)
        text = f"Read by one partner. Kept {PARTNER_KEPT_HOURS} hours."
        channels[f"to.{{org}}{lane}.v1"] = _channel(f"to.{{org}}{lane}.v1", text, 1)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Simpul",
            "version": "1",
            "description": "Event backbone for migration governance. CloudEvents 1.0 in Kafka binary mode.",
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": _operations(channels),
        "components": {
            "messages": {name: _message(name) for name in sorted(messages())},
            "schemas": {"cloudEventHeaders": HEADERS},
        },
    }


HEADERS: dict[str, Any] = {
    "type": "object",
    "required": ["ce_specversion", "ce_id", "ce_source", "ce_type"],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "maxLength": 256},
        "ce_source": {"type": "string", "description": "/<ORGANISATION CODE>/<system> for partners"},
        "ce_type": {"type": "string"},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_subject": {"type": "string"},
        "ce_recordedtime": {"type": "string", "format": "date-time"},
        "ce_correlationid": {"type": "string"},
        "ce_sequence": {"type": "string", "pattern": "^[0-9]+$"},
        "ce_purpose": {"type": "string"},
        "ce_dataclassification": {"enum": ["public", "internal", "restricted", "survivor"]},
        "traceparent": {"type": "string", "description": "W3C Trace Context"},
    },
}


def _types(topic: str) -> list[str]:
    if topic.endswith(".outcomes.v1"):
        return [message_type(outcomes.Outcome)]
    return [message_type(model) for model in members(UNIONS[topic.replace(".urgent", "")])]


def _channel(topic: str, description: str, partitions: int) -> dict[str, Any]:
    channel: dict[str, Any] = {
        "address": topic,
        "description": description,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _types(topic)},
        "bindings": {"kafka": {"partitions": partitions}},
    }
    if "{org}" in topic:
        channel["parameters"] = {"org": {"description": "Organisation code in lower case, for example kp2mi."}}
    return channel


def _operations(channels: dict[str, Any]) -> dict[str, Any]:
    receives = {name for name in channels if name.startswith("from.") or ".commands." in name or ".bulk." in name}
    return {
        name: {"action": "receive" if name in receives else "send", "channel": {"$ref": f"#/channels/{_escaped(name)}"}}
        for name in channels
    }


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _message(name: str) -> dict[str, Any]:
    file = f"{name}.json"
    return {
        "name": name,
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/cloudEventHeaders"},
        "payload": {"schemaFormat": "application/schema+json;version=draft-2020-12", "schema": {"$ref": f"./{file}"}},
    }


def main(arguments: list[str]) -> int:
    """Write the files, or with --check say which differ."""
    files = rendered()
    if "--check" in arguments:
        stale = [
            name for name, text in files.items() if not (FOLDER / name).is_file() or (FOLDER / name).read_text() != text
        ]
        if stale:
            print(f"out of date: {', '.join(stale)}; run `make schemas` and commit the result", file=sys.stderr)
        return 1 if stale else 0
    FOLDER.mkdir(exist_ok=True)
    for name, text in files.items():
        (FOLDER / name).write_text(text)
    print(f"{len(files)} files in {FOLDER.name}/")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
