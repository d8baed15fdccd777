"""Rounds: who has answered what, one answer with its evidence and versions, and the form that gives it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from contracts import codes
from services.gateway.web.answer_form import INSTRUMENTS, AnswerForm
from services.gateway.web.languages import mark
from services.gateway.web.round_table import RoundTable, csv_of
from services.gateway.web.site import Site, Visit
from services.gateway.web.v1 import V1Refused, segment
from services.gateway.web.words import Words

SHOWN_WITH_PROGRESS = 6
"""Rounds of the list whose progress is asked for: the newest ones."""
SETTLED = timedelta(seconds=10)
"""/v1 says what was known at least 5 s ago."""
KEPT = mark("It is kept and not settled yet. Look again in a moment; do not send it twice.")
CHANGED = mark(
    "It was answered meanwhile, and stands below. What you wrote is still here: if you send it again, "
    "it takes its place."
)


def routes(site: Site) -> list[Route]:
    """The routes of this file."""
    answer = "/rounds/{round}/answers/{indicator}"
    return [
        Route("/rounds", site.page(list_rounds), methods=["GET"]),
        Route("/rounds/{round}", site.page(show_round), methods=["GET"]),
        Route("/rounds/{round}/table.csv", site.page(download), methods=["GET"]),
        Route(answer, site.page(show_answer), methods=["GET"]),
        Route(answer, site.page(put_answer), methods=["POST"]),
    ]


async def list_rounds(visit: Visit) -> Response:
    """Newest first, with what is answered and missing."""
    rounds = list(reversed((await visit.v1.get("/v1/rounds"))["rounds"]))
    named = [entry["round"] for entry in rounds[:SHOWN_WITH_PROGRESS]]
    progress = await asyncio.gather(*(visit.v1.get(f"/v1/rounds/{name}/completeness") for name in named))
    return visit.render(
        "rounds.html", rounds=rounds, now=datetime.now(UTC).isoformat(),
        progress={name: _totals(completeness) for name, completeness in zip(named, progress, strict=True)},
    )  # fmt: skip


async def show_round(visit: Visit) -> Response:
    """Institutions by dimensions, and the questions of those that the address asks for."""
    table, query = await _table(visit), visit.request.query_params
    ours = visit.session.me.organisation if visit.session.has_role("indicator_focal_point") else ""
    mine = ours in table.organisations
    organisation = query.get("organisation", ours if mine else "")
    organisation = organisation if organisation in table.organisations else ""
    dimension = query.get("dimension", "") if query.get("dimension", "") in "123456" else ""
    state = query.get("state", "") if query.get("state") in ("missing", "answered", "late") else ""
    return visit.render(
        "round.html", table=table, mine=mine, organisation=organisation, dimension=dimension, state=state,
        questions=table.questions_of(organisation, dimension, state), dimensions=_dimensions(visit.words),
    )  # fmt: skip


async def download(visit: Visit) -> Response:
    """Every question with its state, and its answer where that may be read."""
    table = await _table(visit)
    headers = {"Content-Disposition": f'attachment; filename="round-{table.year}.csv"'}
    content = csv_of(table, visit.words, _dimensions(visit.words))
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


async def show_answer(visit: Visit) -> Response:
    return await _answer(visit)


async def put_answer(visit: Visit) -> Response:
    """Send it; what is wrong is said at its field, and what was typed stays."""
    fields = await visit.form()
    question, typed = _question(await _round(visit), visit), AnswerForm.of_fields(fields)
    if "more" in fields:
        return await _answer(visit, typed=typed, version=fields.get("version"), further=3)
    typed.check(question["kind"])
    if typed.problems:
        return await _answer(visit, 422, typed=typed, version=fields.get("version"))
    try:
        written = await visit.v1.write(
            "PUT", f"/v1{_path(visit)}", typed.body(question["kind"]), version=fields.get("version") or None,
            key=fields.get("key") or None,
        )  # fmt: skip
    except V1Refused as refused:
        return await _refused(visit, refused, typed, fields.get("version"))
    if written.result != "applied":
        return await _answer(visit, notice=visit.words.text(KEPT))
    return visit.back(_path(visit))


async def _refused(visit: Visit, refused: V1Refused, typed: AnswerForm, version: str | None) -> Response:
    if refused.code == "version_conflict":
        return await _answer(visit, 409, typed=typed, notice=visit.words.text(CHANGED))
    if refused.status != 422:
        raise refused
    typed.add_refusal(refused.pointers, visit.words.problem(refused.code))
    return await _answer(visit, 422, typed=typed, version=version)


async def _answer(
    visit: Visit, status: int = 200, *, typed: AnswerForm | None = None, version: str | None = None, further: int = 1,
    notice: str = "",
) -> Response:  # fmt: skip
    """One question. Without `version` the form is for the answer as it stands now."""
    asof, day = _asof(visit)
    details = await _round(visit)
    question = _question(details, visit)
    answer, state = await _read(visit, asof)
    may_answer = (
        visit.session.has_role("indicator_focal_point")
        and question["organisation"] == visit.session.me.organisation
        and not asof
    )
    return visit.render(
        "answer.html", status, round=details, question=question, answer=answer, state=state, day=day, asof=asof,
        form=typed or AnswerForm.of_answer(answer), further=further, may_answer=may_answer, notice=notice,
        version=version if version is not None else str(answer["version"]) if answer else "",
        listed=_listed(question, details), dimension=_dimensions(visit.words)[question["dimension"]],
        path=_path(visit), today=visit.words.today(), instruments=INSTRUMENTS,
    )  # fmt: skip


async def _read(visit: Visit, asof: str | None) -> tuple[dict[str, Any] | None, str]:
    """The answer, or why there is none: not_answered or not_permitted."""
    try:
        return await visit.v1.get(f"/v1{_path(visit)}", asof=asof), "answered"
    except V1Refused as refused:
        if refused.code not in ("not_found", "not_permitted"):
            raise
        return None, "not_answered" if refused.code == "not_found" else "not_permitted"


async def _round(visit: Visit) -> dict[str, Any]:
    return await visit.v1.get(f"/v1/rounds/{visit.id_of('round')}")


async def _table(visit: Visit) -> RoundTable:
    """Coordinators of migration see who has answered, and no answers."""
    path = f"/v1/rounds/{visit.id_of('round')}"
    details, completeness, answers = await asyncio.gather(
        _round(visit), visit.v1.get(f"{path}/completeness"), _answers(visit, path)
    )
    return RoundTable.of(details, completeness, answers)


async def _answers(visit: Visit, path: str) -> list[dict[str, Any]]:
    """None for who may read none."""
    try:
        listed = await visit.v1.get(f"{path}/answers")
    except V1Refused as refused:
        if refused.code != "not_permitted":
            raise
        return []
    return list(listed["answers"])


def _question(details: Mapping[str, Any], visit: Visit) -> dict[str, Any]:
    for question in details["questions"]:
        if question["indicator"] == visit.request.path_params["indicator"]:
            return dict(question)
    raise V1Refused(404, "not_found")


def _path(visit: Visit) -> str:
    return f"/rounds/{visit.id_of('round')}/answers/{segment(visit.request.path_params['indicator'])}"


def _listed(question: Mapping[str, Any], details: Mapping[str, Any]) -> codes.Indicator | None:
    """The catalogue's entry, unless it has changed since the round opened."""
    if details["catalogue_version"] != codes.mgi_catalogue_version():
        return None
    return codes.mgi_indicators().get(question["indicator"])


def _asof(visit: Visit) -> tuple[str | None, str]:
    """The end of the day that the address asks for, as far as it is over, and the day; None for none."""
    day = visit.request.query_params.get("on", "")
    try:
        end = visit.words.midnight(day) + timedelta(days=1) if day else None
        instant = end and min(end.astimezone(UTC), datetime.now(UTC) - SETTLED)
    except (ValueError, OverflowError):
        return None, ""
    return (instant.isoformat(), day) if instant else (None, "")


def _dimensions(words: Words) -> dict[int, str]:
    """Their names by number."""
    indonesian = words.language.code == "id"
    return {
        entry.dimension_no: entry.dimension_id if indonesian else entry.dimension_en
        for entry in codes.mgi_indicators().values()
    }


def _totals(completeness: Mapping[str, Any]) -> dict[str, int]:
    rows = completeness["institutions"]
    return {
        "assigned": sum(row["assigned"] for row in rows), "answered": sum(row["answered"] for row in rows),
        "late": sum(row["late"] for row in rows), "complete": sum(row["complete"] for row in rows),
        "institutions": len(rows),
    }  # fmt: skip
