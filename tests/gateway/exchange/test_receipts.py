"""What senders are told."""

from contracts import envelope as envelopes
from contracts.exchange import ReceiptsReported
from contracts.outcomes import Outcome, problem
from services.gateway.domain import receipts
from services.gateway.domain.receipts import ReplyTo
from tests.gateway.exchange.samples import NAMES, PERSON, RING, ROUND

COMMAND = "66666666-6666-8666-8666-666666666666"
TO = ReplyTo("KP2MI", urgent=False, record="r-1")


def outcome(**changes: object) -> Outcome:
    given = {"command_id": COMMAND, "digest": "d", "result": "applied", "aggregate_id": PERSON, "version": 3}
    return Outcome.model_validate(given | changes)


def test_an_address_survives_its_journey() -> None:
    assert ReplyTo.opened(TO.sealable()) == TO


def test_a_persons_write_is_answered_elsewhere() -> None:
    assert ReplyTo.opened({"kind": "api", "organisation": "KP2MI"}) is None


def test_an_applied_record_names_the_person_by_the_senders_token() -> None:
    receipt = receipts.of_outcome(RING, TO, outcome(warnings=("nik_region_legacy",)), "registry")
    assert (receipt.record, receipt.result, receipt.subject) == ("r-1", "applied", None)
    assert receipt.person is not None
    assert receipt.person.startswith("p_")
    assert receipt.warnings == ("nik_region_legacy",)


def test_an_answer_or_alert_is_named_by_its_id() -> None:
    receipt = receipts.of_outcome(RING, TO, outcome(aggregate_id=ROUND), "indicators")
    assert (receipt.person, receipt.subject) == (None, ROUND)


def test_held_and_final_are_two_receipts_and_each_is_always_the_same() -> None:
    held, final = outcome(result="held", aggregate_id=None, version=None), outcome()
    ids = [receipts.of_outcome(RING, TO, one, "registry").receipt for one in (held, held, final, final)]
    assert ids[0] == ids[1] != ids[2] == ids[3]


def test_receipts_of_a_batch_are_one_message_per_sender_and_lane() -> None:
    urgent = ReplyTo("KP2MI", urgent=True, record="r-2")
    kemlu = ReplyTo("KEMLU", urgent=False, record="r-3")
    refused = [
        (to, receipts.refusal(RING, to, (COMMAND, "d"), (problem("bad_json"),))) for to in (TO, urgent, TO, kemlu)
    ]
    addressed = list(receipts.messages(RING, NAMES, refused))
    assert [organisation for organisation, _ in addressed] == ["KP2MI", "KP2MI", "KEMLU"]
    found = [message for _, message in addressed]
    assert [message.topic for message in found] == ["to.kp2mi.v1", "to.kp2mi.urgent.v1", "to.kemlu.v1"]
    body = ReceiptsReported.model_validate_json(found[0].value)
    assert [receipt.record for receipt in body.receipts] == ["r-1", "r-1"]
    assert envelopes.read(found[0].headers).type == body.type


def test_no_message_of_receipts_is_too_large_for_the_broker() -> None:
    worst = ReplyTo("KP2MI", urgent=False, record="\u2028" * 256)
    problems = (problem("invalid_value", "/person/birth_date_precision"),) * 10
    refused = [(worst, receipts.refusal(RING, worst, (COMMAND, str(n)), problems)) for n in range(250)]
    assert max(len(message.value) for _, message in receipts.messages(RING, NAMES, refused)) < 900_000
