"""What agreements give together: adding one never takes away, removing one never gives."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts import registry
from contracts.exchange import ReportPart
from contracts.registry import FactKind
from services.gateway.domain.agreements import FACTS, PERSON_EVENTS, PSEUDONYMOUS, Agreement
from services.gateway.domain.copies import Copy, CopyBuilder
from services.gateway.domain.grants import paths_of
from services.gateway.domain.receiver_ids import UnknownToken, person_of
from services.gateway.domain.routing import Recipient, Routing
from tests.gateway.exchange.samples import (
    ALERT,
    NAMES,
    NIK,
    PERSON,
    RING,
    absorbed,
    envelope,
    facets,
    merged,
    raised,
    registered,
    selection,
    state,
)

TODAY = date(2026, 6, 1)
BUILDER = CopyBuilder(RING, NAMES)
ALL_KINDS: tuple[FactKind, ...] = ("DEPARTURE", "IDENTITY", "PLACEMENT", "REGISTRATION")


def an_agreement(**changes: Any) -> Agreement:
    """With the employment insurer, for insurance."""
    valid: dict[str, Any] = {
        "id": "a-test", "version": 1, "giver": "KP2MI", "receiver": {"organisation": "BPJS_TK"},
        "purpose": "insurance", "base": "legal_duty", "law": "UU 18/2017 art. 29",
        "events": ["registry.person.registered.v1", "registry.person.merged.v1"], "stated_in": "all",
        "retention_days": 365, "valid_from": "2026-01-01", "valid_to": "2026-12-31",
        "signatories": [{"organisation": code, "office": "Sekretaris"} for code in ("KP2MI", "BPJS_TK", "BPS")],
    }  # fmt: skip
    return Agreement.model_validate(valid | changes)


def routing(*agreements: Agreement, connected: Iterable[str] = ("BPJS_TK", "BPS", "KEMLU")) -> Routing:
    return Routing(agreements, frozenset(connected), TODAY)


def body_of(copy: Copy) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(copy.message.value)
    return body


def copies(agreements: Iterable[Agreement], event: registry.PersonEvent) -> dict[tuple[str, str, str], dict[str, Any]]:
    """By receiver, purpose and pseudonym, what each copy gives: its fields, and whom it names."""
    by_group: dict[tuple[str, str, str], dict[str, Any]] = {}
    for recipient in routing(*agreements).of_person(event):
        copy = BUILDER.of_person(recipient, event, envelope(event), state(stated=dict.fromkeys(VALUES, ALL_KINDS)))
        group = (recipient.receiver, recipient.purpose, recipient.pseudonym)
        assert group not in by_group, "one copy for each receiver, event and purpose"
        by_group[group] = {"fields": set(paths_of(body_of(copy))), "left": set(recipient.left)}
    return by_group


VALUES = (*state().personal, *FACTS)


# -- one purpose, several agreements


def test_two_agreements_of_one_purpose_give_their_union_in_one_copy() -> None:
    names = an_agreement(id="names", personal={"full_name": "clear", "nik": "masked"})
    numbers = an_agreement(id="numbers", facts=["status"], personal={"nik": "clear", "full_name": "clear"})
    event = registered()
    (recipient,) = routing(names, numbers).of_person(event)
    copy = BUILDER.of_person(recipient, event, envelope(event), state())
    body = body_of(copy)
    assert body["agreements"] == ["names/1", "numbers/1"]
    assert body["personal"] == {"clear": {"full_name": "Sulastri", "nik": NIK}, "masked": {"nik": "*" * 12 + NIK[-4:]}}
    assert body["given_by"] == {
        "names/1": ["personal.clear.full_name", "personal.masked.nik"],
        "numbers/1": ["facts.status", "personal.clear.full_name", "personal.clear.nik"],
    }
    assert {one.agreement: list(one.fields) for one in copy.disclosures} == body["given_by"]


def test_each_purpose_has_a_copy_and_a_copy_id_of_its_own() -> None:
    event = registered()
    first, second = routing(an_agreement(), an_agreement(id="other", purpose="claims")).of_person(event)
    assert {first.purpose, second.purpose} == {"insurance", "claims"}
    assert BUILDER.copy_id(first, envelope(event).id) != BUILDER.copy_id(second, envelope(event).id)


def test_who_leaves_one_agreement_while_another_covers_is_told_which() -> None:
    malaysia = an_agreement(id="malaysia", facts=["status"], filter={"destination": ["MY"]})
    everybody = an_agreement(id="everybody", facts=["destination"])
    event = registered(facets=facets(destination="HK"), facets_before=facets(destination="MY"))
    (recipient,) = routing(malaysia, everybody).of_person(event)
    assert (recipient.left, recipient.gone) == (("malaysia/1",), False)
    body = body_of(BUILDER.of_person(recipient, event, envelope(event), None))
    assert (body["left"], body["agreements"], body["facts"]) == (["malaysia/1"], ["everybody/1"], {"destination": "HK"})


def test_of_one_agreement_the_newest_version_that_has_begun_counts_and_its_end_brings_no_older_one_back() -> None:
    old = an_agreement(facts=["status", "owner"])
    new = an_agreement(version=2, facts=["status"], valid_from="2026-06-01", valid_to="2026-06-30")
    for day, names in [(date(2026, 5, 31), ["a-test/1"]), (TODAY, ["a-test/2"]), (date(2026, 7, 1), [])]:
        assert [one.name for one in Routing([new, old], frozenset(), day).agreements] == names


def test_over_the_api_the_purpose_of_the_token_alone_counts() -> None:
    both = routing(an_agreement(facts=["status"]), an_agreement(id="other", purpose="claims", facts=["owner"]))
    assert both.reading("BPJS_TK", "insurance", facets()).facts == {"status"}
    assert both.reading("BPJS_TK", "claims", facets()).facts == {"owner"}
    assert not both.reading("BPJS_TK", "migration_governance", facets()).agreements


@pytest.mark.parametrize(
    ("limits", "inside", "outside"),
    [
        ({"region": ["33"]}, {"home_regency": "33.07"}, {"home_regency": "35.07"}),
        ({"region": ["33.07"]}, {"home_regency": "33.07"}, {"home_regency": "33.08"}),
        ({"region": ["33"]}, {"home_regency": "33.07"}, {"home_regency": None}),
        ({"sector": ["97"]}, {"sector": "97000"}, {"sector": "01000"}),
        ({"sector": ["97000"]}, {"sector": "97000"}, {"sector": None}),
        ({"phase": ["P1_DEPARTED"]}, {"status": "P1_DEPARTED"}, {"status": "C1_REGISTERED"}),
        ({"destination": []}, None, {"destination": "MY"}),
    ],
)
def test_a_filter_limits_rows_by_region_destination_phase_and_sector(limits: Any, inside: Any, outside: Any) -> None:
    chosen = routing(an_agreement(filter=limits))
    assert not chosen.of_person(registered(facets=facets(**outside)))
    assert inside is None or chosen.of_person(registered(facets=facets(**inside)))


# -- who stated it


def given_under(stated_in: Any, stated: dict[str, tuple[FactKind, ...]], event: registry.PersonEvent) -> set[str]:
    agreement = an_agreement(stated_in=stated_in, facts=["destination", "scheme", "status"],
                             personal={"full_name": "clear", "passport": "clear"})  # fmt: skip
    (recipient,) = routing(agreement).of_person(event)
    return set(paths_of(body_of(BUILDER.of_person(recipient, event, envelope(event), state(stated=stated)))))


def test_a_value_is_given_if_it_was_stated_in_a_fact_of_an_agreed_kind() -> None:
    stated: dict[str, tuple[FactKind, ...]] = {
        "full_name": ("REGISTRATION",), "passport": ("DEPARTURE", "PLACEMENT"), "destination": ("DEPARTURE",)
    }  # fmt: skip
    of_registration = {"facts.status", "facts.scheme", "personal.clear.full_name"}
    assert given_under(["REGISTRATION"], stated, registered()) == of_registration
    assert given_under(["PLACEMENT"], stated, registered()) == {"facts.status", "personal.clear.passport"}
    whole = {*of_registration, "personal.clear.passport", "facts.destination"}
    assert given_under("all", stated, registered()) == given_under(ALL_KINDS, {}, registered()) == whole


def test_of_a_fact_that_has_changed_since_nobody_knows_who_stated_it() -> None:
    moved = registered(facets=facets(destination="HK"))
    assert "facts.destination" not in given_under(["REGISTRATION"], {"destination": ("REGISTRATION",)}, moved)
    assert "facts.destination" in given_under(["REGISTRATION"], {"destination": ("REGISTRATION",)}, registered())


# -- pseudonyms


PSEUDONYM = {
    "id": "pseudonyms", "receiver": {"organisation": "BPS"}, "pseudonymised": True, "purpose": "insurance",
    "personal": {"nik": "hashed"}, "facts": ["status", "absorbed"],
}  # fmt: skip


def test_a_pseudonymised_agreement_is_never_united_and_has_person_ids_of_its_own() -> None:
    clear = an_agreement(id="clear", receiver={"organisation": "BPS"}, personal={"nik": ["clear", "hashed"]})
    twice = (an_agreement(**PSEUDONYM), an_agreement(**PSEUDONYM | {"id": "pseudonyms-too"}))
    event = registered()
    bodies = [
        body_of(BUILDER.of_person(one, event, envelope(event), state()))
        for one in routing(clear, *twice).of_person(event)
    ]
    assert [body["agreements"] for body in bodies] == [["clear/1"], ["pseudonyms/1"], ["pseudonyms-too/1"]]
    for different in ([body["person"] for body in bodies], [body["personal"]["hashed"]["nik"] for body in bodies]):
        assert len(set(different)) == 3
    assert person_of(RING, "BPS", bodies[0]["person"]) == PERSON
    for body in bodies[1:]:
        with pytest.raises(UnknownToken):
            person_of(RING, "BPS", body["person"])


def test_a_pseudonym_opens_no_reading() -> None:
    assert not routing(an_agreement(**PSEUDONYM)).reading("BPS", "insurance", facets()).agreements


@pytest.mark.parametrize("alert_type", ["ALT-QMIDUE", "ALT-DISTRESS", "ALT-TPPO"])
@pytest.mark.parametrize("privacy", ["public", "internal", "restricted", "survivor"])
def test_who_knows_people_by_pseudonyms_learns_nobody_from_an_alert(alert_type: str, privacy: Any) -> None:
    event = raised(alert_type=alert_type, privacy=privacy, source="BPS", recipients=("BPS", "KP2MI"))
    (recipient,) = selection("BPS").of_alert(event)
    report = ReportPart(narrative="Terkunci", place="Klang", phone="+628340000001")
    for part in ("main", "completion"):
        copy = BUILDER.of_alert(recipient, event, envelope(event), state(), report, part)
        assert body_of(copy)["alert"] == ALERT
        assert {"person", "personal", "report", "asof"}.isdisjoint(body_of(copy))
        assert copy.disclosures == ()


@pytest.mark.parametrize("privacy", ["public", "internal"])
def test_an_administrative_alert_names_nobody_to_anybody(privacy: Any) -> None:
    event = raised(alert_type="ALT-QMIDUE", privacy=privacy, recipients=("KEMLU",))
    (recipient,) = selection("KEMLU").of_alert(event)
    assert {"person", "personal"}.isdisjoint(body_of(BUILDER.of_alert(recipient, event, envelope(event), state())))


# -- properties


FORMS = ("clear", "masked", "hashed", "year")
TOLD = ["registry.person.registered.v1", "registry.person.merged.v1"]
"""Types of the events below: several agreements often cover one of them."""
KINDS = st.one_of(st.just("all"), st.lists(st.sampled_from(ALL_KINDS), min_size=1, unique=True))
FILTERS = st.fixed_dictionaries({}, optional={
    "region": st.lists(st.sampled_from(["33", "33.07", "35"]), max_size=2, unique=True),
    "destination": st.lists(st.sampled_from(["MY", "HK"]), max_size=2, unique=True),
    "phase": st.lists(st.sampled_from(["C1_REGISTERED", "P1_DEPARTED"]), max_size=2, unique=True),
    "sector": st.lists(st.sampled_from(["97", "97000", "01"]), max_size=2, unique=True),
})  # fmt: skip
RECEIVERS = st.sampled_from([
    {"organisation": "BPJS_TK"}, {"organisation": "BPJS_TK"}, {"organisation": "BPS"}, {"owner": True},
    {"mission_of": "destination"},
])  # fmt: skip


@st.composite
def made(draw: st.DrawFn, name: str) -> Agreement:
    pseudonymised = draw(st.sampled_from([False, False, True]))
    receiver = {"organisation": "BPS"} if pseudonymised else draw(RECEIVERS)
    fields = st.dictionaries(
        st.sampled_from(["full_name", "nik", "passport"]),
        st.lists(st.sampled_from(FORMS), min_size=1, unique=True), max_size=3,
    )  # fmt: skip
    return an_agreement(
        id=name, receiver=receiver, purpose=draw(st.sampled_from(["insurance", "insurance", "claims"])),
        personal={"nik": "hashed", "birth_date": "year"} if pseudonymised else draw(fields),
        facts=draw(st.lists(st.sampled_from(["status", "destination", "absorbed"]), unique=True)),
        filter=draw(FILTERS), stated_in=draw(KINDS), pseudonymised=pseudonymised,
        events=draw(st.sampled_from((TOLD, TOLD, TOLD[:1], sorted(PERSON_EVENTS)))),
    )  # fmt: skip


AGREEMENTS = st.integers(1, 5).flatmap(lambda count: st.tuples(*(made(f"a-{n:02}") for n in range(count))))
FACETS = st.builds(
    facets,
    home_regency=st.sampled_from(["33.07", "35.07", None]),
    destination=st.sampled_from(["MY", "HK", None]),
    sector=st.sampled_from(["97000", "01000", None]),
    status=st.sampled_from(["C1_REGISTERED", "P1_DEPARTED"]),
    owner=st.sampled_from(["KP2MI", "KEMLU"]),
)
EVENTS = st.one_of(
    st.builds(lambda now: registered(facets=now), FACETS),
    st.builds(lambda now, before: registered(facets=now, facets_before=before), FACETS, FACETS),
    st.builds(lambda now, before: merged(**(absorbed() | {"facets": now, "facets_before": before})), FACETS, FACETS),
)


@given(AGREEMENTS, EVENTS)
@example((an_agreement(id="a-00", facts=["status"]), an_agreement(id="a-01", facts=["destination"])), registered())
def test_adding_an_agreement_never_takes_away_and_removing_one_never_gives(
    agreements: tuple[Agreement, ...], event: registry.PersonEvent
) -> None:
    everything = copies(agreements, event)
    for without in range(len(agreements)):
        fewer = copies([*agreements[:without], *agreements[without + 1 :]], event)
        assert fewer.keys() <= everything.keys()
        for group, copy in fewer.items():
            assert copy["fields"] <= everything[group]["fields"]
            assert copy["left"] - everything[group]["left"] <= set()


@given(AGREEMENTS, FACETS)
def test_what_is_read_is_the_union_of_what_each_agreement_gives(
    agreements: tuple[Agreement, ...], known: registry.Facets
) -> None:
    whole = routing(*agreements)
    for organisation in ("BPJS_TK", "BPS", "KP2MI", "KBRI_KUL"):
        for purpose in ("insurance", "claims"):
            each = [routing(one).reading(organisation, purpose, known) for one in agreements]
            together = whole.reading(organisation, purpose, known)
            assert together.facts == {name for grant in each for name in grant.facts}
            assert set(together.personal) == {field for grant in each for field in grant.personal}


@given(AGREEMENTS, EVENTS)
def test_no_pseudonymised_copy_ever_has_a_clear_name_or_number(
    agreements: tuple[Agreement, ...], event: registry.PersonEvent
) -> None:
    for (_, _, pseudonym), copy in copies(agreements, event).items():
        if pseudonym:
            assert {field for field in copy["fields"] if field.startswith("personal.")} <= PSEUDONYMOUS


def test_recipients_of_the_same_facets_are_made_once() -> None:
    chosen = selection("KBRI_KUL", "KAB-33.07")
    first: tuple[Recipient, ...] = chosen.of_person(registered())
    assert chosen.of_person(registered(person=ALERT)) is first
