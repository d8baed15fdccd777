"""What the gateway reads of the services, in the shapes that `contracts` gives the answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from contracts.commands import Principal
from contracts.indicators import Completeness, QuestionAnswer, RoundAnswers, RoundDetail, RoundList
from contracts.notifications import (
    AlertCount,
    AlertIds,
    AlertPage,
    AlertState,
    AlertsWanted,
    AlertWithPerson,
    ReportForOfficer,
    Reports,
    ReportsWanted,
    ReportWithIdentifiers,
    ReviewPage,
    ReviewState,
)
from contracts.outcomes import Outcome
from contracts.registry import (
    Band,
    DuplicateAgreement,
    DuplicateDetail,
    DuplicateOrder,
    DuplicatePage,
    DuplicateStatus,
    DuplicateWorkload,
    Identifiers,
    OfferDetail,
    OfferPage,
    OfferSide,
    OfferStatus,
    PersonResolved,
    PersonState,
    PersonStates,
    PersonsWanted,
    PersonWanted,
)
from services.gateway.calls import EXCHANGE, TIMEOUT_SECONDS, Calls

READ_CHUNK = 250
EVERY_ALERT = AlertsWanted()
NOBODY = "00000000-0000-8000-8000-000000000000"
"""An id that is nobody's."""


class Services(Calls):
    """Every read raises Outage while the service is away, Refused as it refused, Unexpected for an odd answer."""

    # -- registry

    async def read_persons(
        self, versions: Mapping[str, int], *, stated: bool = False, timeout: float = TIMEOUT_SECONDS
    ) -> dict[str, PersonState]:
        """States by the id asked for, each at least at the version given; whom the registry does not have is absent.

        `stated`: with the kinds of fact that state each value.
        """
        states: dict[str, PersonState] = {}
        wanted = [PersonWanted(id=person, at_least=version) for person, version in versions.items()]
        for start in range(0, len(wanted), READ_CHUNK):
            body = PersonsWanted(persons=tuple(wanted[start : start + READ_CHUNK]), stated=stated)
            read = await self.post("registry", "/persons/read", PersonStates, body, timeout=timeout)
            states |= {state.requested or state.person: state for state in read.persons}
        return states

    async def resolve_person(self, nik: str | None, passport: str | None, *, timeout: float) -> PersonResolved:
        """Who carries these identifiers: one person, or several whom they may be of."""
        identifiers = Identifiers(nik=nik, passport=passport)
        return await self.post("registry", "/persons/resolve", PersonResolved, identifiers, timeout=timeout)

    async def list_duplicates(
        self,
        principal: Principal,
        *,
        status: DuplicateStatus,
        order: DuplicateOrder,
        band: Band | None,
        after: str | None,
        limit: int,
    ) -> DuplicatePage:
        """One page of the stewards' queue."""
        query = {"status": status, "order": order, "band": band, "after": after, "limit": limit}
        return await self.get("registry", "/duplicates", DuplicatePage, principal, query)

    async def get_duplicate(self, principal: Principal, duplicate: str) -> DuplicateDetail:
        """Both persons side by side."""
        return await self.get("registry", f"/duplicates/{duplicate}", DuplicateDetail, principal)

    async def get_duplicate_workload(self, principal: Principal) -> DuplicateWorkload:
        """Open reviews by age, and what was opened and decided of late."""
        return await self.get("registry", "/duplicates/workload", DuplicateWorkload, principal)

    async def get_duplicate_agreement(self, principal: Principal, month: str) -> DuplicateAgreement:
        """Stewards' decisions of a month (YYYY-MM) beside the model's."""
        return await self.get("registry", "/duplicates/agreement", DuplicateAgreement, principal, {"month": month})

    async def list_offers(
        self, principal: Principal, *, side: OfferSide, status: OfferStatus, after: str | None, limit: int
    ) -> OfferPage:
        """One page of the offers that the principal's organisation owns or stated, or that stewards are shown."""
        query = {"side": side, "status": status, "after": after, "limit": limit}
        return await self.get("registry", "/offers", OfferPage, principal, query)

    async def get_offer(self, principal: Principal, offer: str) -> OfferDetail:
        """One offer."""
        return await self.get("registry", f"/offers/{offer}", OfferDetail, principal)

    async def probe(self) -> None:
        """Ask each service a harmless question. Raises Outage, or Unexpected when one answers what it should not."""
        await self.read_persons({NOBODY: 0})
        await self.read_reports([NOBODY])
        await self.list_rounds()

    # -- indicators

    async def list_rounds(self, principal: Principal = EXCHANGE) -> RoundList:
        """Every round, oldest first."""
        return await self.get("indicators", "/rounds", RoundList, principal)

    async def get_round(self, principal: Principal, round_id: str) -> RoundDetail:
        """A round with its questions."""
        return await self.get("indicators", f"/rounds/{round_id}", RoundDetail, principal)

    async def get_completeness(self, principal: Principal, round_id: str) -> Completeness:
        """Who has answered, who is late, what is missing."""
        return await self.get("indicators", f"/rounds/{round_id}/completeness", Completeness, principal)

    async def get_answer(
        self, principal: Principal, round_id: str, indicator: str, asof: datetime | None = None
    ) -> QuestionAnswer:
        """A question with its answer and earlier versions; with `asof`, as it was known then."""
        query = {"asof": asof.isoformat() if asof else None}
        return await self.get("indicators", f"/rounds/{round_id}/answers/{indicator}", QuestionAnswer, principal, query)

    async def list_answers(self, principal: Principal, round_id: str, asof: datetime | None = None) -> RoundAnswers:
        """Every question of a round, with the answers that the principal may read."""
        query = {"asof": asof.isoformat() if asof else None}
        return await self.get("indicators", f"/rounds/{round_id}/answers", RoundAnswers, principal, query)

    # -- alerts

    async def list_alerts(
        self, principal: Principal, *, state: AlertState | None, after: str | None, limit: int,
        since: datetime | None = None, wanted: AlertsWanted = EVERY_ALERT,
    ) -> AlertPage:  # fmt: skip
        """One page of the alerts that the principal may see."""
        query = {"state": state, "after": after, "limit": limit, **_query(since, wanted)}
        return await self.get("alerts", "/alerts", AlertPage, principal, query)

    async def count_alerts(
        self, principal: Principal, *, state: AlertState | None, limit: int, since: datetime | None,
        wanted: AlertsWanted,
    ) -> AlertCount:  # fmt: skip
        """How many alerts such a list has."""
        query = {"state": state, "limit": limit, **_query(since, wanted)}
        return await self.get("alerts", "/alerts/count", AlertCount, principal, query)

    async def get_alert(self, principal: Principal, alert: str) -> AlertWithPerson:
        """One alert."""
        return await self.get("alerts", f"/alerts/{alert}", AlertWithPerson, principal)

    async def get_report(self, principal: Principal, alert: str) -> ReportForOfficer:
        """What the reporter of an alert said, and whom it named."""
        return await self.get("alerts", f"/alerts/{alert}/report", ReportForOfficer, principal)

    async def list_reviews(
        self, principal: Principal, *, state: ReviewState, after: str | None, limit: int
    ) -> ReviewPage:
        """One page of the reviews that the principal may see."""
        query = {"state": state, "after": after, "limit": limit}
        return await self.get("alerts", "/reviews", ReviewPage, principal, query)

    async def find_alerts(self, alerts: Collection[str]) -> frozenset[str]:
        """Those of these ids that are alerts'."""
        wanted, existing = sorted(alerts), set[str]()
        for start in range(0, len(wanted), READ_CHUNK):
            body = AlertIds(alerts=tuple(wanted[start : start + READ_CHUNK]))
            existing.update((await self.post("alerts", "/alerts/find", AlertIds, body)).alerts)
        return frozenset(existing)

    async def read_reports(
        self, alerts: Sequence[str], *, timeout: float = TIMEOUT_SECONDS
    ) -> dict[str, ReportWithIdentifiers]:
        """What the reporters said, by alert id; alerts about which nothing was said are absent."""
        reports: dict[str, ReportWithIdentifiers] = {}
        for start in range(0, len(alerts), READ_CHUNK):
            body = ReportsWanted(alerts=tuple(alerts[start : start + READ_CHUNK]))
            read = await self.post("alerts", "/alerts/reports/read", Reports, body, timeout=timeout)
            reports |= {report.alert: report for report in read.reports}
        return reports

    # -- every service

    async def get_outcome(self, principal: Principal, service: str, command: str) -> Outcome:
        """The outcome of a command of the principal's organisation."""
        return await self.get(service, f"/outcomes/{command}", Outcome, principal)


def _query(since: datetime | None, wanted: AlertsWanted) -> dict[str, str | None]:
    fields = wanted.model_dump(mode="json", exclude_defaults=True)
    query = {name: "true" if value is True else str(value) for name, value in fields.items()}
    return {"since": since.isoformat() if since else None, **query}
