"""What one receiver gets of one event."""

import json

import pytest

from contracts import exchange, registry
from contracts.model import Moment
from services.gateway.domain.copied_facts import written
from services.gateway.domain.receiver_ids import person_of, person_token
from tests.gateway.exchange.copying import COPIER, alert_copy, joined, person_copy, share
from tests.gateway.exchange.samples import (
    EVENT,
    NIK,
    NOW,
    OTHER,
    PERSON,
    RING,
    absorbed,
    departed,
    envelope,
    facets,
    merged,
    offer_decided,
    offered,
    opened,
    registered,
    selection,
    state,
    unmerged,
)


def test_the_owner_is_told_which_registration_waits_by_whom_and_nothing_that_identifies() -> None:
    body, _, copy = person_copy("KP2MI", offered())
    assert (body.facts.offer, body.facts.offered_by, body.facts.owner) == (OTHER, "33.07-DISNAKER", None)
    assert body.personal is None
    assert copy.disclosures


def test_the_author_is_told_what_was_decided_and_nothing_of_the_person() -> None:
    body, _, _ = person_copy("33.07-DISNAKER", offer_decided())
    assert body.facts.model_dump(exclude_none=True) == {"offer": OTHER, "offer_decision": "rejected"}
    assert body.personal is None


def test_a_mission_gets_what_its_agreement_gives() -> None:
    body, head, copy = person_copy("KBRI_KUL")
    assert copy.message.topic == "to.kbri_kul.v1"
    assert body.personal is not None
    assert body.personal.clear is not None
    assert body.personal.masked is not None
    assert (body.personal.clear.full_name, body.personal.masked.nik) == ("Sulastri", "*" * 12 + NIK[-4:])
    assert (body.personal.clear.nik, body.personal.clear.address) == (None, None)
    assert body.facts.status == "C1_REGISTERED"
    assert (body.facts.scheme, body.facts.flags, body.facts.home_regency) == ("p_to_p", ("nik_unverified",), None)
    assert body.asof == NOW
    assert head.dataclassification == "restricted"
    assert head.purpose == "consular_protection"


def test_each_receiver_knows_a_person_by_a_name_of_its_own() -> None:
    mission, regency = person_copy("KBRI_KUL")[0], person_copy("KAB-33.07")[0]
    assert mission.person != regency.person
    assert person_of(RING, "KBRI_KUL", mission.person) == person_of(RING, "KAB-33.07", regency.person) == PERSON


def test_ids_of_a_copy_mean_nothing_to_another_receiver_and_stay_the_same() -> None:
    (_, first, one), (_, again, _), (_, other, _) = (person_copy(c) for c in ("KBRI_KUL", "KBRI_KUL", "KAB-33.07"))
    assert first.id == again.id != other.id != EVENT
    assert first.correlationid != other.correlationid
    assert one.message.key == json.loads(one.message.value)["person"].encode()


def test_a_copy_tells_neither_version_nor_platform_ids() -> None:
    _, head, copy = person_copy("KBRI_KUL")
    assert head.sequence is None
    text = copy.message.value.decode() + str(copy.message.headers)
    for ours in (PERSON, EVENT, "55555555"):
        assert ours not in text


def test_the_statistics_office_gets_hashes_and_no_trace() -> None:
    body, head, copy = person_copy("BPS")
    assert body.personal is not None
    given = body.personal.model_dump(exclude_none=True)
    assert (set(given), set(given["hashed"])) == ({"clear", "hashed", "year"}, {"nik"})
    assert (given["year"], given["clear"]) == ({"birth_date": "1998"}, {"sex": "P"})
    assert head.traceparent is None
    for name in ("Sulastri", NIK, "Z0000001", "628340000001"):
        assert name not in copy.message.value.decode()


def test_whoever_may_know_the_person_gets_the_trace() -> None:
    assert person_copy("KBRI_KUL")[1].traceparent == envelope(registered()).traceparent


def test_who_loses_a_person_learns_nothing_more() -> None:
    event = registered(facets=facets(destination="HK"), facets_before=facets(destination="MY"))
    body, _, copy = person_copy("KBRI_KUL", event)
    assert body.left == ("mission-destination/1",)
    assert body.facts.model_dump(exclude_none=True) == {}
    assert (body.personal, body.asof) == (None, None)
    assert b'"HK"' not in copy.message.value


def ids(body: exchange.PersonCopied, receiver: str) -> list[str | None]:
    """Who a copy is about, and the other it names, as the platform knows them."""
    named = (body.person, body.facts.absorbed, body.facts.separated)
    pseudonym = "official-statistics" if receiver == "BPS" else ""
    people = {person_token(RING, receiver, one, pseudonym): one for one in (PERSON, OTHER)}
    return [one and people[one] for one in named]


@pytest.mark.parametrize("receiver", ["KBRI_KUL", "KAB-33.07", "BPS", "KP2MI"])
def test_a_merge_gives_the_receivers_own_ids_of_both_and_the_state_of_who_stays(receiver: str) -> None:
    for event in (merged(), merged(**absorbed())):
        body, _, copy = person_copy(receiver, event)
        assert ids(body, receiver) == [PERSON, OTHER, None]
        assert body.facts.status == "C1_REGISTERED"
        assert (body.personal is None) == (receiver == "KP2MI")
        assert [one.person for one in copy.disclosures] == [PERSON, OTHER]
        assert copy.disclosures[1].fields == ("facts.absorbed",)


def test_an_unmerge_tells_of_each_who_the_other_was() -> None:
    body, _, copy = person_copy("KBRI_KUL", unmerged())
    assert ids(body, "KBRI_KUL") == [PERSON, None, OTHER]
    assert [(one.person, one.owner) for one in copy.disclosures] == [(PERSON, "KP2MI"), (OTHER, None)]
    assert ids(person_copy("KBRI_KUL", unmerged(**absorbed()))[0], "KBRI_KUL") == [OTHER, None, PERSON]


def test_who_loses_a_person_by_a_merge_does_not_learn_who_it_is_now() -> None:
    body, _, copy = person_copy("KJRI_HKG", merged(**absorbed(destination="HK")))
    assert (body.left, ids(body, "KJRI_HKG")) == (("mission-destination/1",), [OTHER, None, None])
    assert [one.person for one in copy.disclosures] == [OTHER]


def test_a_disclosure_says_whose_person_it_was() -> None:
    disclosures = (*person_copy("KAB-33.07")[2].disclosures, *alert_copy(state=state())[2].disclosures)
    assert {one.owner for one in disclosures} == {"KP2MI"}
    assert {one.owner for one in alert_copy()[2].disclosures} == {None}


def test_a_disclosure_names_fields_and_no_value() -> None:
    (disclosure,) = person_copy("KAB-33.07")[2].disclosures
    assert (disclosure.receiver, disclosure.agreement, disclosure.event) == ("KAB-33.07", "home-regency/1", EVENT)
    assert {"personal.clear.full_name", "personal.masked.nik", "facts.status"} <= set(disclosure.fields)
    assert "Sulastri" not in repr(disclosure)


def test_an_agreement_without_personal_fields_needs_no_state() -> None:
    event = departed()
    copy = COPIER.of_person(share("KP2MI", event), event, envelope(event), None)
    body = exchange.PersonCopied.model_validate_json(copy.message.value)
    assert (body.personal, body.asof, body.occurred_at) == (None, None, "2026-03-20+07:00")


@pytest.mark.parametrize(
    ("receiver", "destinations", "names"),
    [
        ("KBRI_KUL", ("HK", "MY"), {"passport"}),
        ("KBRI_KUL", ("MY", "MY"), {"full_name", "nik", "sex", "passport"}),
        ("KAB-33.07", ("HK", "MY"), {"full_name", "nik", "sex"}),
    ],
)
def test_by_a_join_that_nobody_confirmed_nobody_gains_personal_fields(
    receiver: str, destinations: tuple[str, str], names: set[str]
) -> None:
    event = registered()
    copy = COPIER.of_person(share(receiver, event), event, envelope(event), joined(*destinations))
    personal = json.loads(copy.message.value)["personal"]
    assert {name for fields in personal.values() for name in fields} == names


def test_a_placement_tells_a_mission_of_the_contract() -> None:
    event = registry.PlacementRecorded(
        **departed().model_dump(exclude={"type"}), scheme="p_to_p", occupation="9111",
        contract_start="2026-04-01", contract_end="2028-03-31",
    )  # fmt: skip
    facts = person_copy("KBRI_KUL", event)[0].facts
    assert (facts.scheme, facts.occupation, facts.contract_start, facts.contract_end) == (
        "p_to_p", "9111", "2026-04-01", "2028-03-31",
    )  # fmt: skip


def test_a_round_asks_each_institution_its_own_questions() -> None:
    event = opened()
    shares = selection("KEMENKES", "BPS").of_round(event)
    assert [one.receiver for one in shares] == ["KEMENKES"]
    copy = COPIER.of_round(shares[0], event, envelope(event))
    body = exchange.RoundCopied.model_validate_json(copy.message.value)
    assert [question.indicator for question in body.questions] == ["MGI-1.01"]
    assert copy.disclosures == ()


@pytest.mark.parametrize("text", ["2026-03-01T08:30:00+07:00", "2026-03-01+09:00", "2026-03+07:00", "2026+00:00"])
def test_a_moment_is_written_as_it_was_read(text: str) -> None:
    assert written(Moment.parse(text)) == text
