"""Agreements as aggregates: who may propose, approve, reject and end which version, and what that makes of them."""

from datetime import date
from typing import Any

import pytest

from contracts.commands import Principal
from contracts.gateway import EndAgreement, RejectAgreement
from contracts.outcomes import Refused
from services.gateway.domain import agreements
from services.gateway.domain.agreement_record import (
    AgreementRecord,
    adopt,
    agreement_id,
    approve,
    end,
    propose,
    read_terms,
    reject,
    terms_of,
    wording_of,
)
from services.gateway.domain.agreements import Agreement, in_force
from services.gateway.domain.parties import STANDS_FOR, receiving_party, side_of
from tests.gateway.agreements import DAY, NOW, TODAY, an_agreement, approval, approved, officer, proposed

ID = agreement_id("housing-statistics")


def rejection(number: int = 1, **changes: Any) -> RejectAgreement:
    return RejectAgreement(agreement=ID, number=number, **changes)


def ending(last_day: date = TODAY, **changes: Any) -> EndAgreement:
    return EndAgreement(agreement=ID, last_day=last_day, **changes)


def refusal(act: Any, *given: Any) -> tuple[str, str]:
    """Code and pointer of the refusal."""
    with pytest.raises(Refused) as refused:
        act(*given)
    (problem,) = refused.value.problems
    return problem.code, problem.pointer


# -- proposing


@pytest.mark.parametrize("organisation", ["KP2MI", "BPS"])
def test_giver_and_receiver_may_propose_and_nothing_is_given_by_it_yet(organisation: str) -> None:
    record, event = propose(None, officer(organisation), an_agreement(), None, NOW)
    assert (record.version, record.approved) == (1, ())
    assert (event.by, event.number, event.agreement) == (organisation, 1, record.id)


def test_nobody_else_may_propose() -> None:
    for stranger in ("KEMLU", "KEMENDAGRI"):
        assert refusal(propose, None, officer(stranger), an_agreement(), None, NOW) == ("not_permitted", "")


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"id": "a3307123456789012"}, "invalid_value", "/id"),
        ({"id": "why"}, "invalid_value", "/id"),
        ({"receiver": {"organisation": "KP2MI"}}, "invalid_value", "/receiver"),
        ({"law": None}, "missing_value", "/law"),
        ({"signatories": [{"organisation": "KP2MI"}, {"organisation": "BPS"}]}, "missing_value", "/signatories"),
        ({"version": 2}, "version_conflict", "/version"),
        ({"valid_to": "2026-03-31"}, "invalid_value", "/valid_to"),
    ],
)
def test_what_cannot_be_proposed(changes: dict[str, Any], code: str, pointer: str) -> None:
    assert refusal(propose, None, officer("KP2MI"), an_agreement(**changes), None, NOW) == (code, pointer)


def test_one_version_waits_at_a_time_and_the_next_has_the_next_number_and_the_same_parties() -> None:
    record, one, two = proposed(an_agreement()), officer("KP2MI"), an_agreement(version=2)
    assert refusal(propose, record, one, two, None, NOW) == ("state_conflict", "")
    record = approved(an_agreement())
    assert refusal(propose, record, one, an_agreement(), None, NOW) == ("version_conflict", "/version")
    assert refusal(propose, record, one, two, record.version - 1, NOW) == ("version_conflict", "")
    other = an_agreement(version=2, receiver={"organisation": "KEMLU"})
    assert refusal(propose, record, one, other, None, NOW) == ("invalid_value", "/receiver")
    taken = an_agreement(version=2, giver="KEMLU", receiver={"organisation": "UI"})
    assert refusal(propose, record, officer("KEMLU"), taken, None, NOW) == ("invalid_value", "/giver")
    assert propose(record, one, two, record.version, NOW)[0].versions[1].status == "proposed"


# -- approving


def test_it_is_approved_by_one_person_of_each_side_in_any_order() -> None:
    for sides in (("KP2MI", "BPS"), ("BPS", "KP2MI")):
        record, complete = proposed(an_agreement()), []
        for number, organisation in enumerate(sides):
            assert record.approved == ()
            record, event = approve(record, officer(organisation), approval(signer=f"s-{number}"), NOW)
            complete.append(event.complete)
        assert complete == [False, True]
        assert [agreement.name for agreement in record.approved] == ["housing-statistics/1"]
        assert {(one.organisation, one.at) for one in record.versions[0].approvals} == {(side, NOW) for side in sides}


def test_a_side_approves_once_and_a_person_for_one_side_alone() -> None:
    record, _ = approve(proposed(an_agreement()), officer("KP2MI"), approval(signer="s-1"), NOW)
    assert refusal(approve, record, officer("KP2MI"), approval(signer="s-2"), NOW) == ("already_approved", "")
    assert refusal(approve, record, officer("BPS"), approval(signer="s-1"), NOW) == ("already_approved", "")
    assert approve(record, officer("BPS"), approval(signer="s-2"), NOW)[1].complete


@pytest.mark.parametrize("act", [(approve, approval), (reject, rejection), (end, ending)])
def test_to_whoever_is_no_party_it_is_not_there(act: Any) -> None:
    decide, body = act
    for record, who in ((proposed(an_agreement()), "KEMLU"), (None, "KP2MI")):
        assert refusal(decide, record, officer(who), body(), NOW) == ("not_found", "")


def test_a_decision_names_the_version_it_saw_and_one_that_waits() -> None:
    record = proposed(an_agreement())
    for act, body in ((approve, approval), (reject, rejection)):
        assert refusal(act, record, officer("BPS"), body(ifversion=2), NOW) == ("version_conflict", "")
        assert refusal(act, record, officer("BPS"), body(2), NOW) == ("not_found", "")
        assert refusal(act, approved(an_agreement()), officer("BPS"), body(), NOW) == ("state_conflict", "")
    late = NOW + 5 * 365 * DAY
    assert refusal(approve, record, officer("BPS"), approval(), late) == ("state_conflict", "")


# -- rejecting and ending


def test_what_is_rejected_never_gives_and_a_new_version_may_follow() -> None:
    record, event = reject(proposed(an_agreement()), officer("BPS"), rejection(), NOW)
    assert event.by == "BPS"
    assert refusal(approve, record, officer("KP2MI"), approval(), NOW) == ("state_conflict", "")
    record = approved(an_agreement(version=2), before=record)
    assert [agreement.version for agreement in record.approved] == [2]


@pytest.mark.parametrize("organisation", ["KP2MI", "BPS"])
def test_either_party_ends_it_from_today_on_and_the_last_day_still_counts(organisation: str) -> None:
    record = approved(an_agreement())
    assert refusal(end, record, officer(organisation), ending(date(2026, 3, 31)), NOW) == ("invalid_value", "/last_day")
    record, event = end(record, officer(organisation), ending(), NOW)
    assert (event.number, event.last_day) == (1, TODAY)
    assert in_force(record.approved, TODAY)
    assert not in_force(record.approved, date(2026, 4, 2))


def test_an_end_comes_earlier_and_never_later() -> None:
    record, _ = end(approved(an_agreement()), officer("BPS"), ending(date(2026, 5, 1)), NOW)
    assert refusal(end, record, officer("KP2MI"), ending(date(2026, 6, 1)), NOW) == ("state_conflict", "")
    record, _ = end(record, officer("KP2MI"), ending(date(2026, 4, 20)), NOW)
    assert record.approved[0].valid_to == date(2026, 4, 20)
    assert refusal(end, proposed(an_agreement()), officer("BPS"), ending(), NOW) == ("state_conflict", "")


def test_what_was_approved_and_has_not_begun_ends_too_and_no_older_one_comes_back() -> None:
    record = approved(an_agreement())
    record = approved(an_agreement(version=2, valid_from="2026-05-01"), before=record)
    record, event = end(record, officer("BPS"), ending(date(2026, 4, 10)), NOW)
    assert event.number == 2
    for day in (date(2026, 4, 11), date(2026, 5, 1), date(2027, 1, 1)):
        assert not in_force(record.approved, day)


def test_a_version_approved_after_the_end_begins_anew() -> None:
    record, _ = end(approved(an_agreement()), officer("BPS"), ending(), NOW)
    record = approved(an_agreement(version=2), before=record)
    assert [one.version for one in in_force(record.approved, date(2026, 6, 1))] == [2]


# -- classes of receivers


def test_for_a_class_of_receivers_somebody_else_than_the_giver_approves() -> None:
    for kind, (first, other) in STANDS_FOR.items():
        chosen: Any = {"mission_of": "destination", "regency_of": "home_regency"}.get(kind, True)
        changes: dict[str, Any] = {"receiver": {kind: chosen}, "events": [], "facts": [], "stated_in": "all"}
        for giver, expected in ((first, other), (other, first), ("KEMENKES", first)):
            made = an_agreement(**changes, giver=giver)
            assert (receiving_party(made), side_of(made, giver)) == (expected, "giver")
            assert side_of(made, expected) == "receiver"


def test_of_every_packaged_agreement_giver_and_receiver_differ() -> None:
    for agreement in agreements.load():
        assert agreement.giver != receiving_party(agreement), agreement.name


# -- words


def test_the_words_of_the_parties_stand_in_no_event() -> None:
    agreement = an_agreement(law="Nomor 3307124503960001")
    event = propose(None, officer("KP2MI"), agreement, None, NOW)[1].model_dump_json()
    assert "3307124503960001" not in event
    assert "Sekretaris" not in event
    assert read_terms(terms_of(agreement), wording_of(agreement)) == agreement


def test_without_words_it_decides_as_with_them() -> None:
    for agreement in agreements.load():
        bare = read_terms(terms_of(agreement))
        assert bare != agreement
        assert bare.model_copy(update={"law": agreement.law, "signatories": agreement.signatories}) == agreement


# -- adopting


def test_versions_are_adopted_in_their_order() -> None:
    platform = Principal(organisation="SIMPUL", roles=("gateway_rule",))
    record: AgreementRecord | None = None
    for version in (1, 2):
        record, event = adopt(record, platform, an_agreement(version=version), NOW)
        assert event.number == version
    assert record
    assert [one.version for one in record.approved] == [1, 2]
    assert refusal(adopt, record, platform, an_agreement(version=4), NOW) == ("version_conflict", "/version")


def test_a_record_keeps_what_it_was_made_of() -> None:
    record = approved(an_agreement())
    assert AgreementRecord.model_validate_json(record.model_dump_json()) == record
    assert isinstance(record.versions[0].agreement, Agreement)
