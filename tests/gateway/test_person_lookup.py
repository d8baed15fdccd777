"""What an alert learns of whom it is about on its way in: nothing that tells its reporter who is registered."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from chassis.messaging.retry import Outage
from contracts.notifications import AlertDetails, RaiseAlert
from contracts.registry import PersonResolved, PersonState
from services.gateway.clients import Services
from services.gateway.domain.translation import CommandDraft
from services.gateway.person_lookup import with_person
from tests.gateway.exchange.samples import NIK, OTHER, PERSON, facets, selection, state
from tests.notifications.alerts.builders import raising

NOBODY = PersonResolved(person=None)


class Registry(Services):
    """Knows some persons. `hangs`: at which call it stops answering."""

    def __init__(self, resolved: PersonResolved, *states: PersonState, hangs: str = "", away: bool = False) -> None:
        self.resolved, self.states = resolved, {state.person: state for state in states}
        self.hangs, self.away = hangs, away

    async def resolve_person(self, nik: str | None, passport: str | None, *, timeout: float) -> PersonResolved:
        await self._reached("resolve")
        return self.resolved

    async def read_persons(self, versions: Mapping[str, int], **_: Any) -> dict[str, PersonState]:
        await self._reached("read")
        return {person: self.states[person] for person in versions if person in self.states}

    async def _reached(self, call: str) -> None:
        if self.away:
            raise Outage("the registry is away")
        if self.hangs == call:
            await asyncio.Event().wait()


async def learned(registry: Registry, reporter: str = "KP2MI", **changes: Any) -> tuple[str | None, bool | None]:
    """Whom it is found to be about, and whether an agreement of the reporter's covers them."""
    body = raising(**({"person": None} | changes))
    draft = CommandDraft("alerts", body, AlertDetails(nik=None if body.person else NIK))
    routing = selection()
    found = (await with_person(registry, draft, lambda facets: routing.knows(reporter, facets))).body
    assert isinstance(found, RaiseAlert)
    return found.person, found.covered


@pytest.mark.parametrize(
    ("registry", "reporter", "person", "covered"),
    [
        (Registry(PersonResolved(person=PERSON), state()), "KP2MI", PERSON, True),
        (Registry(PersonResolved(person=PERSON), state()), "KBRI_KUL", PERSON, True),
        (Registry(PersonResolved(person=PERSON), state()), "KJRI_HKG", PERSON, False),
        (Registry(PersonResolved(person=PERSON), state()), "BPS", PERSON, False),
        (Registry(NOBODY), "KP2MI", None, False),
        (Registry(PersonResolved(person=PERSON), hangs="resolve"), "KP2MI", None, None),
        (Registry(PersonResolved(person=PERSON), hangs="read"), "KP2MI", PERSON, None),
        (Registry(NOBODY, away=True), "KP2MI", None, None),
    ],
)
async def test_it_is_covered_by_an_agreement_or_not_or_nobody_answered_in_time(
    registry: Registry, reporter: str, person: str | None, covered: bool | None
) -> None:
    assert await learned(registry, reporter) == (person, covered)


async def test_of_several_whom_it_may_be_about_every_one_has_to_be_covered() -> None:
    both = PersonResolved(person=None, candidates=(PERSON, OTHER))
    elsewhere = state(person=OTHER, facets=facets(owner="KEMLU", destination="HK", home_regency=None))
    assert await learned(Registry(both, state(), state(person=OTHER))) == (None, True)
    assert await learned(Registry(both, state(), elsewhere)) == (None, False)
    assert await learned(Registry(both, state())) == (None, False)


async def test_an_id_that_was_issued_once_does_not_say_that_an_agreement_still_covers() -> None:
    left = state(facets=facets(destination="HK"))
    assert await learned(Registry(NOBODY, left), "KBRI_KUL", person=PERSON) == (PERSON, False)


async def test_of_a_survivor_nobody_is_asked() -> None:
    draft = CommandDraft("alerts", raising("ALT-TPPO"), AlertDetails(nik=NIK), survivor=True)
    assert await with_person(Registry(NOBODY, hangs="resolve"), draft, lambda _: True) is draft
