"""What became of a write that took longer than its request."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends

from chassis.commands.processed_commands import ProcessedCommands
from chassis.security.keys import KeyRing
from contracts.commands import Principal
from contracts.model import Id
from contracts.outcomes import Outcome, Refused
from contracts.topics import DOMAIN_SERVICES
from services.gateway.api.caller import CallerOf
from services.gateway.api.openapi import (
    CONTENT,
    DECISION,
    OF_AGREEMENTS,
    OF_ANSWERS,
    OF_FACTS,
    OF_MERGES,
    OF_ROUNDS,
    refuses,
)
from services.gateway.api.responses import Result, result_of
from services.gateway.api.submit_and_wait import principal_of
from services.gateway.clients import Services
from services.gateway.domain.organisation import KIND
from services.gateway.domain.receiver_ids import person_token
from services.gateway.store.agreements import AgreementStore
from services.gateway.tokens import Caller

SETTLED = refuses(*DECISION, *CONTENT, *OF_FACTS, *OF_ROUNDS, *OF_ANSWERS, *OF_MERGES, *OF_AGREEMENTS)
"""A refusal answers as the write itself would have."""


def router(
    identify: CallerOf, ring: KeyRing, services: Services, processed: ProcessedCommands, agreements: AgreementStore
) -> APIRouter:
    """The route /v1/outcomes/{command}. `processed` are the commands that the gateway settled itself."""
    routes = APIRouter(prefix="/v1/outcomes", tags=["outcomes"])
    CurrentCaller = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    @routes.get(
        "/{command}",
        summary="The outcome of a write of your organisation",
        response_model_exclude_none=True,
        responses=SETTLED,
    )
    async def get_outcome(caller: CurrentCaller, command: Id) -> Result:
        """404 until it is processed or put aside (`held`); a refusal answers as the write itself would have."""
        principal = principal_of(ring, caller)
        own = await processed.find_outcome(command, caller.organisation)
        if own is None and caller.kind == "operator":
            raise Refused("not_found")  # no service settles what operators change
        service, outcome = ("gateway", own) if own else await _find(services, command, principal)
        if outcome.result == "refused":
            raise Refused.because(outcome.problems)
        if outcome.result == "held":
            return Result(command=command, result="held")
        if service == "gateway" and outcome.kind == KIND:
            return result_of(outcome)
        if service == "gateway":
            (record,) = (await agreements.find([outcome.aggregate_id or ""])).values()
            return result_of(outcome, record.name, versioned=True)
        person = outcome.aggregate_id if service == "registry" and outcome.kind is None else None
        return result_of(outcome, person_token(ring, caller.organisation, person) if person else None)

    return routes


async def _find(services: Services, command: str, principal: Principal) -> tuple[str, Outcome]:
    """Every service is asked at once: the id does not tell which one settles it. Raises Refused, Outage, Unexpected."""
    reads = (services.get_outcome(principal, service, command) for service in DOMAIN_SERVICES)
    answers = await asyncio.gather(*reads, return_exceptions=True)
    for service, answer in zip(DOMAIN_SERVICES, answers, strict=True):
        if isinstance(answer, Outcome):
            return service, answer
    for failure in answers:
        if isinstance(failure, BaseException) and not _absent(failure):
            raise failure
    raise Refused("not_found")


def _absent(failure: BaseException) -> bool:
    return isinstance(failure, Refused) and failure.problems[0].code == "not_found"
