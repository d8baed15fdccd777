"""Assessment rounds: open one, answer its questions, see who is complete and who is late."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Response
from pydantic import AwareDatetime, Field

from chassis.security.keys import KeyRing
from contracts import exchange
from contracts.exchange import Evidence, LongText
from contracts.indicators import AnswerState, Catalogue, OpenRound, RoundList, SubmitAnswer
from contracts.model import Code, Id, MomentText, StrictModel
from contracts.outcomes import Refused
from services.gateway.api.caller import CallerOf
from services.gateway.api.openapi import BODY, COMMAND, OF_ANSWERS, OF_ROUNDS, SUBMISSION, refuses
from services.gateway.api.responses import IdempotencyKey, IfMatch, Result, response_of, writes
from services.gateway.api.round_views import (
    CompletenessView,
    RoundAnswersView,
    RoundView,
    answers_view,
    completeness_view,
    round_view,
)
from services.gateway.api.submit_and_wait import PublishedCommand, Submit, principal_of
from services.gateway.clients import Services
from services.gateway.domain.translation import CommandDraft, translate
from services.gateway.tokens import Caller

OPEN: dict[str, Any] = {"catalogue": "mgi-national", "year": 2026, "due_at": "2026-12-31T16:59:59Z"}
ANSWER: dict[str, Any] = {
    "value": "yes",
    "explanation": "In force since 2017.",
    "evidence": [{"instrument": "UU", "number": "18", "year": 2017, "title": "Pelindungan Pekerja Migran Indonesia"}],
}

ONE_ROUND = refuses("invalid_value", "not_found")
OPENED = writes(*COMMAND, *BODY, *OF_ROUNDS)
ANSWERED = {201: {"model": Result, "description": "The first answer to this question."}} | writes(
    *SUBMISSION, *OF_ANSWERS
)


class OpenRoundRequest(StrictModel):
    """`due_at` with its offset from UTC; answers after it count as late."""

    catalogue: Catalogue
    year: Annotated[int, Field(ge=2000, le=2100)]
    due_at: AwareDatetime


class AnswerRequest(StrictModel):
    """yes or no, 0|0.5|1 or a number by the kind of the question, or `text`. `occurred_at` is now unless said."""

    value: Literal["yes", "no"] | Annotated[float, Field(allow_inf_nan=False)] | None = None
    text: LongText | None = None
    explanation: LongText | None = None
    evidence: Annotated[tuple[Evidence, ...], Field(max_length=20)] = ()
    occurred_at: MomentText | None = None


def router(identify: CallerOf, ring: KeyRing, services: Services, submit: Submit) -> APIRouter:
    """The routes under /v1/rounds."""
    routes = APIRouter(prefix="/v1/rounds", tags=["rounds"])
    CurrentCaller = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    @routes.get("", summary="All rounds", responses=refuses())
    async def list_rounds(caller: CurrentCaller) -> RoundList:
        return await services.list_rounds(principal_of(ring, caller))

    @routes.get("/{round_id}", summary="One round with its questions", responses=ONE_ROUND)
    async def get_round(caller: CurrentCaller, round_id: Id) -> RoundView:
        return round_view(await services.get_round(principal_of(ring, caller), round_id))

    @routes.get(
        "/{round_id}/completeness", summary="Who has answered, who is late, what is missing", responses=ONE_ROUND
    )
    async def get_completeness(caller: CurrentCaller, round_id: Id) -> CompletenessView:
        return completeness_view(await services.get_completeness(principal_of(ring, caller), round_id))

    @routes.get(
        "/{round_id}/answers", summary="Every question with its answer, or why there is none", responses=ONE_ROUND
    )
    async def list_answers(caller: CurrentCaller, round_id: Id, asof: AwareDatetime | None = None) -> RoundAnswersView:
        """`asof`: what was known at that instant, at least 5 s ago."""
        return answers_view(await services.list_answers(principal_of(ring, caller), round_id, asof))

    @routes.get(
        "/{round_id}/answers/{indicator}", summary="An answer and its earlier versions",
        responses=refuses("invalid_value", "not_found", "not_permitted"),
    )  # fmt: skip
    async def get_answer(
        caller: CurrentCaller, round_id: Id, indicator: Code, response: Response, asof: AwareDatetime | None = None
    ) -> AnswerState:
        """`version` goes into If-Match. `asof`: what was known at that instant, at least 5 s ago.

        404 until it is answered; 403 for who may not read it, answered or not.
        """
        row = await services.get_answer(principal_of(ring, caller), round_id, indicator, asof)
        if row.answer is None:
            raise Refused("not_permitted" if row.status == "not_permitted" else "not_found")
        response.headers["ETag"] = f'"{row.answer.version}"'
        return row.answer

    @routes.post("", summary="Open a round", status_code=201, response_model=Result, responses=OPENED)
    async def open_round(
        caller: CurrentCaller, body: Annotated[OpenRoundRequest, Body(examples=[OPEN])], key: IdempotencyKey = None
    ) -> Response:
        draft = CommandDraft("indicators", OpenRound(**body.model_dump()), key=f"{body.catalogue}/{body.year}")
        published = await submit(caller, draft, content=body.model_dump_json().encode(), key=key)
        return response_of(published, "/v1/rounds/{id}", created=True)

    @routes.put(
        "/{round_id}/answers/{indicator}", summary="Answer a question", response_model=Result, responses=ANSWERED
    )
    async def put_answer(
        caller: CurrentCaller, round_id: Id, indicator: Code, body: Annotated[AnswerRequest, Body(examples=[ANSWER])],
        version: IfMatch, key: IdempotencyKey = None,
    ) -> Response:  # fmt: skip
        """If-Match names the version that was read; without it there must be no answer yet."""
        draft = _answer(round_id, indicator, body, version)
        content = f"{round_id}/{indicator}/{version}/{body.model_dump_json(exclude_unset=True)}".encode()
        published: PublishedCommand = await submit(caller, draft, content=content, key=key)
        return response_of(published, f"/v1/rounds/{round_id}/answers/{indicator}", created=version is None)

    return routes


def _answer(round_id: str, indicator: str, request: AnswerRequest, version: int | None) -> CommandDraft:
    """As a partner's submission, with the version that the person saw."""
    now = datetime.now(UTC)
    submission = exchange.AnswerSubmitted(
        occurred_at=request.occurred_at or now.isoformat(timespec="milliseconds"),
        round=round_id,
        indicator=indicator,
        value=request.value,
        text=request.text,
        explanation=request.explanation,
        evidence=request.evidence,
    )
    draft = translate(submission, str, now)
    assert isinstance(draft.body, SubmitAnswer)
    body = draft.body.model_copy(update={"ifversion": version})
    return CommandDraft(draft.service, body, draft.personal, key=draft.key)
