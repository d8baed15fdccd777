"""Checks of the receipts: what became of each record, as its sender was told."""

from collections.abc import Iterator

from contracts.outcomes import Fault
from simulation.scenario.checks.expectations import Expectation, expect_none
from simulation.scenario.context import ScenarioContext
from simulation.scenario.invalid_registrations import DEFECTS
from simulation.scenario.observations import ExpectedRefusal, Observations
from simulation.scenario.participants import REGISTRY_OWNER
from simulation.scenario.partner_messages import registration_id
from simulation.scenario.partners import Receipt
from simulation.scenario.steps.registry_facts import count_facts, fact_copies


def check_receipts(context: ScenarioContext, observations: Observations) -> Iterator[Expectation]:
    yield expect_none("every record has a final receipt", _without_receipt(context, observations))
    yield expect_none("every valid record is applied", _valid_but_refused(context, observations))
    wrong = _wrongly_refused(context, observations)
    yield expect_none("every invalid record is refused with its code, pointer and fault", wrong)
    codes = {refusal.code for refusal in observations.expected_refusals.values()}
    unused = [defect.name for defect in DEFECTS if defect.code not in codes]
    yield expect_none("registrations had every defect", unused)
    yield expect_none("another body under a used id is refused", _reused_id_taken(context, observations))
    yield expect_none("a record sent twice is applied once", _applied_twice(context, observations))


def _without_receipt(context: ScenarioContext, observations: Observations) -> Iterator[str]:
    for organisation, sent in observations.sent.items():
        missing = len(sent) - context.inbox(organisation).count_final(sent)
        if missing:
            yield f"{organisation}: {missing} of {len(sent)} have none"


def _valid_but_refused(context: ScenarioContext, observations: Observations) -> Iterator[str]:
    for organisation, sent in observations.sent.items():
        receipts = context.inbox(organisation).receipts
        for record in sent.keys() & receipts.keys():
            first = receipts[record][0]
            if (organisation, record) not in observations.expected_refusals and first.result != "applied":
                yield f"{organisation}: {first.result} {first.code}"


def _wrongly_refused(context: ScenarioContext, observations: Observations) -> Iterator[str]:
    for (organisation, record), expected in observations.expected_refusals.items():
        for receipt in context.inbox(organisation).receipts.get(record, ())[:1]:
            actual = _refusal(receipt)
            if receipt.result != "refused" or actual != expected:
                yield f"{receipt.result} {actual} instead of {expected}"


def _refusal(receipt: Receipt) -> ExpectedRefusal | None:
    for problem in receipt.body.get("problems", ()):
        return ExpectedRefusal(problem["code"], problem["pointer"], Fault(problem["fault"]))
    return None


def _reused_id_taken(context: ScenarioContext, observations: Observations) -> Iterator[str]:
    record = registration_id(observations.day.valid[0].person)
    results = [(receipt.result, receipt.code) for receipt in context.inbox(REGISTRY_OWNER).receipts[record]]
    if results != [("applied", ""), ("refused", "id_reused")]:
        yield str(results)


def _applied_twice(context: ScenarioContext, observations: Observations) -> Iterator[str]:
    """As many events as facts were stated, however often the records came."""
    day = observations.day
    actual, expected = fact_copies(context, day), count_facts(day) + len(observations.load)
    if actual != expected:
        yield f"{actual} copies of facts instead of {expected}"
