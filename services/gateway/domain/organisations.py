"""Who every organisation is at a moment, by the code list and what operators changed since. Pure."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter
from types import MappingProxyType

from contracts import codes
from contracts.authority import that_decide
from contracts.commands import Principal
from contracts.gateway import OrganisationKind, OrganisationLevel, OrganisationState
from contracts.model import WIB
from contracts.topics import Names, partner_slug


@dataclass(frozen=True, slots=True)
class Institution:
    """One organisation at a moment. `functions` are those that count: its own and those of whom it succeeded.

    Of one that was succeeded none count; `own_functions` are what it had. `successor` is who stands for it in the end,
    itself where nobody took over; `predecessors` are those that it stands for.
    """

    code: str
    name_id: str
    name_en: str
    kind: OrganisationKind
    level: OrganisationLevel
    region_code: str
    functions: frozenset[str]
    own_functions: frozenset[str]
    successor: str
    predecessors: tuple[str, ...]


class Organisations:
    """A value: made anew when something changes. Of the future it knows what has been stated for it."""

    def __init__(self, states: Iterable[OrganisationState] = ()) -> None:
        self.states: Mapping[str, OrganisationState] = MappingProxyType({state.organisation: state for state in states})
        listed = codes.organisations()
        registered = [code for code, state in self.states.items() if state.registered and code not in listed]
        self.codes: tuple[str, ...] = (*listed, *sorted(registered))
        self._known = frozenset(self.codes)
        self.suspended = frozenset(code for code, state in self.states.items() if state.suspension)
        self._instants = sorted({at for state in self.states.values() for at in _instants(state)})
        self._epochs: dict[int, Mapping[str, Institution]] = {}
        self._principals: dict[tuple[int, str], Principal] = {}

    def __contains__(self, code: object) -> bool:
        return code in self._known

    def with_state(self, state: OrganisationState) -> "Organisations":
        """As it is when one organisation has changed; an older state changes nothing."""
        before = self.states.get(state.organisation)
        if before is not None and before.version >= state.version:
            return self
        return Organisations({**self.states, state.organisation: state}.values())

    @cached_property
    def by_topic_code(self) -> Mapping[str, str]:
        """Codes by what stands for them in names of topics."""
        return MappingProxyType({codes.org_topic_code(code): code for code in self.codes})

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every function that an organisation has, without parameters."""
        listed = (function for organisation in codes.organisations().values() for function in organisation.roles)
        return frozenset(function.partition(":")[0] for function in listed)

    # -- at a moment

    def at(self, moment: datetime) -> Mapping[str, Institution]:
        """Every organisation by its code. Between two changes the answer is the same object."""
        epoch = bisect_right(self._instants, moment)
        if epoch not in self._epochs:
            self._epochs[epoch] = MappingProxyType(self._institutions(moment))
        return self._epochs[epoch]

    def record_principal(self, code: str, moment: datetime) -> Principal:
        """Who states what stands in an organisation's topic since this moment.

        One that was succeeded goes on stating, under its own code, what it could: its system may still be connected.
        """
        key = bisect_right(self._instants, moment), code
        if key not in self._principals:
            self._principals[key] = _record_principal(self.at(moment).get(code), code)
        return self._principals[key]

    def successor(self, code: str, moment: datetime) -> str:
        """Who stands for an organisation: itself where nobody took over, or where it is not known."""
        institution = self.at(moment).get(code)
        return institution.successor if institution else code

    def successors(self, moment: datetime) -> Mapping[str, str]:
        """Who stands for each organisation that was taken over."""
        pairs = ((code, institution.successor) for code, institution in self.at(moment).items())
        return {code: successor for code, successor in pairs if successor != code}

    def stands_for(self, code: str, moment: datetime) -> tuple[str, ...]:
        """Itself, and those whose successor it is."""
        institution = self.at(moment).get(code)
        return (code, *institution.predecessors) if institution else (code,)

    def will_lead_to(self, code: str, other: str, moment: datetime) -> bool:
        """Whether at this moment, or at any later one, `other` is or succeeds `code`, at once or over others."""
        moments = (moment, *(at for at in self._instants if at > moment))
        return any(other in self._chain(code, at) for at in moments)

    def _institutions(self, moment: datetime) -> dict[str, Institution]:
        own = {code: self._own_functions(code, moment) for code in self.codes}
        successors = {code: self._last(code, moment) for code in self.codes}
        predecessors: dict[str, list[str]] = {}
        for code, successor in successors.items():
            if successor != code:
                predecessors.setdefault(successor, []).append(code)
        return {
            code: self._institution(code, moment, own, successors[code], tuple(predecessors.get(code, ())))
            for code in self.codes
        }

    def _institution(
        self, code: str, moment: datetime, own: Mapping[str, frozenset[str]], successor: str, before: tuple[str, ...]
    ) -> Institution:
        name_id, name_en = self._names(code, moment)
        functions = own[code].union(*(own[other] for other in before)) if successor == code else frozenset[str]()
        base = codes.organisations().get(code) or self.states[code].registered
        assert base is not None
        return Institution(
            code, name_id, name_en, base.kind, base.level, base.region_code, functions, own[code], successor, before
        )

    def _names(self, code: str, moment: datetime) -> tuple[str, str]:
        today, state, listed = moment.astimezone(WIB).date(), self.states.get(code), codes.organisations().get(code)
        begun = [(named.since, number, named) for number, named in enumerate(state.names if state else ())]
        begun = [entry for entry in begun if entry[0] <= today]
        if begun:
            named = max(begun, key=lambda entry: entry[:2])[2]
            return named.name_id, named.name_en
        if listed is None:  # a name that begins later is better than none
            assert state is not None
            return state.names[0].name_id, state.names[0].name_en
        return listed.name_id, listed.name_en

    def _own_functions(self, code: str, moment: datetime) -> frozenset[str]:
        state, listed = self.states.get(code), codes.organisations().get(code)
        functions = set(listed.roles if listed else ())
        if state is None:
            return frozenset(functions)
        functions |= set(state.registered.functions) if state.registered and not listed else set()
        for change in sorted(state.functions, key=attrgetter("counts_from")):  # sorted keeps the order of recording
            if change.counts_from <= moment:
                functions = (functions - set(change.take)) | set(change.give)
        return frozenset(functions)

    def _last(self, code: str, moment: datetime) -> str:
        """Where the chain of successors ends; one that leads back into itself leads nowhere."""
        chain = tuple(self._chain(code, moment))
        return code if self._next(chain[-1], moment) is not None else chain[-1]

    def _chain(self, code: str, moment: datetime) -> Iterator[str]:
        """Itself, its successor, and so on, each once."""
        passed = set[str]()
        following: str | None = code
        while following is not None and following not in passed:
            yield following
            passed.add(following)
            following = self._next(following, moment)

    def _next(self, code: str, moment: datetime) -> str | None:
        state = self.states.get(code)
        begun = [succession for succession in (state.successors if state else ()) if succession.counts_from <= moment]
        return sorted(begun, key=lambda succession: succession.counts_from)[-1].successor if begun else None


def _record_principal(institution: Institution | None, code: str) -> Principal:
    if institution is None:
        return Principal(organisation=code, functions=())
    functions = institution.functions if institution.successor == code else institution.own_functions
    return Principal(organisation=code, functions=that_decide(functions), succeeds=institution.predecessors)


def is_held(organisations: Organisations, names: Names, topic: str) -> bool:
    """Whether what stands in an intake topic stays unread: loads of a suspended organisation, never what is urgent."""
    code = organisations.by_topic_code.get(partner_slug(topic, names.prefix))
    return code in organisations.suspended and topic == names.intake(code or "")


InstitutionsNow = Callable[[], Mapping[str, Institution]]
"""Every organisation by its code, as it is at this moment."""
RecordPrincipal = Callable[[str, datetime], Principal]
"""As `Organisations.record_principal`, by what is known now."""


def _instants(state: OrganisationState) -> Iterator[datetime]:
    """When something begins to count."""
    yield from (change.counts_from for change in state.functions)
    yield from (change.counts_from for change in state.successors)
    yield from (_midnight(change.since) for change in state.names)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=WIB)
