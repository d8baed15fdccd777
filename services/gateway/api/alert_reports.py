"""What the reporter of an alert said, and whom it is about: for officers on duty of those who respond."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from chassis.messaging.retry import Outage
from chassis.security.keys import KeyRing
from contracts import exchange
from contracts.exchange import Candidate, PersonToken
from contracts.model import Id, Model, Region
from contracts.notifications import AlertRaised, ReportForOfficer, Withheld
from contracts.outcomes import Refused
from contracts.registry import PersonState
from contracts.schemas import message_type
from services.gateway.api.caller import CallerOf
from services.gateway.api.disclosures import disclosures
from services.gateway.api.openapi import refuses
from services.gateway.api.submit_and_wait import principal_of
from services.gateway.calls import Unexpected
from services.gateway.clients import Services
from services.gateway.domain.copies import SHOWN, Disclosure
from services.gateway.domain.grants import Grant, paths_of, personal_of
from services.gateway.domain.receiver_ids import person_token, receiver_id
from services.gateway.domain.routing import Routing
from services.gateway.store import Store
from services.gateway.tokens import Caller

RAISED = message_type(AlertRaised)
ASK_SECONDS = 2.0
"""How long an officer waits to be told whom an alert is about: what was said is shown in any case."""


class AlertReport(Model):
    """What was said, and of the person what the emergency agreement gives. `asof` (UTC): when each was recorded.

    Of a survivor `region` may be a regency. `candidates` stand in place of `person` where several carry what the
    reporter named somebody by.
    """

    alert: Id
    agreements: tuple[str, ...]
    asof: datetime
    region: Region | None = None
    report: exchange.ReportPart
    person_withheld: Withheld | None = None
    """The reporter named somebody, and nobody is told whom: ask the reporter."""
    person: PersonToken | None = None
    personal: exchange.PersonalPart | None = None
    person_asof: datetime | None = None
    candidates: tuple[Candidate, ...] = ()
    incomplete: bool = False
    """The registry could not be asked: read it again to learn whom the alert is about."""


def router(
    identify: CallerOf, ring: KeyRing, services: Services, store: Store, routing: Callable[[], Routing]
) -> APIRouter:
    """The route /v1/alerts/{alert}/report; `routing` gives the agreements of this moment."""
    routes = APIRouter(prefix="/v1/alerts", tags=["alerts"])
    CurrentCaller = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    @routes.get(
        "/{alert}/report",
        summary="What the reporter said, and whom the alert is about",
        response_model_exclude_none=True,
        responses=refuses("invalid_value", "purpose_not_allowed", "not_found"),
    )
    async def get_report(caller: CurrentCaller, alert: Id) -> AlertReport:
        """For officers on duty of those who respond, of a survivor's alert too.

        Every reading is put on record before it is answered.
        """
        current = routing()
        grant = _grant(current, caller)
        report = await services.get_report(principal_of(ring, caller), alert)
        try:
            report, persons = _shown(current, report, await _persons(services, report))
            incomplete = False
        except (Outage, Unexpected):
            persons, incomplete = [], True
        reading = Reading(ring, caller, grant, report, persons)
        await store.disclose(reading.disclosures())
        return reading.view().model_copy(update={"incomplete": incomplete})

    return routes


def _grant(routing: Routing, caller: Caller) -> Grant:
    """What those who respond are given for the purpose of the token. Raises Refused `purpose_not_allowed`."""
    grant = routing.emergency(RAISED).get(caller.purpose or "")
    if grant is None:
        raise Refused("purpose_not_allowed")
    return grant


async def _persons(services: Services, report: ReportForOfficer) -> list[PersonState]:
    """Whom the alert is, or may be, about."""
    ids: tuple[str, ...] = (report.person,) if report.person else ()
    if not ids and (report.nik or report.passport):
        resolved = await services.resolve_person(report.nik, report.passport, timeout=ASK_SECONDS)
        ids = (resolved.person,) if resolved.person else resolved.candidates
    return list((await services.read_persons(dict.fromkeys(ids, 0), timeout=ASK_SECONDS)).values())


def _shown(
    routing: Routing, report: ReportForOfficer, persons: list[PersonState]
) -> tuple[ReportForOfficer, list[PersonState]]:
    """Nobody, where the reporter gave no reason and no agreement of its own covers each of them.

    Whether the registry knows anybody makes no difference then.
    """
    if report.named_under in SHOWN:
        return report, persons
    if report.named_under is None:
        return report, []
    if persons and all(routing.knows(report.source, state.facets) for state in persons):
        return report, persons
    return report.model_copy(update={"withheld": "no_reason"}), []


@dataclass(frozen=True, slots=True)
class Reading:
    """One officer's reading of one report: what it shows, and what the record says of it."""

    ring: KeyRing
    caller: Caller
    grant: Grant
    report: ReportForOfficer
    persons: Sequence[PersonState]

    def view(self) -> AlertReport:
        shown = [self._person(state) for state in self.persons]
        values: dict[str, Any] = {
            "alert": self.report.alert,
            "agreements": self.grant.names,
            "asof": self.report.asof,
            "region": self.report.region,
            "report": self._narrated(),
            "person_withheld": self.report.withheld,
        }
        if len(shown) > 1:
            return AlertReport.model_validate(values | {"candidates": shown})
        for person in shown:
            values |= {"person": person["person"], "personal": person["personal"], "person_asof": person["asof"]}
        return AlertReport.model_validate(values)

    def disclosures(self) -> list[Disclosure]:
        """Of what was said, and of each person; a survivor's stand in no list of another institution's."""
        report_part = {"report": self._narrated()}
        if len(self.persons) == 1:
            return self._rows(self.persons[0], report_part | self._person(self.persons[0]))
        rows = self._rows(None, report_part)
        return rows + [row for state in self.persons for row in self._rows(state, self._person(state))]

    def _rows(self, state: PersonState | None, part: dict[str, Any]) -> list[Disclosure]:
        owner = state.facets.owner if state and self.report.privacy != "survivor" else None
        person, asof = (state.person, state.asof) if state else (None, None)
        by_agreement = self.grant.given_by(paths_of(part), {})
        purpose = self.caller.purpose or ""
        return list(disclosures(self.ring, self.caller, purpose, person, by_agreement, asof, owner))

    def _narrated(self) -> dict[str, str]:
        return self.report.model_dump(include=set(self.grant.report), exclude_none=True)

    def _person(self, state: PersonState) -> dict[str, Any]:
        organisation = self.caller.organisation
        hashed = partial(receiver_id, self.ring, organisation)
        return {
            "person": person_token(self.ring, organisation, state.person),
            "personal": personal_of(self.grant, organisation, state, {}, hashed),
            "asof": state.asof,
        }
