"""Past events under changed agreements: who would gain or lose which fields of how many of them. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts import registry
from contracts.registry import FactKind
from contracts.schemas import message_type
from services.gateway.domain.agreements import FACT_KINDS, PERSON_EVENTS
from services.gateway.domain.routing import Group, Routing

FEW = 5
"""Numbers of events below this are not told: they would tell of single persons."""
MERGED, DECIDED = message_type(registry.PersonMerged), message_type(registry.OfferDecided)
FACETS = tuple(registry.Facets.model_fields)

Shape = tuple[str, bool, str | None, tuple[str | None, ...], tuple[str | None, ...] | None]
"""Of an event: its type, whether it is of an absorbed person, the author of a decided offer, facets now and before."""
Kinds = Mapping[tuple[Group, str], frozenset[FactKind]]
"""By receiver, purpose, pseudonym and field: the kinds of fact whose values are given."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one receiver and purpose. `gained` and `lost` count events; None for 1 to 4 of them.

    `depends`: only where the value is stated in some kinds of fact, which the log does not tell.
    """

    receiver: str
    purpose: str
    field: str
    gained: int | None
    lost: int | None
    depends: bool


def shape_of(body: Mapping[str, Any]) -> Shape | None:
    """What decides who gets an event, of its JSON; None for one that is not of a person."""
    kind, facets, before = body.get("type"), body.get("facets"), body.get("facets_before")
    if kind not in PERSON_EVENTS or facets is None:
        return None
    absorbed = kind == MERGED and body.get("role") == "absorbed"
    author = body.get("by") if kind == DECIDED else None
    values = tuple([facets.get(name) for name in FACETS])
    return kind, absorbed, author, values, tuple([before.get(name) for name in FACETS]) if before else None


def compare(shapes: Mapping[Shape, int], before: Routing, after: Routing) -> list[Change]:
    """Of events counted by their shape; ordered by receiver, purpose and field."""
    gained: Counter[tuple[Group, str]] = Counter()
    lost: Counter[tuple[Group, str]] = Counter()
    partly: set[tuple[Group, str]] = set()
    for shape, events in shapes.items():
        then, now = _given(before, shape), _given(after, shape)
        for field in {*then, *now}:
            for counter, more, fewer in ((gained, now, then), (lost, then, now)):
                if kinds := more.get(field, frozenset()) - fewer.get(field, frozenset()):
                    counter[field] += events
                    if kinds != FACT_KINDS:
                        partly.add(field)
    return [
        Change(group[0], group[1], path, _told(gained[group, path]), _told(lost[group, path]), (group, path) in partly)
        for group, path in sorted({*gained, *lost})
    ]


def _given(routing: Routing, shape: Shape) -> Kinds:
    kind, absorbed, author, now, before = shape
    recipients = routing.recipients(kind, _facets(now), _facets(before) if before else None, author, absorbed=absorbed)
    return dict(_fields(recipients))


def _fields(recipients: Iterable[Any]) -> Iterator[tuple[tuple[Group, str], frozenset[FactKind]]]:
    for recipient in recipients:
        for path, kinds in recipient.grant.kinds_by_field().items():
            yield ((recipient.receiver, recipient.purpose, recipient.pseudonym), path), kinds


def _facets(values: tuple[str | None, ...]) -> registry.Facets:
    return registry.Facets.model_construct(**dict(zip(FACETS, values, strict=True)))  # type: ignore[arg-type]


def _told(events: int) -> int | None:
    return None if 0 < events < FEW else events
