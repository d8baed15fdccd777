"""Checks of what each receiver got: the people that agreements give it, in the form they give, and all of them."""

from collections.abc import Iterator

from simulation.scenario.checks.expectations import Expectation, expect_equal, expect_none
from simulation.scenario.context import ScenarioContext
from simulation.scenario.observations import Observations
from simulation.scenario.participants import INSURANCE, MISSIONS, REGENCIES
from simulation.scenario.partners import PERSON_COPY, Copy
from simulation.scenario.sharing_rules import SharingRules

BROKER_REFUSALS = frozenset({"TopicAuthorizationFailedError", "GroupAuthorizationFailedError", "KafkaConnectionError"})
"""How the broker answers what a login may not do; the last, to who cannot log in."""


def check_copies(context: ScenarioContext, observations: Observations, sharing: SharingRules) -> Iterator[Expectation]:
    """As far as the receivers can see it."""
    for code in context.partners:
        if sharing.may_receive_persons(code):
            faults = (fault for copy in _copies(context, code) for fault in sharing.faults_of(code, copy.body))
            yield expect_none(f"{code} gets its own people only, and what it may know", faults)
    for code in (*MISSIONS, *REGENCIES, INSURANCE):
        yield expect_equal(f"{code} gets all of its people", _count_missing(context, observations, sharing, code), 0)
    yield expect_none("nobody else gets a person", _uninvited(context, sharing))
    yield expect_none("no two receivers know a person by the same id", _same_ids(context))
    successes = [
        f"{attempt.action}: {attempt.error or 'done'}"
        for attempt in observations.forbidden
        if attempt.error not in BROKER_REFUSALS
    ]
    yield expect_none("the broker refuses a regency whatever is not its own", successes)
    wrong = [
        f"{read.what}: {read.status} instead of {read.expected}"
        for read in observations.reads
        if read.status != read.expected
    ]
    yield expect_none("reads over the api are given or denied as they must be", wrong)


def _copies(context: ScenarioContext, code: str) -> list[Copy]:
    return context.partners[code].inbox.of_type(PERSON_COPY)


def _count_missing(context: ScenarioContext, observations: Observations, sharing: SharingRules, code: str) -> int:
    """How many of today's people of this receiver no copy names."""
    today = {worker.person.passport for worker in observations.day.valid}
    today |= {person.passport for person in observations.day.load}
    people = (sharing.person_in(copy.body) for copy in _copies(context, code))
    return len(sharing.persons_of(code) & today - {person.passport for person in people if person})


def _uninvited(context: ScenarioContext, sharing: SharingRules) -> list[str]:
    receivers = [code for code in context.partners if not sharing.may_receive_persons(code)]
    return [code for code in receivers if _copies(context, code)]


def _same_ids(context: ScenarioContext) -> Iterator[str]:
    known_to: dict[str, str] = {}
    for code in context.partners:
        for token in context.partners[code].inbox.person_events:
            if known_to.setdefault(token, code) != code:
                yield f"{code} and {known_to[token]}"
