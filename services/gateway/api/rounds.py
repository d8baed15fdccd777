"""Assessment rounds: open one, answer its questions, see who is complete and who is late."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Response
from pydantic import AwareDatetime, Field

from chassis.security.keys import KeyRing
from contracts import exchange
from contracts.commands import Principal
from contracts.exchange import Evidence, LongText
from contracts.indicators import AnswerValue, Catalogue, OpenRound, SubmitAnswer
from contracts.model import Code, Id, Model, Moment, MomentText, StrictModel
from services.gateway.api.caller import CallerOf
from services.gateway.api.responses import READS, WRITES, IdempotencyKey, IfMatch, Result, answer
from services.gateway.api.submit_and_wait import Submit, Written, principal_of
from services.gateway.clients import Services
from services.gateway.domain.translation import CommandDraft, translate
from services.gateway.tokens import Caller

OPEN: dict[str, Any] = {"catalogue": "mgi-national", "year": 2026, "due_at": "2026-12-31T16:59:59Z"}
ANSWER: dict[str, Any] = {
    "value": "yes",
    "explanation": "In force since 2017.",
    "evidence": [{"instrument": "UU", "number": "18", "year": 2017, "title": "Pelindungan Pekerja Migran Indonesia"}],
}


class RoundWanted(StrictModel):
    """`due_at` with its offset from UTC; answers after it count as late."""

    catalogue: Catalogue
    year: Annotated[int, Field(ge=2000, le=2100)]
    due_at: AwareDatetime


class AnswerGiven(StrictModel):
    """yes or no, 0|0.5|1 or a number by the kind of the question, or `text`. `occurred_at` is now unless said."""

    value: Literal["yes", "no"] | Annotated[float, Field(allow_inf_nan=False)] | None = None
    text: LongText | None = None
    explanation: LongText | None = None
    evidence: Annotated[tuple[Evidence, ...], Field(max_length=20)] = ()
    occurred_at: MomentText | None = None


class RoundSummary(Model):
    """A round without its questions. Times are UTC."""

    round: Id
    catalogue: Catalogue
    catalogue_version: str
    year: int
    opened_at: datetime
    due_at: datetime


class Question(Model):
    """A question and the institution that leads its answer."""

    indicator: str
    dimension: int
    kind: str
    organisation: str


class RoundView(RoundSummary):
    """A round and what it asks."""

    questions: tuple[Question, ...]


class Rounds(Model):
    """Oldest first."""

    rounds: tuple[RoundSummary, ...]


class InstitutionProgress(Model):
    """`late` counts answers after the due date; `overdue` when the date passed and some are missing."""

    organisation: str
    assigned: int
    answered: int
    late: int
    missing: tuple[str, ...]
    complete: bool
    overdue: bool


class DimensionProgress(Model):
    """One of the six dimensions of the MGI."""

    dimension: int
    assigned: int
    answered: int


class Completeness(Model):
    """Institutions in alphabetical order: a work list, not a ranking."""

    round: Id
    due_at: datetime
    institutions: tuple[InstitutionProgress, ...]
    dimensions: tuple[DimensionProgress, ...]


class Said(Model):
    """What was said once; `recorded_at` in UTC."""

    occurred: Moment
    recorded_at: datetime
    value: AnswerValue | None = None
    text: str | None = None
    explanation: str | None = None
    evidence: tuple[Evidence, ...] = ()
    late: bool


class AnswerView(Said):
    """The version that stands and, in `versions`, every one ever given. `version` goes into If-Match."""

    answer: Id
    round: Id
    indicator: str
    dimension: int
    organisation: str
    version: int
    versions: tuple[Said, ...]


def router(identify: CallerOf, ring: KeyRing, services: Services, submit: Submit) -> APIRouter:
    """The routes under /v1/rounds."""
    routes = APIRouter(prefix="/v1/rounds", tags=["rounds"])
    CallerHere = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    async def ask(path: str, caller: Caller, query: dict[str, Any] | None = None) -> Any:
        principal: Principal = principal_of(ring, caller)
        return await services.ask("indicators", "GET", path, principal, query=query)

    @routes.get("", summary="All rounds", responses=READS)
    async def list_rounds(caller: CallerHere) -> Rounds:
        return Rounds.model_validate(await ask("/rounds", caller))

    @routes.get("/{round_id}", summary="One round with its questions", responses=READS)
    async def get_round(caller: CallerHere, round_id: Id) -> RoundView:
        return RoundView.model_validate(await ask(f"/rounds/{round_id}", caller))

    @routes.get("/{round_id}/completeness", summary="Who has answered, who is late, what is missing", responses=READS)
    async def get_completeness(caller: CallerHere, round_id: Id) -> Completeness:
        return Completeness.model_validate(await ask(f"/rounds/{round_id}/completeness", caller))

    @routes.get("/{round_id}/answers/{indicator}", summary="An answer and its earlier versions", responses=READS)
    async def get_answer(
        caller: CallerHere, round_id: Id, indicator: Code, response: Response, asof: AwareDatetime | None = None
    ) -> AnswerView:
        query = {"asof": asof.isoformat()} if asof else None
        found = AnswerView.model_validate(await ask(f"/rounds/{round_id}/answers/{indicator}", caller, query))
        response.headers["ETag"] = f'"{found.version}"'
        return found

    @routes.post("", summary="Open a round", status_code=201, response_model=Result, responses=WRITES)
    async def open_round(
        caller: CallerHere, body: Annotated[RoundWanted, Body(examples=[OPEN])], key: IdempotencyKey = None
    ) -> Response:
        work = CommandDraft("indicators", OpenRound(**body.model_dump()))
        written = await submit(caller, work, said=body.model_dump_json().encode(), key=key)
        return answer(written, "/v1/rounds/{id}", created=True)

    @routes.put("/{round_id}/answers/{indicator}", summary="Answer a question", response_model=Result, responses=WRITES)
    async def put_answer(
        caller: CallerHere, round_id: Id, indicator: Code, body: Annotated[AnswerGiven, Body(examples=[ANSWER])],
        seen: IfMatch, key: IdempotencyKey = None,
    ) -> Response:  # fmt: skip
        """If-Match names the version that was read; without it there must be no answer yet."""
        work = _answer(round_id, indicator, body, seen)
        said = f"{round_id}/{indicator}/{seen}/{body.model_dump_json(exclude_unset=True)}".encode()
        written: Written = await submit(caller, work, said=said, key=key)
        return answer(written, f"/v1/rounds/{round_id}/answers/{indicator}", created=seen is None)

    return routes


def _answer(round_id: str, indicator: str, given: AnswerGiven, seen: int | None) -> CommandDraft:
    """As a partner's submission, with the version that the person saw."""
    now = datetime.now(UTC)
    submission = exchange.AnswerSubmitted(
        occurred_at=given.occurred_at or now.isoformat(timespec="milliseconds"),
        round=round_id,
        indicator=indicator,
        value=given.value,
        text=given.text,
        explanation=given.explanation,
        evidence=given.evidence,
    )
    work = translate(submission, str, now)
    assert isinstance(work.body, SubmitAnswer)
    body = work.body.model_copy(update={"ifversion": seen})
    return CommandDraft(work.service, body, work.personal, key=work.key)
