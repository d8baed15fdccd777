"""Alerts: the list, one alert, taking and ending it, and the report for those entitled."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from contracts import codes
from services.gateway.web.languages import mark
from services.gateway.web.personal import lines_of
from services.gateway.web.site import Site, Visit, with_query
from services.gateway.web.v1 import V1Refused, segment
from services.gateway.web.words import Words
from services.gateway.web.zones import ABROAD

STATES = ("raised", "acknowledged", "resolved")
SEVERITIES = ("critical", "high", "medium", "low")
RESOLUTIONS = frozenset({"helped", "handed_over", "false_alarm", "unreachable"})
PAGE = 100
"""Alerts of each state on a page."""
COUNTED = 200
"""More than this many are shown as 200+."""
OPEN = ("raised", "acknowledged")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; anything that it cannot ask for is as if it were not there."""

    state: str = ""
    severity: str = ""
    type: str = ""
    place: str = ""
    since: str = ""
    overdue: bool = False
    ours: bool = False

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filters:
        place = query.get("place", "")
        known = place in codes.destinations() or place in codes.regions()
        return cls(
            state=_one_of(STATES, query.get("state", "")),
            severity=_one_of(SEVERITIES, query.get("severity", "")),
            type=_one_of(tuple(codes.alert_types()), query.get("type", "")),
            place=place if known else "",
            since=_day(query.get("since", "")),
            overdue=query.get("overdue") == "1",
            ours=query.get("ours") == "1",
        )

    @property
    def any(self) -> bool:
        """Whether the list is less than every open alert."""
        return self != Filters()

    @property
    def query(self) -> str:
        """As it stands in an address."""
        return urlencode({name: "1" if value is True else value for name, value in self._values().items() if value})

    def of_v1(self, words: Words) -> dict[str, str | bool | None]:
        """As /v1 takes them, without the state. A day begins at midnight in the person's zone."""
        is_region = self.place in codes.regions()
        return {
            "severity": self.severity or None, "alert_type": self.type or None,
            "country": None if is_region else self.place or None, "region": self.place if is_region else None,
            "overdue": True if self.overdue else None, "ours": True if self.ours else None,
            "since": words.midnight(self.since).isoformat() if self.since else None,
        }  # fmt: skip

    def matches(self, alert: AlertRow, words: Words) -> bool:
        """Whether the list with these filters shows an alert."""
        raised = datetime.fromisoformat(alert.steps[0]["at"])
        return (
            (alert.state == self.state if self.state else alert.state in OPEN)
            and self.severity in ("", alert.severity)
            and self.type in ("", alert.type)
            and (not self.place or self.place in (alert.country, alert.region, (alert.region or "")[:2]))
            and (not self.since or raised >= words.midnight(self.since))
            and (alert.late or not self.overdue)
            and (alert.is_ours or not self.ours)
        )

    def _values(self) -> dict[str, str | bool]:
        return {
            "state": self.state, "severity": self.severity, "type": self.type, "place": self.place,
            "since": self.since, "overdue": self.overdue, "ours": self.ours,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert of /v1 as pages show it. `limit` is what its clock runs to, `seconds` what is left of that."""

    id: str
    version: int
    state: str
    type: str
    severity: str
    source: str
    recipients: tuple[str, ...]
    country: str | None
    region: str | None
    place: str
    responders: tuple[str, ...]
    source_suspended: bool
    occurred: Mapping[str, Any]
    acknowledge_by: str | None
    first_action_by: str | None
    steps: tuple[dict[str, Any], ...]
    person: str | None
    limit: str | None
    seconds: float
    late: bool
    is_ours: bool
    may_take: bool
    may_resolve: bool

    @property
    def last(self) -> dict[str, Any]:
        """The newest step."""
        return self.steps[-1]

    @property
    def order(self) -> str:
        """Sorts untaken ones first, and among them the one whose limit is next or longest over."""
        return f"{STATES.index(self.state)} {self.limit or '9999'} {self.steps[0]['at']} {self.id}"


@dataclass(frozen=True, slots=True)
class Count:
    """A number that leads to the list it counts."""

    number: int
    more: bool
    text: str
    address: str
    loud: bool = False
    detail: str = ""
    """What it is of, where the text does not say: data, not to be translated."""


def routes(site: Site) -> list[Route]:
    """The routes of this file."""
    return [
        Route("/alerts", site.page(list_alerts), methods=["GET"]),
        Route("/alerts/counts", site.page(show_counts), methods=["GET"]),
        Route("/alerts/{alert}", site.page(show_alert), methods=["GET"]),
        Route("/alerts/{alert}/row", site.page(show_row), methods=["GET"]),
        Route("/alerts/{alert}/report", site.page(show_report), methods=["GET"]),
        Route("/alerts/{alert}/take", site.page(take), methods=["POST"]),
        Route("/alerts/{alert}/resolve", site.page(resolve), methods=["POST"]),
    ]


async def list_alerts(visit: Visit) -> Response:
    """Untaken ones first, then those taken; ended ones where they are asked for."""
    filters = Filters.of(visit.request.query_params)
    states = (filters.state,) if filters.state else OPEN
    after = visit.request.query_params.get("after") if filters.state else None
    pages, counts = await asyncio.gather(
        asyncio.gather(*(_read(visit, state, filters, after) for state in states)), count_alerts(visit)
    )
    rows = sorted((row for page in pages for row in page[0]), key=lambda row: row.order)
    state, cursor = next(((s, page[1]) for s, page in zip(states, pages, strict=True) if page[1]), ("", None))
    return visit.render(
        "alerts.html", alerts=rows, filters=filters, counts=counts, types=sorted(codes.alert_types()),
        countries=_countries(visit.words, filters, rows), provinces=_provinces(),
        after=_further(filters, state, cursor) if cursor else None,
    )  # fmt: skip


async def show_counts(visit: Visit) -> Response:
    """The counts alone, for a script after a change."""
    return visit.render("alert_counts.html", counts=await count_alerts(visit))


async def show_alert(visit: Visit) -> Response:
    return await _detail(visit)


async def show_row(visit: Visit) -> Response:
    """One row, for a script after a change; 204 where the list does not show it."""
    row = await _find(visit)
    if not Filters.of(visit.request.query_params).matches(row, visit.words):
        return Response(status_code=204)
    return visit.render("alert_row.html", alert=row, notice="")


async def take(visit: Visit) -> Response:
    form = await visit.form()
    return await _decide(visit, "acknowledgement", None, form)


async def resolve(visit: Visit) -> Response:
    form = await visit.form()
    if form.get("resolution") not in RESOLUTIONS:
        return await _detail(visit, 422, missing=True)
    return await _decide(visit, "resolution", {"resolution": form["resolution"]}, form)


async def show_report(visit: Visit) -> Response:
    """/v1 puts the reading on record before it answers."""
    report = await visit.v1.get(f"/v1/alerts/{segment(visit.id_of('alert'))}/report")
    persons = [report] if report.get("personal") else report.get("candidates", ())
    return visit.render(
        "alert_report.html",
        report=report,
        said=lines_of(report.get("report", {}) | {"region": visit.words.place(report.get("region"), None)}),
        withheld=report.get("person_withheld"),
        persons=[lines_of(person.get("personal", {})) for person in persons],
        incomplete=bool(report.get("incomplete")),
    )


async def count_alerts(visit: Visit) -> list[Count]:
    """What is open, by what it needs; each leads to its list."""
    asked: tuple[tuple[str, str, dict[str, str]], ...] = (
        (mark("overdue"), "raised", {"overdue": "1"}),
        (mark("not taken"), "raised", {}),
        (mark("taken, not ended"), "acknowledged", {}),
    )
    pages = await asyncio.gather(*(_count(visit, state, query) for _, state, query in asked))
    return [
        Count(
            number=number, more=more, text=text, loud=text == "overdue" and number > 0,
            address=with_query("/alerts", state=state, **query),
        )
        for (text, state, query), (number, more) in zip(asked, pages, strict=True)
    ]  # fmt: skip


async def _decide(visit: Visit, step: str, body: dict[str, Any] | None, form: Mapping[str, str]) -> Response:
    """Write, and show the alert as it is then; of a conflict, who was faster."""
    alert, page = visit.id_of("alert"), f"/alerts/{visit.id_of('alert')}"
    notice, status = "", 200
    try:
        written = await visit.v1.write(
            "POST", f"/v1/alerts/{alert}/{step}", body, version=form.get("version"), key=form.get("key") or None
        )
        if written.result != "applied":
            notice = visit.words.text(KEPT)
    except V1Refused as refused:
        if refused.status != 409:
            raise
        notice, status = _who_was_faster(visit, await _find(visit)), 409
    if visit.wants_fragment:
        return visit.render("alert_row.html", status, alert=await _find(visit), notice=notice)
    return visit.back(page) if not notice else await _detail(visit, status, notice=notice)


KEPT = mark("It is kept and not settled yet. Look again in a moment; do not send it twice.")
FASTER = {
    ("acknowledged", True): mark("A colleague of yours took it at %(time)s."),
    ("acknowledged", False): mark("%(organisation)s took it at %(time)s."),
    ("resolved", True): mark("A colleague of yours ended it at %(time)s."),
    ("resolved", False): mark("%(organisation)s ended it at %(time)s."),
}
CHANGED = mark("It has changed since you saw it. Look at it again and decide anew.")


def _who_was_faster(visit: Visit, row: AlertRow) -> str:
    words, last = visit.words, row.last
    text = FASTER.get((last["state"], last["by"] == visit.session.me.organisation))
    if text is None:
        return words.text(CHANGED)
    return words.text(text) % {"organisation": words.organisation(last["by"]), "time": words.time(last["at"])}


async def _detail(visit: Visit, status: int = 200, *, notice: str = "", missing: bool = False) -> Response:
    row = await _find(visit)
    may_read = visit.session.has_role("duty_officer") and visit.session.me.purpose is not None
    return visit.render(
        "alert.html", status, alert=row, notice=notice, missing=missing,
        may_read_report=may_read and visit.session.me.organisation in row.responders,
    )  # fmt: skip


async def _find(visit: Visit) -> AlertRow:
    return row_of(await visit.v1.get(f"/v1/alerts/{visit.id_of('alert')}"), visit)


async def _read(visit: Visit, state: str, filters: Filters, after: str | None) -> tuple[list[AlertRow], str | None]:
    page = await visit.v1.get("/v1/alerts", state=state, limit=PAGE, after=after, **filters.of_v1(visit.words))
    return [row_of(alert, visit) for alert in page["alerts"]], page.get("after")


async def _count(visit: Visit, state: str, query: Mapping[str, str]) -> tuple[int, bool]:
    filters = Filters.of(query).of_v1(visit.words)
    answer = await visit.v1.get("/v1/alerts/count", state=state, limit=COUNTED, **filters)
    return answer["number"], answer["more"]


def row_of(alert: Mapping[str, Any], visit: Visit) -> AlertRow:
    """An alert of /v1 as the caller's pages show it."""
    organisation, state = visit.session.me.organisation, alert["state"]
    limit = {"raised": alert.get("acknowledge_by"), "acknowledged": alert.get("first_action_by")}.get(state)
    seconds = (datetime.fromisoformat(limit) - datetime.now(UTC)).total_seconds() if limit else 0.0
    acts = visit.session.has_role("duty_officer") and organisation in alert["recipients"]
    return AlertRow(
        id=alert["alert"], version=alert["version"], state=state, type=alert["alert_type"], severity=alert["severity"],
        source=alert["source"], recipients=tuple(alert["recipients"]),
        responders=tuple(alert["responders"]), source_suspended=alert["source_suspended"], country=alert.get("country"),
        region=alert.get("region"), place=visit.words.place(alert.get("region"), alert.get("country")),
        occurred=alert["occurred"], acknowledge_by=alert.get("acknowledge_by"),
        first_action_by=alert.get("first_action_by"), steps=tuple(alert["steps"]), person=alert.get("person"),
        limit=limit, seconds=seconds, late=bool(limit) and seconds < 0,
        is_ours=organisation == alert["source"] or organisation in alert["recipients"],
        may_take=acts and state == "raised", may_resolve=acts and state == "acknowledged",
    )  # fmt: skip


def _further(filters: Filters, state: str, cursor: str) -> str:
    """The list goes on with one state at a time."""
    rest = dict(pair.split("=", 1) for pair in filters.query.split("&") if pair)
    return with_query("/alerts", **rest | {"state": state, "after": cursor})


def _one_of(values: tuple[str, ...], value: str) -> str:
    return value if value in values else ""


def _day(text: str) -> str:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date().isoformat()
    except ValueError:
        return ""


def _countries(words: Words, filters: Filters, rows: Sequence[AlertRow]) -> list[str]:
    """Those with a mission, and those of the page: all 249 would weigh more than the list itself."""
    shown = {row.country for row in rows if row.country} | ({filters.place} & codes.destinations())
    return sorted({*ABROAD} | shown, key=words.country)


def _provinces() -> Iterator[str]:
    return (region.code for region in codes.regions().values() if region.level == "province")
