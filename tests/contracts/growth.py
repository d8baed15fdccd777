"""What a published shape may become: `breaks` lists how a new JSON Schema fails those who use the old one.

A shape may gain optional fields, and a value may be widened (another enum member, a longer text). Nothing may vanish,
become required or optional, change its default, or be narrowed. `python -m tests.contracts.growth` freezes today's
schemas in published/, unless that would break what is there.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.schemas import FOLDER

PUBLISHED = Path(__file__).parent / "published"
UPPER = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
LOWER = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")
FIXED = ("pattern", "format", "multipleOf", "uniqueItems", "contentEncoding")

Schema = dict[str, Any]


def breaks(old: Schema, new: Schema) -> list[str]:
    """Each incompatible change as `<pointer>: <what happened>`; empty when the new shape only grew."""
    return list(_Comparison(old, new).nodes(old, new, ""))


@dataclass
class _Comparison:
    old_root: Schema
    new_root: Schema

    def nodes(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        old, new = _resolved(old, self.old_root), _resolved(new, self.new_root)
        branches = _branches(new)
        if "anyOf" in old or "oneOf" in old or len(branches) > 1:
            yield from self._alternatives(old, branches, place)
            return
        new = branches[0]
        yield from _types(old, new, place)
        yield from _values(old, new, place)
        yield from _limits(old, new, place)
        yield from self._object(old, new, place)
        yield from self._array(old, new, place)

    def _alternatives(self, old: Schema, new: list[Schema], place: str) -> Iterator[str]:
        """Every alternative of the old shape must still be one of the new."""
        for number, branch in enumerate(_branches(old)):
            if all(any(self.nodes(branch, candidate, place)) for candidate in new):
                yield f"{place}: alternative {number} is gone or narrowed"

    def _object(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        must_before, must_after = set(old.get("required", ())), set(new.get("required", ()))
        for name, field in before.items():
            here = f"{place}/{name}"
            if name not in after:
                yield f"{here}: is gone"
                continue
            if (name in must_before) != (name in must_after):
                yield f"{here}: became {'required' if name in must_after else 'optional'}"
            if field.get("default") != after[name].get("default"):
                yield f"{here}: has another default"
            yield from self.nodes(field, after[name], here)
        yield from (f"{place}/{name}: is new and required" for name in sorted(must_after - set(before)))
        yield from self._rest(old.get("additionalProperties", True), new.get("additionalProperties", True), place)

    def _rest(self, old: Schema | bool, new: Schema | bool, place: str) -> Iterator[str]:
        if old is False or new is True:
            return
        if new is False or not isinstance(old, dict):
            yield f"{place}: takes fewer further fields"
        elif isinstance(new, dict):
            yield from self.nodes(old, new, f"{place}/*")

    def _array(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        if "items" in new:
            yield from self.nodes(old.get("items", {}), new["items"], f"{place}/-")


def _resolved(node: Schema, root: Schema) -> Schema:
    """The node behind a local `$ref`, with what stands beside the reference. Our models do not recurse."""
    if "$ref" not in node:
        return node
    target: Schema = root
    for part in node["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    return target | {key: value for key, value in node.items() if key != "$ref"}


def _branches(node: Schema) -> list[Schema]:
    found: list[Schema] = node.get("anyOf") or node.get("oneOf") or [node]
    return found


def _types(old: Schema, new: Schema, place: str) -> Iterator[str]:
    allowed = _named(new.get("type"))
    if "number" in allowed:
        allowed |= {"integer"}
    if allowed and not (_named(old.get("type")) and _named(old.get("type")) <= allowed):
        yield f"{place}: type {old.get('type')} became {new['type']}"


def _named(kind: str | list[str] | None) -> set[str]:
    return {kind} if isinstance(kind, str) else set(kind or ())


def _values(old: Schema, new: Schema, place: str) -> Iterator[str]:
    before, after = _listed(old), _listed(new)
    if after is not None and (before is None or not before <= after):
        yield f"{place}: no longer takes {sorted(before - after) if before else 'other values than those listed'}"


def _listed(node: Schema) -> set[str] | None:
    values = [node["const"]] if "const" in node else node.get("enum")
    return None if values is None else {repr(value) for value in values}


def _limits(old: Schema, new: Schema, place: str) -> Iterator[str]:
    for name in UPPER:
        if name in new and (name not in old or new[name] < old[name]):
            yield f"{place}: {name} fell to {new[name]}"
    for name in LOWER:
        if name in new and (name not in old or new[name] > old[name]):
            yield f"{place}: {name} rose to {new[name]}"
    for name in FIXED:
        if name in new and new[name] != old.get(name):
            yield f"{place}: {name} changed"


def channel_breaks(old: Schema, new: Schema) -> list[str]:
    """Topics of an AsyncAPI document that vanished, carry a type less, or have other partitions (keys would move)."""
    found = []
    for name, channel in old["channels"].items():
        now = new["channels"].get(name)
        if now is None:
            found.append(f"{name}: is gone")
            continue
        found += [
            f"{name}: no longer carries {lost}" for lost in sorted(set(channel["messages"]) - set(now["messages"]))
        ]
        if channel["bindings"] != now["bindings"]:
            found.append(f"{name}: has other partitions")
    return found


def schema_files(folder: Path) -> dict[str, Schema]:
    """The JSON Schemas of a folder by file name."""
    return {path.name: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def broken_files(published: dict[str, Schema], current: dict[str, Schema]) -> list[str]:
    """Every break of every published file."""
    gone = [f"{name}: is gone" for name in published if name not in current]
    kept = [name for name in published if name in current]
    return gone + [f"{name} {one}" for name in kept for one in breaks(published[name], current[name])]


def main() -> int:
    """Freeze today's schemas, or say what they would break."""
    if broken := broken_files(schema_files(PUBLISHED), schema_files(FOLDER)):
        print("\n".join(broken), file=sys.stderr)
        return 1
    for path in FOLDER.iterdir():
        shutil.copy(path, PUBLISHED / path.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
