"""Where a person must stand in the end, by the registry's own rules, whatever the order of arrival was."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from contracts.registry import Facets, Fact, Status
from services.gateway.domain.translation import translate
from services.gateway.domain.validation import read_body
from services.registry.domain.actions import Action, facts_of, kind_of
from services.registry.domain.state import fold, in_order
from simulation.scenario.day_plan import DayPlan
from simulation.scenario.partner_messages import PartnerMessage


@dataclass(frozen=True, slots=True)
class ExpectedState:
    """`facets` choose the receivers, `flags` are codes."""

    facets: Facets
    flags: frozenset[str]

    @property
    def status(self) -> Status:
        return self.facets.status


def expected_states(day: DayPlan) -> dict[str, ExpectedState]:
    """Of the workers whose registration is valid, by passport number."""
    return {worker.person.passport: state_after(day.facts_about(worker), day.now) for worker in day.valid}


def state_after(facts: Iterable[tuple[str, PartnerMessage]], now: datetime) -> ExpectedState:
    """The state that facts about one person, each with the organisation that states it, amount to."""
    state = fold(in_order(_action(organisation, message, now) for organisation, message in facts))
    return ExpectedState(state.facets, frozenset(flag.code for flag in state.flags))


def _action(organisation: str, message: PartnerMessage, now: datetime) -> Action:
    draft = translate(read_body(message.type, message.value), lambda token: token, now)
    body = cast(Fact, draft.body)
    return Action(
        origin_person="",
        kind=kind_of(body),
        command_id=message.id,
        owner=organisation,
        occurred=body.occurred,
        recorded_at=now,
        facts=facts_of(body),
        personal=draft.personal.model_dump(exclude_none=True) if draft.personal else {},
    )
