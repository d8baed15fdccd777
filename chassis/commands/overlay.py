"""Overlay: what a batch, or one command of it, changed of the items it loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol, TypeVar


class Identified(Protocol):
    """Whatever has an id."""

    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=Identified)


class Overlay(Mapping[str, T]):
    """Items by id: those put here, in front of those below, which stay as they are.

    A workspace lays one over what was loaded, a command lays another over the workspace: its changes are dropped with
    it when it is refused, and put into the workspace's when it is applied.
    """

    def __init__(self, below: Mapping[str, T] | None = None) -> None:
        self.below: Mapping[str, T] = {} if below is None else below
        self.changed: dict[str, T] = {}

    def put(self, *items: T) -> None:
        """Add or replace items."""
        for item in items:
            self.changed[item.id] = item

    def __getitem__(self, name: str) -> T:
        item = self.changed.get(name)
        return self.below[name] if item is None else item

    def __iter__(self) -> Iterator[str]:
        yield from self.below
        yield from (name for name in self.changed if name not in self.below)

    def __len__(self) -> int:
        return len(self.below.keys() | self.changed.keys())
