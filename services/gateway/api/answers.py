"""Answers to the questions of a round: read them, give one, correct it."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Response
from pydantic import AwareDatetime, Field

from chassis.security.keys import KeyRing
from contracts import exchange
from contracts.exchange import Evidence, LongText
from contracts.indicators import AnswerState, SubmitAnswer
from contracts.model import Code, Id, MomentText, StrictModel
from contracts.outcomes import Refused
from services.gateway.api.caller import CallerOf
from services.gateway.api.openapi import OF_ANSWERS, SUBMISSION, refuses
from services.gateway.api.responses import IdempotencyKey, IfMatch, Result, response_of, writes
from services.gateway.api.round_views import RoundAnswersView, answers_view
from services.gateway.api.rounds import ONE_ROUND
from services.gateway.api.submit_and_wait import PublishedCommand, Submit, principal_of
from services.gateway.clients import Services
from services.gateway.domain.organisations import InstitutionsNow
from services.gateway.domain.translation import CommandDraft, translate
from services.gateway.tokens import Caller

ANSWER: dict[str, Any] = {
    "value": "yes",
    "explanation": "In force since 2017.",
    "evidence": [{"instrument": "UU", "number": "18", "year": 2017, "title": "Pelindungan Pekerja Migran Indonesia"}],
}

ANSWERED = {201: {"model": Result, "description": "The first answer to this question."}} | writes(
    *SUBMISSION, *OF_ANSWERS
)


class AnswerRequest(StrictModel):
    """yes or no, 0|0.5|1 or a number by the kind of the question, or `text`. `occurred_at` is now unless said."""

    value: Literal["yes", "no"] | Annotated[float, Field(allow_inf_nan=False)] | None = None
    text: LongText | None = None
    explanation: LongText | None = None
    evidence: Annotated[tuple[Evidence, ...], Field(max_length=20)] = ()
    occurred_at: MomentText | None = None


def router(
    identify: CallerOf, ring: KeyRing, services: Services, submit: Submit, institutions: InstitutionsNow
) -> APIRouter:
    """The routes under /v1/rounds/{round_id}/answers."""
    routes = APIRouter(prefix="/v1/rounds/{round_id}/answers", tags=["rounds"])
    CurrentCaller = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    @routes.get("", summary="Every question with its answer, or why there is none", responses=ONE_ROUND)
    async def list_answers(caller: CurrentCaller, round_id: Id, asof: AwareDatetime | None = None) -> RoundAnswersView:
        """`asof`: what was known at that instant, at least 5 s ago."""
        return answers_view(await services.list_answers(principal_of(ring, caller), round_id, asof), institutions())

    @routes.get(
        "/{indicator}", summary="An answer and its earlier versions",
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

    @routes.put("/{indicator}", summary="Answer a question", response_model=Result, responses=ANSWERED)
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
