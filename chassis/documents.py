"""Dataclasses as documents, and documents as dataclasses: one way for every store.

A document has the fields of its class under their names; a field that has its default is left out. Tuples are lists
there, and nested dataclasses, named tuples and pydantic models are documents in it. Both ways run in generated code, as
dataclasses themselves do, because every record that is taken in passes here several times.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic_core import PydanticUndefined, from_json, to_json

T = TypeVar("T")

AS_JSON = "as JSON"
"""`Annotated[..., AS_JSON]`: a field kept as one blob, which the embedded database handles far faster than a nest."""
_PLAIN = (str, int, float, bool, bytes, datetime, NoneType, Any)
"""What the database keeps as it is; times to the millisecond."""


class NotStorable(TypeError):
    """A field has a type that no document knows."""


class Codec(Generic[T]):
    """Writes and reads the documents of one dataclass, named tuple or pydantic model.

    `key` names the field that is the document's `_id`. Those in `without` are not stored; `make` makes an instance of
    the others, given by name. Raises NotStorable at once.
    """

    document: Callable[[T], dict[str, Any]]
    """A new document of an instance."""
    read: Callable[[Mapping[str, Any]], T]
    """The instance that a document was made of; what else it holds is left aside. Raises KeyError."""

    def __init__(
        self,
        of: type[T],
        *,
        key: str = "id",
        without: Collection[str] = (),
        make: Callable[..., T] | None = None,
    ) -> None:
        names = _Names()
        stored = [field for field in _fields_of(of, names) if field.name not in without]
        source = "\n".join([*_writing(stored, key, names), *_reading(stored, key, names, make or of)])
        exec(compile(source, f"<documents of {of.__name__}>", "exec"), names.values)  # noqa: S102  # of our own making
        self.document, self.read = names.values["document"], names.values["read"]


class _Field(NamedTuple):
    """`default` is the source of the value that is left out; None where none is."""

    name: str
    kind: Any
    default: str | None


class _Names:
    """What generated code refers to by name."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def of(self, value: Any) -> str:
        name = f"_{len(self.values)}"
        self.values[name] = value
        return name


@dataclass(frozen=True, slots=True)
class _Conversion:
    """From the source of a value to the source of it written, and read."""

    write: Callable[[str], str]
    read: Callable[[str], str]


_AS_IT_IS = _Conversion(lambda value: value, lambda value: value)


def _writing(stored: Iterable[_Field], key: str, names: _Names) -> Iterable[str]:
    always, seldom = [], []
    for field in stored:
        name, write = _stored_name(field, key), _conversion(field.kind, names).write
        if field.default is None:
            always.append(f"{name!r}: {write(f'item.{field.name}')}")
        else:
            seldom.append(f" if item.{field.name} != {field.default}:")
            seldom.append(f"  document[{name!r}] = {write(f'item.{field.name}')}")
    return ["def document(item):", f" document = {{{', '.join(always)}}}", *seldom, " return document"]


def _reading(stored: Iterable[_Field], key: str, names: _Names, make: Callable[..., Any]) -> Iterable[str]:
    values = []
    for field in stored:
        name, read = _stored_name(field, key), _conversion(field.kind, names).read
        value = read(f"document[{name!r}]")
        if field.default is not None:
            value = f"{value} if {name!r} in document else {field.default}"
        values.append(f"{field.name}={value}")
    return ["def read(document):", f" return {names.of(make)}({', '.join(values)})"]


def _stored_name(field: _Field, key: str) -> str:
    return "_id" if field.name == key else field.name


def _fields_of(of: Any, names: _Names) -> list[_Field]:
    if isinstance(of, type) and issubclass(of, BaseModel):
        return [
            _Field(name, field.annotation, _default(field.default, field.default_factory, names))
            for name, field in of.model_fields.items()
        ]
    kinds = get_type_hints(of, include_extras=True)
    if is_dataclass(of):
        return [
            _Field(field.name, kinds[field.name], _default(field.default, field.default_factory, names))
            for field in fields(of)
        ]
    defaults = of._field_defaults
    return [_Field(name, kinds[name], _default(defaults.get(name, MISSING), None, names)) for name in of._fields]


def _default(value: Any, factory: Any, names: _Names) -> str | None:
    if factory not in (None, MISSING):
        return f"{names.of(factory)}()"
    return None if value is MISSING or value is PydanticUndefined else names.of(value)


def _conversion(kind: Any, names: _Names) -> _Conversion:
    """How values of a type are written and read. Raises NotStorable."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _as_json(names) if AS_JSON in arguments else _conversion(arguments[0], names)
    if kind in _PLAIN or origin is Literal or (origin in (dict, Mapping) and _is_plain(arguments, names)):
        return _AS_IT_IS
    if origin in (tuple, frozenset):
        return _of_several(origin, _of_each((argument for argument in arguments if argument is not Ellipsis), names))
    if origin in (Union, UnionType):
        return _unless_none(_of_each((argument for argument in arguments if argument is not NoneType), names))
    if isinstance(kind, type) and issubclass(kind, Enum):
        made = names.of(kind)
        return _Conversion(lambda value: f"{value}.value", lambda value: f"{made}({value})")
    if is_dataclass(kind) or hasattr(kind, "_fields") or (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return _nested(kind, names)
    raise NotStorable(kind)


def _is_plain(kinds: Iterable[Any], names: _Names) -> bool:
    return all(_conversion(kind, names) is _AS_IT_IS for kind in kinds)


def _of_each(kinds: Iterable[Any], names: _Names) -> _Conversion:
    """The one conversion of several types: they are all plain, or one."""
    several = tuple(dict.fromkeys(kinds))
    if len(several) > 1 and not _is_plain(several, names):
        raise NotStorable(several)
    return _conversion(several[0], names)


def _of_several(origin: type, item: _Conversion) -> _Conversion:
    in_order, made = ("sorted" if origin is frozenset else "list"), origin.__name__
    if item is _AS_IT_IS:
        return _Conversion(lambda values: f"{in_order}({values})", lambda values: f"{made}({values})")
    return _Conversion(
        lambda values: f"[{item.write('value')} for value in {values}]",
        lambda values: f"{made}([{item.read('value')} for value in {values}])",
    )


def _unless_none(item: _Conversion) -> _Conversion:
    if item is _AS_IT_IS:
        return item
    return _Conversion(
        lambda value: f"(None if {value} is None else {item.write(value)})",
        lambda value: f"(None if {value} is None else {item.read(value)})",
    )


def _nested(kind: Any, names: _Names) -> _Conversion:
    codec: Codec[Any] = Codec(kind, key="")
    write, read = names.of(codec.document), names.of(codec.read)
    return _Conversion(lambda value: f"{write}({value})", lambda value: f"{read}({value})")


def _as_json(names: _Names) -> _Conversion:
    write, read = names.of(to_json), names.of(from_json)
    return _Conversion(lambda value: f"{write}({value})", lambda value: f"{read}({value})")
