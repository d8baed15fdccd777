"""Somebody registered whom another organisation owns: the registration waits, and nothing of her moves."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.commands.types import Applied, Command
from contracts.commands import Principal
from contracts.outcomes import Refused
from contracts.registry import (
    DecideOffer,
    DuplicateOpened,
    Identifiers,
    OfferDecided,
    PersonRegistered,
    RegistrationOffered,
)
from services.registry.commands import Draft, LoadedBatch
from services.registry.domain.offers import ListedOffer, offers_of
from services.registry.domain.person import Person
from services.registry.domain.working_days import end_of_working_day, over_by
from tests.registry.builders import (
    KP2MI,
    NOW,
    PASSPORT,
    STEWARD,
    carry_out,
    command,
    command_id,
    departure,
    hashed,
    identity,
    known,
    merging,
    only,
    person,
    placement,
    registration,
    settle,
    unmerging,
    workspace,
)

DISNAKER = "33.07-DISNAKER"
HIJACKER = "52-DISNAKERTRANS"
OWNER = Principal(organisation=KP2MI, user="registrar-1", roles=("registrar",))
NEWCOMER = Principal(organisation=HIJACKER, user="registrar-2", roles=("registrar",))
HER = person(full_name="Sulastri", phone="+628000000001", address="Jl. Melati 1")
FALSE = person(full_name="Dewi", passport="Z0000666", phone="+628000000666", address="Jl. Palsu 6")
BACKDATED = "2020-01-01T09:00:00+07:00"


def hijacked(occurred: str = "2026-03-20", **plan: Any) -> tuple[LoadedBatch, list[Applied[Draft]]]:
    """She is registered with KP2MI; somebody who knows her NIK registers her again, for another country and home."""
    hers = command(registration(), HER, number=1)
    false = registration(occurred, home_regency="52.01", **({"destination": "KH"} | plan))
    return settle(hers, command(false, FALSE, by=HIJACKER, number=2))


def offer_of(work: LoadedBatch) -> ListedOffer:
    (offer,) = offers_of(only(work))
    return offer


def deciding(work: LoadedBatch, decision: str = "accepted", **changes: Any) -> DecideOffer:
    offer = offer_of(work)
    given = {"offer": offer.id, "person": offer.person, "decision": decision, "reason": "other"}
    return DecideOffer(**(given | changes))


def refusal(work: LoadedBatch, one: Command) -> str:
    before = dict(work.persons), dict(work.entries)
    with pytest.raises(Refused) as refused:
        carry_out(work, one, NOW)
    assert (dict(work.persons), dict(work.entries)) == before
    return refused.value.problems[0].code


@pytest.mark.parametrize("occurred", ["2026-03-20", BACKDATED])
def test_who_registers_somebody_registered_takes_nothing_of_her(occurred: str) -> None:
    work, (first, second) = hijacked(occurred)
    untouched = only(settle(command(registration(), HER, number=1))[0]).state
    state = only(work).state
    assert (state.facets, state.details, state.flags) == (untouched.facets, untouched.details, untouched.flags)
    assert state.personal == untouched.personal
    assert second.aggregate_id == first.aggregate_id
    assert second.warnings == ("waits_for_owner",)


def test_the_owner_is_told_at_once_and_nobody_that_anything_changed() -> None:
    _, (_, applied) = hijacked()
    (emitted,) = applied.events
    assert isinstance(emitted.event, RegistrationOffered)
    assert (emitted.event.by, emitted.event.facets.owner, emitted.event.facets_before) == (HIJACKER, KP2MI, None)


def test_an_offered_registration_brings_her_no_identifier_of_somebody_else() -> None:
    hers = command(registration(), HER)
    false = command(registration(), FALSE, by=HIJACKER)
    crossing = command(departure(destination="KH"), FALSE.model_copy(update={"nik": None}))
    work, applied = settle(hers, false, crossing)
    assert hashed("passport", "Z0000666") in work.entries
    assert applied[2].aggregate_id != applied[0].aggregate_id
    assert known(work, applied[0].aggregate_id).state.status == "C1_REGISTERED"


def test_accepted_it_takes_effect_and_its_author_owns_her() -> None:
    work, _ = hijacked()
    accepted = carry_out(work, command(deciding(work), None, by=OWNER), NOW)
    state = only(work).state
    assert (state.facets.owner, state.facets.home_regency, state.facets.destination) == (HIJACKER, "52.01", "KH")
    assert (state.personal["full_name"], state.personal["passport"]) == ("Dewi", "Z0000666")
    decided, registered = (emitted.event for emitted in accepted.events)
    assert isinstance(decided, OfferDecided)
    assert isinstance(registered, PersonRegistered)
    assert decided.facets_before is not None
    assert registered.facets_before is not None
    assert (decided.facets_before.owner, registered.facets_before.home_regency) == (KP2MI, "33.07")
    assert [emitted.sequence for emitted in accepted.events] == [3, 4]
    assert work.entries[hashed("passport", "Z0000666")].persons == (only(work).id,)
    assert offer_of(work).status == "accepted"
    again = command(registration("2026-03-25", destination="SG"), HER)
    assert carry_out(work, again, NOW).warnings == ("waits_for_owner",)


def test_a_back_dated_one_that_is_accepted_makes_its_author_the_owner_and_stands_in_its_time() -> None:
    work, _ = hijacked(BACKDATED)
    carry_out(work, command(deciding(work), None, by=OWNER), NOW)
    state = only(work).state
    assert (state.facets.owner, state.facets.destination, state.personal["full_name"]) == (HIJACKER, "HK", "Sulastri")


def test_rejected_it_never_takes_effect() -> None:
    work, _ = hijacked()
    before = only(work).state
    rejected = carry_out(work, command(deciding(work, "rejected"), None, by=OWNER), NOW)
    (emitted,) = rejected.events
    assert isinstance(emitted.event, OfferDecided)
    assert (emitted.event.decision, emitted.event.by, emitted.event.facets_before) == ("rejected", HIJACKER, None)
    after = only(work).state
    assert (after.facets, after.personal, after.waiting) == (before.facets, before.personal, ())
    assert offer_of(work).status == "rejected"
    assert refusal(work, command(deciding(work), None, by=OWNER)) == "state_conflict"


def test_who_may_decide_and_on_what() -> None:
    work, _ = hijacked()
    for stranger in (
        NEWCOMER,
        Principal(organisation=KP2MI),
        Principal(organisation=KP2MI, user="u-1", roles=("duty_officer",)),
        Principal(organisation="BPS", user="u-1", roles=("identity_steward",)),
        Principal(organisation="KEMLU", user="u-1", roles=("registrar",)),
    ):
        assert refusal(work, command(deciding(work), None, by=stranger)) == "not_permitted"
    assert refusal(work, command(deciding(work, ifversion=1), None, by=OWNER)) == "version_conflict"
    assert refusal(work, command(deciding(work, offer=command_id(1)), None, by=OWNER)) == "not_found"
    version = offer_of(work).version
    assert carry_out(work, command(deciding(work, ifversion=version), None, by=STEWARD), NOW).version == version + 1


def test_what_the_owner_states_anew_takes_effect_at_once() -> None:
    moved = command(registration("2026-03-25", home_regency="33.08"), HER)
    work, applied = settle(command(registration(), HER), moved)
    assert (only(work).state.facets.home_regency, applied[1].warnings) == ("33.08", ())
    assert offers_of(only(work)) == ()


def test_facts_of_whoever_owns_their_kind_take_effect_while_a_registration_waits() -> None:
    work, _ = hijacked()
    for fact in (identity(), placement(), departure()):
        carry_out(work, command(fact), NOW)
    assert (only(work).state.status, only(work).state.identity_matched) == ("P1_DEPARTED", True)


def test_the_first_registration_of_somebody_known_by_other_facts_alone_waits_for_nobody() -> None:
    work, applied = settle(command(departure()), command(registration(), HER, by=DISNAKER))
    assert (only(work).state.facets.owner, applied[1].warnings) == (DISNAKER, ())


def test_two_registered_persons_found_to_be_one_have_the_owner_who_was_first_and_an_offer() -> None:
    hers, other = command(registration(), HER), command(registration(), person(nik=None, passport="Z9"), by=DISNAKER)
    work = workspace((hers, other))
    first = carry_out(work, hers, NOW - timedelta(days=30)).aggregate_id
    second = carry_out(work, other, NOW - timedelta(days=20)).aggregate_id
    merged = carry_out(work, command(merging(first, second)), NOW)
    assert [type(emitted.event).__name__ for emitted in merged.events][:3] == [
        "PersonMerged", "PersonMerged", "RegistrationOffered"
    ]  # fmt: skip
    assert [emitted.sequence for emitted in merged.events if emitted.key == first] == [2, 3]
    (offer,) = offers_of(known(work, first))
    assert (offer.owner, offer.by, offer.offered_at) == (KP2MI, DISNAKER, NOW)
    carry_out(work, command(unmerging(second)), NOW)
    assert offers_of(known(work, first)) == offers_of(known(work, second)) == ()
    assert known(work, second).state.facets.owner == DISNAKER


# -- whatever the order

OFFICES = (KP2MI, DISNAKER, HIJACKER)
moments = st.sampled_from(["2020", "2026-01", "2026-01-10T09:00:00+07:00", "2026-02-01", "2026-03-02"])
facts = st.one_of(
    st.tuples(
        st.builds(registration, moments, home_regency=st.sampled_from(["33.07", "52.01"])), st.sampled_from(OFFICES)
    ),
    st.tuples(st.builds(placement, moments, destination=st.sampled_from(["HK", "MY"])), st.just(KP2MI)),
    st.tuples(st.builds(departure, moments), st.just("KEMENIMIPAS")),
)
lives = st.lists(facts, min_size=1, max_size=6).map(
    lambda drawn: [command(body, by=office, number=number) for number, (body, office) in enumerate(drawn)]
)
REGISTERS = "registry.person.register.v1"


def settled(commands: list[Command]) -> Person:
    """Each a second after the one before."""
    work = workspace(commands)
    for second, one in enumerate(commands):
        carry_out(work, one, NOW + timedelta(seconds=second))
    return only(work)


@given(lives.flatmap(lambda commands: st.tuples(st.just(commands), st.permutations(commands))))
@settings(deadline=None)
def test_whoever_registered_first_owns_her_and_all_else_is_of_any_order(
    arrivals: tuple[list[Command], list[Command]],
) -> None:
    one, other = map(settled, arrivals)
    owners = [[c.principal.organisation for c in commands if c.type == REGISTERS][:1] for commands in arrivals]
    for each, owner in zip((one, other), owners, strict=True):
        assert not owner or each.state.facets.owner == owner[0]
        own = {c.id for c in arrivals[0] if c.type == REGISTERS and c.principal.organisation in owner}
        assert {a.command_id for a in each.actions if a.kind == "REGISTRATION"} - each.state.without_effect == own
    if owners[0] == owners[1]:
        comparable = [
            (each.state.flags, each.state.details, each.state.personal, each.state.facets.home_regency)
            for each in (one, other)
        ]
        assert comparable[0] == comparable[1]


def test_no_order_of_two_offices_gives_the_second_anything() -> None:
    stated = [
        command(registration(occurred), by=office) for occurred, office in ((BACKDATED, DISNAKER), ("2026-03", KP2MI))
    ]
    for arrival in permutations(stated):
        assert settled(list(arrival)).state.facets.owner == arrival[0].principal.organisation


# -- five working days


@pytest.mark.parametrize(
    ("offered", "steward_from"),
    [
        ("2026-03-02T10:00:00+07:00", "2026-03-10T00:00:00+07:00"),  # a Monday: until the end of the next one
        ("2026-03-06T23:59:00+07:00", "2026-03-14T00:00:00+07:00"),  # a Friday
        ("2026-03-07T10:00:00+07:00", "2026-03-14T00:00:00+07:00"),  # a Saturday: as on the Friday before
        ("2026-03-01T23:00:00+00:00", "2026-03-10T00:00:00+07:00"),  # Monday in Jakarta
    ],
)
def test_an_offer_waits_five_working_days_for_the_owner_alone(offered: str, steward_from: str) -> None:
    assert end_of_working_day(datetime.fromisoformat(offered), 5) == datetime.fromisoformat(steward_from)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)), st.integers(0, 20 * 24))  # noqa: DTZ001
def test_what_is_over_by_now_is_what_ended_by_now(offered: datetime, hours: int) -> None:
    at = offered.replace(tzinfo=UTC)
    now = at + timedelta(hours=hours)
    assert (at < over_by(now, 5)) == (end_of_working_day(at, 5) <= now)


def test_her_passport_alone_takes_nothing_of_her_either() -> None:
    stranger = person(nik=None, passport=PASSPORT, full_name="Dewi")
    work, (hers, other) = settle(command(registration(), HER), command(registration(), stranger, by=HIJACKER))
    assert other.aggregate_id != hers.aggregate_id
    assert [emitted.key for emitted in other.events if isinstance(emitted.event, DuplicateOpened)] == list(work.reviews)
    crossing = carry_out(work, command(departure(), Identifiers(passport=PASSPORT)), NOW)
    assert crossing.aggregate_id not in (hers.aggregate_id, other.aggregate_id)
    assert known(work, hers.aggregate_id).state.personal["full_name"] == "Sulastri"
