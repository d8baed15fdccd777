"""What one process read and wrote of late. It may be older than what is stored."""

from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar

from cachetools import LRUCache

from services.registry.domain import person
from services.registry.domain.identifiers import IdentifierEntry


class _Revised(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def revision(self) -> int: ...


T = TypeVar("T", bound=_Revised)


class Recent(Generic[T]):
    """The things used last. One may be older than what is stored: whoever builds on it is stopped by its revision."""

    def __init__(self, capacity: int) -> None:
        self.kept: LRUCache[str, T] = LRUCache(capacity)

    def find(self, name: str) -> T | None:
        """The thing, which counts as used."""
        return self.kept.get(name)

    def keep(self, things: Iterable[T]) -> None:
        """Remember things, unless newer ones came meanwhile, and forget those not used for longest."""
        for thing in things:
            kept = self.kept.get(thing.id)
            if kept is None or kept.revision <= thing.revision:
                self.kept[thing.id] = thing

    def drop(self, names: Iterable[str]) -> None:
        """Forget things; unknown names are fine."""
        for name in names:
            self.kept.pop(name, None)


class Cache:
    """What one process read and wrote of late; a person has two identifiers as a rule."""

    def __init__(self, persons: int = 20_000) -> None:
        self.persons: Recent[person.Stored] = Recent(persons)
        self.entries: Recent[IdentifierEntry] = Recent(2 * persons)


def split_cached(recent: Recent[T], ids: Iterable[str]) -> tuple[dict[str, T], list[str]]:
    """What is remembered, and the ids of which nothing is."""
    cached: dict[str, T] = {}
    unknown: list[str] = []
    for name in ids:
        thing = recent.find(name)
        if thing is None:
            unknown.append(name)
        else:
            cached[name] = thing
    return cached, unknown
