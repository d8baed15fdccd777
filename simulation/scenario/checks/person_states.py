"""Checks of the state in which people stand in the end, as receivers and the api tell it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from simulation.scenario.checks.expectations import Expectation, expect_equal, expect_none
from simulation.scenario.context import ScenarioContext
from simulation.scenario.day_plan import DayPlan, Journey
from simulation.scenario.expected_state import ExpectedState
from simulation.scenario.observations import Observations
from simulation.scenario.participants import INSURANCE, MISSIONS, REGISTRY_OWNER
from simulation.scenario.partner_messages import registration_id
from simulation.scenario.partners import PERSON_COPY, Inbox
from simulation.scenario.sharing_rules import SharingRules
from simulation.scenario.steps.registry_facts import person_tokens

State = tuple[str, frozenset[str]]
"""Status and codes of flags."""


def check_person_states(
    context: ScenarioContext, observations: Observations, expected: Mapping[str, ExpectedState], sharing: SharingRules
) -> Iterator[Expectation]:
    """`expected` by passport number."""
    by_worker = {
        worker.person.passport: _state_of(expected[worker.person.passport]) for worker in observations.day.valid
    }
    yield expect_none("the api tells the right state of a worker of every journey", _misread(observations, by_worker))
    for mission in MISSIONS:
        served = {passport: by_worker[passport] for passport in sharing.persons_of(mission) & by_worker.keys()}
        states = _states_by_passport(context.inbox(mission))
        yield expect_none(f"{mission}: every worker in the right state", _wrong(states, served))
    actual = _count(_states_of_workers(context.inbox(INSURANCE), observations.day).values())
    yield expect_equal("social security counts the right states", actual, _count(by_worker.values()))
    yield expect_none("late facts restate what was announced", _not_restated(context, observations))
    yield expect_none("lookalikes wait for a steward", _not_in_review(context, observations))


def _states_of_workers(inbox: Inbox, day: DayPlan) -> dict[str, State]:
    """The last state told of each of today's workers, by the receiver's own id."""
    today = inbox.registered_at(day.registered_at)
    return {
        copy.body["person"]: _state(copy.body["facts"])
        for copy in inbox.of_type(PERSON_COPY)
        if "status" in copy.body["facts"] and copy.body["person"] in today
    }


def _state(facts: Mapping[str, Any]) -> State:
    return facts["status"], frozenset(facts.get("flags", ()))


def _state_of(expected: ExpectedState) -> State:
    return expected.status, expected.flags


def _misread(observations: Observations, expected: Mapping[str, State]) -> Iterator[str]:
    for worker, facts in observations.facts_read:
        if not facts or _state(facts) != expected[worker.person.passport]:
            yield f"{worker.journey}: {facts.get('status')} {facts.get('flags')}"


def _states_by_passport(inbox: Inbox) -> dict[str, State]:
    copies = [(copy.clear.get("passport"), copy.body["facts"]) for copy in inbox.of_type(PERSON_COPY)]
    return {passport: _state(facts) for passport, facts in copies if passport}


def _wrong(actual: Mapping[str, State], expected: Mapping[str, State]) -> Iterator[str]:
    for passport, state in expected.items():
        if passport not in actual:
            yield f"nothing instead of {_shown(state)}"
        elif actual[passport] != state:
            yield f"{_shown(actual[passport])} instead of {_shown(state)}"


def _shown(state: State) -> str:
    return " ".join((state[0], *sorted(state[1])))


def _count(states: Iterable[State]) -> dict[str, int]:
    return dict(sorted(Counter(_shown(state) for state in states).items()))


def _not_restated(context: ScenarioContext, observations: Observations) -> Iterator[str]:
    """A placement that comes after the departure clears the flag that the departure had raised."""
    tokens = person_tokens(context)
    copies = context.inbox(REGISTRY_OWNER).of_type(PERSON_COPY)
    restated = {copy.body["person"] for copy in copies if copy.body["event"] == "registry.person.restated.v1"}
    for worker in observations.day.valid:
        late = worker.journey is Journey.DEPARTED_BEFORE_PLACEMENT
        if late and tokens.get(registration_id(worker.person)) not in restated:
            yield "a departure before its placement"


def _not_in_review(context: ScenarioContext, observations: Observations) -> Iterator[str]:
    tokens = person_tokens(context)
    for worker in observations.day.lookalikes:
        if tokens.get(registration_id(worker.person)) not in observations.in_review:
            yield "a lookalike in no open pair"
