"""What agreements of one purpose give together: their union, each field with the agreements it comes by. Pure."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, cast

from contracts import registry
from contracts.exchange import Form
from contracts.registry import FactKind
from services.gateway.domain.agreements import FACT_KINDS, Agreement

Stated = Mapping[str, Iterable[FactKind]]
"""By the name of a field: the kinds of fact that state its current value."""
Given = tuple[tuple[str, tuple[str, ...]], ...]
"""Names of agreements, each with the paths of the fields that it gives."""
Kinds = frozenset[FactKind] | None

DERIVED = frozenset({"facts.status", "facts.flags", "facts.owner", "facts.absorbed", "facts.separated"})
"""What no institution states: the platform makes it of all that is stated."""
NOTHING_STATED: Stated = MappingProxyType({})


class Grant:
    """The union of agreements that have one receiver and one purpose; of none, it gives nothing.

    `personal` has each field with each of its forms; `conditional` says whether what is given depends on the kind of
    fact that states it.
    """

    def __init__(self, agreements: tuple[Agreement, ...] = ()) -> None:
        self.agreements = agreements
        self.names = tuple(agreement.name for agreement in agreements)
        self.conditional = any(
            not (agreement.kinds is None or agreement.kinds >= FACT_KINDS) for agreement in agreements
        )
        self._givers: dict[str, tuple[tuple[str, Kinds], ...]] = {}
        for agreement in agreements:
            for path in agreement.fields:
                self._givers[path] = (*self._givers.get(path, ()), (agreement.name, agreement.kinds))
        self.facts = _named(self._givers, "facts.")
        self.report = _named(self._givers, "report.")
        self.personal = tuple(_personal(path) for path in self._givers if path.startswith("personal."))

    @property
    def needs_state(self) -> bool:
        """Whether a person must be read to know what is given."""
        return bool(self.personal) or self.conditional

    def gives(self, path: str, kinds: Iterable[FactKind]) -> tuple[str, ...]:
        """Names of the agreements that give a field whose value facts of these kinds state."""
        stated = frozenset(kinds)
        return tuple(
            name
            for name, covered in self._givers.get(path, ())
            if covered is None or path in DERIVED or covered & stated
        )

    def kinds_by_field(self) -> dict[str, frozenset[FactKind]]:
        """By field, the kinds of fact whose values are given."""
        return {
            path: frozenset[FactKind]().union(
                *(FACT_KINDS if kinds is None or path in DERIVED else kinds for _, kinds in givers)
            )
            for path, givers in self._givers.items()
        }

    def facts_given(self, facts: Mapping[str, Any], stated: Stated) -> dict[str, Any]:
        """Those of the facts that it gives."""
        names = self.facts
        return {
            name: value
            for name, value in facts.items()
            if name in names and (not self.conditional or self.gives(f"facts.{name}", stated.get(name, ())))
        }

    def personal_given(
        self, personal: Mapping[str, str | None], stated: Stated, hashed: Callable[[str, str], str]
    ) -> dict[str, dict[str, str]]:
        """By form, the fields that it gives; `hashed(field, value)` is the receiver's own."""
        by_form: dict[str, dict[str, str]] = {}
        for name, form in self.personal:
            value = personal.get(name)
            if not value:
                continue
            if self.conditional and not self.gives(f"personal.{form}.{name}", stated.get(name, ())):
                continue
            by_form.setdefault(form, {})[name] = in_form(name, value, form, hashed)
        return by_form

    def given_by(self, paths: tuple[str, ...], stated: Stated) -> Given:
        """The agreements that gave these fields, each with those that it gave."""
        if len(self.agreements) == 1:
            return ((self.agreements[0].name, paths),)
        by_agreement: dict[str, list[str]] = {name: [] for name in self.names}
        for path in paths:
            for name in self.gives(path, stated.get(path.rsplit(".", 1)[1], ())):
                by_agreement[name].append(path)
        return tuple((name, tuple(fields)) for name, fields in by_agreement.items())


def personal_of(
    grant: Grant, receiver: str, state: registry.PersonState, stated: Stated, hashed: Callable[[str, str], str]
) -> dict[str, dict[str, str]]:
    """By form, the personal fields of a person that a receiver is given.

    Where a join is not confirmed, what agreements give of each part that they cover by the part's own facts: nobody
    gains by the join.
    """
    if not state.unconfirmed:
        return grant.personal_given(state.personal, stated, hashed)
    by_form: dict[str, dict[str, str]] = {}
    for part in state.unconfirmed:
        covering = Grant(tuple(agreement for agreement in grant.agreements if agreement.covers(receiver, part.facets)))
        for form, fields in covering.personal_given(part.personal, part.stated, hashed).items():
            by_form.setdefault(form, {}).update(fields)
    return by_form


def _named(paths: Iterable[str], part: str) -> frozenset[str]:
    return frozenset(path.removeprefix(part) for path in paths if path.startswith(part))


def _personal(path: str) -> tuple[str, Form]:
    _, form, name = path.split(".")
    return name, cast(Form, form)


def paths_of(part: Mapping[str, Any]) -> tuple[str, ...]:
    """The paths of what a copy or a view gives: `facts.status`, `personal.masked.nik`, `report.place`."""
    paths = [f"facts.{name}" for name in part.get("facts") or ()]
    paths += [f"personal.{form}.{name}" for form, values in (part.get("personal") or {}).items() for name in values]
    return (*paths, *(f"report.{name}" for name in part.get("report") or ()))


def in_form(name: str, value: str, form: Form, hashed: Callable[[str, str], str]) -> str:
    """A value as a form shows it; of a masked one at most four characters, and under half, are shown."""
    match form:
        case "clear":
            return value
        case "masked":
            return "*" * max(len(value) - 4, 4) + value[-4:] if len(value) > 8 else "*" * 8
        case "hashed":
            return hashed(name, value)
        case "year":
            return value[:4]
