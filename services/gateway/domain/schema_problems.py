"""What a record breaks of its schema: where, why, and what is allowed there. Nothing of the record stands in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cache, lru_cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from contracts.outcomes import Problem, problem

M = TypeVar("M", bound=BaseModel)
Where = tuple[int | str, ...]
Node = Mapping[str, Any]
"""A place in a JSON Schema."""


class BrokenRule(ValueError):
    """A rule of a model's own, beyond what its schema says. `pointer` is from that model; `allowed` says what may
    stand there, in words of the schema and never of the record."""

    def __init__(self, pointer: str, allowed: str) -> None:
        super().__init__(f"{pointer}: {allowed}")
        self.pointer, self.allowed = pointer, allowed


MAX_PROBLEMS = 10
"""A refusal names at most this many reasons, so that receipts stay small."""
MAX_NAME = 40
"""A longer name is near to no field."""


def schema_problems(model: type[BaseModel], errors: Iterable[ErrorDetails]) -> list[Problem]:
    """Pydantic's errors of a body as problems, each once, at most `MAX_PROBLEMS`."""
    problems: dict[Problem, None] = {}
    for error in errors:
        rule = error.get("ctx", {}).get("error")
        if isinstance(rule, BrokenRule):
            pointer, _ = _place(model, error["loc"])
            problems[problem("invalid_value", f"{pointer}{rule.pointer}", rule.allowed)] = None
        else:
            problems[_problem(model, error["type"], error["loc"])] = None
        if len(problems) == MAX_PROBLEMS:
            break
    return list(problems)


def _problem(model: type[BaseModel], kind: str, where: Where) -> Problem:
    if kind == "json_invalid" or not where:
        return problem("bad_json")
    if kind == "extra_forbidden":
        place, node = _place(model, where[:-1])
        return problem("unknown_field", place, _field_near(str(where[-1]), node))
    code = "missing_value" if kind == "missing" else "invalid_value"
    return problem(code, *allowed_at(model, where))


def readable(model: type[M], body: Any, errors: Iterable[ErrorDetails]) -> M:
    """The body as far as it keeps to its schema: None stands for whatever is missing or wrong."""
    return _readable(model, body, [error["loc"] for error in errors])


def _readable(model: type[M], body: Any, wrong: Sequence[Where]) -> M:
    parts = body if isinstance(body, dict) else {}
    values: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        below = [where[1:] for where in wrong if where[:1] == (name,)]
        part = _model_in(field.annotation)
        if part is not None and (field.is_required() or isinstance(parts.get(name), dict)):
            values[name] = _readable(part, parts.get(name), below)
        else:
            values[name] = None if below else parts.get(name)
    return model.model_construct(**values)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model of a field that holds one, or one or none."""
    choices = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    return next((choice for choice in choices if isinstance(choice, type) and issubclass(choice, BaseModel)), None)


@lru_cache(maxsize=1024)
def allowed_at(model: type[BaseModel], where: Where) -> tuple[str, str]:
    """A JSON pointer to a place of the schema, and in words what may stand there."""
    pointer, node = _place(model, where)
    return pointer, _words(node, _schema(model))


def _place(model: type[BaseModel], where: Where) -> tuple[str, Node]:
    """As far as the schema has names and indexes for it: tags of unions and the sender's own names fall out."""
    schema = _schema(model)
    pointer, node = "", _resolved(schema, schema)
    for part in where:
        below = node.get("items") if isinstance(part, int) else node.get("properties", {}).get(part)
        if below is None:
            break
        pointer, node = f"{pointer}/{part}", _resolved(below, schema)
    return pointer, node


@cache
def _schema(model: type[BaseModel]) -> Node:
    return model.model_json_schema()


def _resolved(node: Node, schema: Node) -> Node:
    """Behind references, and of something or nothing the something."""
    if "$ref" in node:
        return _resolved(schema["$defs"][node["$ref"].rpartition("/")[2]], schema)
    choices = _choices(node)
    return _resolved(choices[0], schema) if len(choices) == 1 else node


def _choices(node: Node) -> list[Node]:
    return [choice for choice in node.get("anyOf", ()) if choice.get("type") != "null"]


def _field_near(name: str, node: Node) -> str:
    """The field that was meant, if a name is near to one, else all there are."""
    fields = list(node.get("properties", ()))
    near = get_close_matches(name, fields, n=1) if len(name) <= MAX_NAME else []
    return near[0] if near else either(fields)


def _words(node: Node, schema: Node) -> str:
    if "properties" in node:
        return f"an object with {either(list(node['properties']))}"
    if "description" in node:
        return str(node["description"])
    if "const" in node or "enum" in node:
        return either([str(value) for value in node.get("enum", (node.get("const"),))])
    if choices := _choices(node):
        return either([_words(_resolved(choice, schema), schema) for choice in choices])
    match node.get("type"):
        case "string":
            return f"text of at most {node['maxLength']} characters" if "maxLength" in node else "text"
        case "array":
            return f"a list of at most {node['maxItems']}" if "maxItems" in node else "a list"
        case "boolean":
            return "true or false"
        case "integer":
            limits = f" from {node['minimum']} to {node['maximum']}" if {"minimum", "maximum"} <= node.keys() else ""
            return f"a whole number{limits}"
        case kind:
            return f"a {kind}"


def either(words: Sequence[str]) -> str:
    """`a, b or c`."""
    return "".join(words) if len(words) < 2 else f"{', '.join(words[:-1])} or {words[-1]}"
