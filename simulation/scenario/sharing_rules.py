"""Who may receive whom, and in which form: computed by the gateway's own agreements."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from contracts.exchange import Form
from services.gateway.domain.agreements import load
from services.gateway.domain.grants import in_form, paths_of
from services.gateway.domain.routing import Routing
from simulation.scenario.day_plan import DayPlan, Journey
from simulation.scenario.expected_state import state_after
from simulation.scenario.participants import BORDER_CONTROL, CONNECTED, REGISTRY_OWNER
from simulation.scenario.partner_messages import registration
from simulation.scenario.people import SimulatedPerson

_SECRET = "?"  # noqa: S105  # stands for a value that only the receiver's key makes
_FORMS: Mapping[Form, re.Pattern[str]] = {
    "masked": re.compile(r"\*{4,}.{0,4}"),
    "hashed": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "year": re.compile(r"\d{4}"),
}
"""What a value looks like that does not tell whose it is."""


class SharingRules:
    """Of the simulated people alone: others may be in the same registry."""

    def __init__(self, day: DayPlan) -> None:
        self._agreements = {agreement.name: agreement for agreement in load()}
        self._routing = Routing(self._agreements.values(), frozenset(CONNECTED), day.now.date())
        self._now = day.now
        self._receivers_by_facets: dict[tuple[str, str, str], tuple[str, ...]] = {}
        self._by_number: dict[str, SimulatedPerson] = {}
        self._persons: defaultdict[str, set[str]] = defaultdict(set)
        for person in (*day.everybody, *day.earlier):
            self._by_number |= {person.passport: person, person.phone: person, person.nik: person}
            for receiver in self._receivers(person):
                self._persons[receiver].add(person.passport)
        for worker in day.valid:  # whose fact opens a person owns them until the registration
            if worker.journey is Journey.DEPARTED_BEFORE_REGISTRATION:
                self._persons[BORDER_CONTROL].add(worker.person.passport)

    def persons_of(self, receiver: str) -> set[str]:
        """Passport numbers of the people whom a receiver gets copies about."""
        return self._persons[receiver]

    def person_in(self, copy: Mapping[str, Any]) -> SimulatedPerson | None:
        """Who a copy is about; None where it does not tell, or names nobody of ours."""
        clear = copy.get("personal", {}).get("clear", {})
        numbers = (clear.get("passport"), clear.get("phone"), clear.get("nik"))
        return next((self._by_number[number] for number in numbers if number in self._by_number), None)

    def may_receive_persons(self, receiver: str) -> bool:
        """Whether any of the people is to be copied to a receiver."""
        return bool(self._persons[receiver])

    def is_pseudonymised(self, copy: Mapping[str, Any]) -> bool:
        return any(self._agreements[name].pseudonymised for name in copy["agreements"])

    def faults_of(self, receiver: str, copy: Mapping[str, Any]) -> Iterator[str]:
        """What a copy tells beyond the agreements it names, or not in its form, or about somebody else's person."""
        agreed = {field for name in copy["agreements"] for field in self._agreements[name].fields}
        if extra := sorted(set(paths_of(copy)) - agreed):
            yield f"{extra} not agreed on"
        personal: Mapping[Form, Mapping[str, str]] = copy.get("personal", {})
        for form, values in personal.items():
            for field, value in values.items():
                if form in _FORMS and not _FORMS[form].fullmatch(value):
                    yield f"a {field} that is not {form}"
        person = self.person_in(copy)
        if person and person.passport not in self._persons[receiver]:
            yield "a person whom no agreement gives"
        elif person:
            yield from _wrong_values(person, personal)

    def _receivers(self, person: SimulatedPerson) -> tuple[str, ...]:
        """By the facets that the registration makes; no later fact changes those that choose receivers."""
        key = (person.home_regency, person.destination, person.sector)
        if key not in self._receivers_by_facets:
            message = registration(REGISTRY_OWNER, person, self._now)
            facets = state_after([(REGISTRY_OWNER, message)], self._now).facets
            covered = tuple(code for code in CONNECTED if self._routing.covering(code, facets))
            self._receivers_by_facets[key] = covered
        return self._receivers_by_facets[key]


def _wrong_values(person: SimulatedPerson, personal: Mapping[Form, Mapping[str, str]]) -> Iterator[str]:
    own = {field: str(value) for field, value in asdict(person).items()}
    for form, values in personal.items():
        for field, value in values.items():
            if field in own and in_form(field, own[field], form, lambda *_: _SECRET) not in (_SECRET, value):
                yield f"another {field}"
