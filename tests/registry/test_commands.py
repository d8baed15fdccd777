"""What institutions may say of a person, what is refused, and whom a fact is about."""

from datetime import date
from typing import Any

import pytest

from chassis.commands.types import Command
from contracts.commands import Principal
from contracts.outcomes import Refused
from contracts.registry import Identifiers, PersonRegistered, PlacementDetails
from simulation.scenario.people import make_nik
from tests.registry.builders import (
    BORN,
    IMMIGRATION,
    KEMENDAGRI,
    KP2MI,
    NIK,
    NOW,
    OTHER_NIK,
    PASSPORT,
    carry_out,
    command,
    command_id,
    departure,
    flags,
    hashed,
    identity,
    known,
    only,
    person,
    placement,
    registration,
    settle,
    workspace,
)


def refusal(one: Command) -> list[tuple[str, str]]:
    """Codes and pointers of a refusal, which leaves everything as it was."""
    work = workspace([one])
    with pytest.raises(Refused) as refused:
        carry_out(work, one, NOW)
    assert (dict(work.persons), dict(work.entries), dict(work.reviews)) == ({}, {}, {})
    return [(problem.code, problem.pointer) for problem in refused.value.problems]


# -- authority


@pytest.mark.parametrize(
    ("body", "owners"),
    [
        (registration(), {KP2MI, "33-DISNAKERTRANS", "33.07-DISNAKER"}),
        (placement(), {KP2MI, "33-DISNAKERTRANS", "33.07-DISNAKER"}),
        (identity(), {KEMENDAGRI}),
        (departure(), {IMMIGRATION}),
    ],
)
def test_a_fact_is_taken_from_the_institution_that_owns_it_alone(body: Any, owners: set[str]) -> None:
    for code in (KP2MI, "33-DISNAKERTRANS", "33.07-DISNAKER", KEMENDAGRI, IMMIGRATION, "KEMLU", "BPS", "NOBODY"):
        one = command(body, by=code)
        if code in owners:
            assert settle(one)[1][0].version == 1
        else:
            assert refusal(one) == [("not_owner", "")]


@pytest.mark.parametrize(
    ("organisation", "roles", "code"),
    [
        ("33.07-DISNAKER", ("registrar",), None),
        ("33.07-DISNAKER", (), "not_permitted"),
        ("33.07-DISNAKER", ("duty_officer",), "not_permitted"),
        ("KEMENIMIPAS", ("registrar",), "not_owner"),
        ("BPS", ("registrar",), "not_permitted"),
        ("KAB-33.07", ("registrar", "placement_services"), "not_permitted"),
    ],
)
def test_a_person_registers_as_registrar_of_an_institution_that_places_workers(
    organisation: str, roles: tuple[str, ...], code: str | None
) -> None:
    one = command(registration(), by=Principal(organisation=organisation, user="officer-1", roles=roles))
    if code is None:
        assert settle(one)[1][0].version == 1
    else:
        assert refusal(one) == [(code, "")]


@pytest.mark.parametrize(
    ("body", "organisation", "code"),
    [
        (placement(), IMMIGRATION, "not_owner"),
        (departure(), KP2MI, "not_owner"),
        (identity(), KEMENDAGRI, "not_permitted"),
        (identity(), KP2MI, "not_permitted"),
    ],
)
def test_a_registrar_states_no_fact_of_another_institution_and_no_answer_about_a_nik(
    body: Any, organisation: str, code: str
) -> None:
    registrar = Principal(organisation=organisation, user="officer-1", roles=("registrar",))
    assert refusal(command(body, by=registrar)) == [(code, "")]


def test_the_roles_a_system_claims_for_itself_count_for_nothing() -> None:
    for role in ("placement_services", "registrar", "registry_rule"):
        assert refusal(command(registration(), by=Principal(organisation="BPS", roles=(role,)))) == [("not_owner", "")]


# -- content


@pytest.mark.parametrize("nik", ["", "330701451298000", "33070145129800011", "33070145129800O1", "3307014012980001"])
def test_an_nik_that_cannot_exist_is_refused_for_every_kind_of_fact(nik: str) -> None:
    for body in (identity(), placement(), departure()):
        personal = PlacementDetails(nik=nik) if body.type.startswith("registry.placement") else Identifiers(nik=nik)
        assert ("nik_malformed", "/person/nik") in refusal(command(body, personal))
    assert refusal(command(registration(), person(nik=nik))) == [("nik_malformed", "/person/nik")]


@pytest.mark.parametrize("day", ["00", "32", "40", "72"])
def test_days_no_man_or_woman_has_are_refused(day: str) -> None:
    nik = NIK[:6] + day + NIK[8:]
    assert refusal(command(registration(), person(nik=nik))) == [("nik_malformed", "/person/nik")]


def test_a_woman_born_on_the_31st_is_served() -> None:
    born = date(1998, 12, 31)
    woman = person(nik=make_nik("33.07", born, "P", 1), birth_date=born.isoformat())
    assert settle(command(registration(), woman))[1][0].warnings == ()


def test_a_mismatch_with_corrected_civil_data_warns_and_never_blocks() -> None:
    applied = settle(command(registration(), person(birth_date="1997-12-05", sex="L")))[1][0]
    assert applied.warnings == ("nik_birth_date_mismatch", "nik_sex_mismatch")
    event = applied.events[0].event
    assert isinstance(event, PersonRegistered)
    assert event.warnings == applied.warnings


def test_an_nik_issued_in_merauke_before_2022_is_of_south_papua() -> None:
    work, applied = settle(command(registration(), person(nik=make_nik("91.01", BORN, "P", 1))))
    assert applied[0].warnings == ("nik_region_legacy",)
    assert only(work).state.facets.home_regency == "93.01"


@pytest.mark.parametrize(
    ("born", "precision", "occurred", "refused"),
    [
        ("2008-03-02", "day", "2026-03-01T23:59:59+07:00", True),
        ("2008-03-01", "day", "2026-03-01T00:00:00+07:00", False),
        ("2008-03-02", "day", "2026-03", False),  # the month has a day on which they are of age
        ("2008-04-01", "day", "2026-03", True),
        ("2008-03", "day", "2026-03-01", False),  # perhaps born on the first
        ("2008", "year", "2026-03-01", False),
        ("2009-12-31", "year", "2026-12-31", True),
        ("2008-12-31", "year", "2026-01-01", False),  # only the year counts
        ("2008-02-29", "day", "2026-02-28", True),
        ("2008-02-29", "day", "2026-03-01", False),
        ("2008-03-01", "day", "2026-02-28T18:00:00Z", True),  # the sender's own offset says the day
        ("2008-03-01", "day", "2026-03-01T00:30:00+09:00", False),
    ],
)
def test_who_is_surely_under_18_at_registration_is_refused(
    born: str, precision: str, occurred: str, refused: bool
) -> None:
    one = command(registration(occurred), person(nik=None, birth_date=born, birth_date_precision=precision))
    if refused:
        assert refusal(one) == [("under_age", "/person/birth_date")]
    else:
        assert settle(one)[1][0].version == 1


def test_a_child_whose_nik_decodes_as_an_adult_is_refused() -> None:
    child = person(nik=make_nik("33.07", date(1925, 6, 1), "P", 1), birth_date="2010-06-01")
    assert refusal(command(registration(), child)) == [("under_age", "/person/birth_date")]


def test_every_reason_is_given_at_once() -> None:
    broken = command(registration(home_regency="99.99", destination="ID"), person(nik="1", birth_date="2020-02-31"))
    assert refusal(broken) == [
        ("nik_malformed", "/person/nik"),
        ("invalid_value", "/person/birth_date"),
        ("unknown_code", "/person/home_regency"),
        ("unknown_code", "/episode/destination"),
    ]
    contract = command(placement(contract_start="2026-02-30", contract_end="2026-01-01", destination="XX"))
    assert {pointer for _, pointer in refusal(contract)} == {"/destination", "/contract_start", "/contract_end"}


def test_a_registration_without_a_person_is_incomplete() -> None:
    assert refusal(command(registration(), None)) == [("missing_value", "/person")]


@pytest.mark.parametrize("body", [identity(), placement(), departure()])
def test_a_fact_that_names_nobody_is_refused(body: Any) -> None:
    assert refusal(command(body, None)) == [("identifier_missing", "/person")]
    assert refusal(command(body, Identifiers())) == [("identifier_missing", "/person")]


def test_a_person_without_any_identifier_is_served() -> None:
    work, applied = settle(command(registration(), person(nik=None, passport=None)))
    assert (applied[0].version, dict(work.entries), flags(only(work))) == (1, {}, [])


def test_a_fact_by_the_persons_own_id_needs_no_identifier() -> None:
    first = command(registration())
    subject = settle(first)[1][0].aggregate_id
    assert only(settle(first, command(departure(person=subject), None))[0]).state.status == "P1_DEPARTED"


def test_an_id_of_nobody_is_refused() -> None:
    assert refusal(command(departure(person=command_id(1)), None)) == [("person_unknown", "/person/id")]


# -- whom a record is about


def test_two_records_of_one_batch_with_the_same_new_nik_are_about_one_person() -> None:
    work, applied = settle(command(placement()), command(registration()), command(departure()))
    assert len({one.aggregate_id for one in applied}) == 1
    assert work.entries[hashed("nik", NIK)].persons == (only(work).id,)


def test_a_person_has_the_same_id_at_every_attempt() -> None:
    one = command(registration())
    assert settle(one)[1][0].aggregate_id == settle(one)[1][0].aggregate_id != one.id


def test_a_passport_finds_the_person_that_a_registration_brought_it_for() -> None:
    work, applied = settle(command(registration()), command(departure(), Identifiers(passport=PASSPORT)))
    assert applied[1].aggregate_id == applied[0].aggregate_id
    assert [type(emitted.event).__name__ for emitted in applied[1].events] == ["Departed"]
    assert known(work, applied[0].aggregate_id).state.status == "P1_DEPARTED"


def test_an_nik_with_another_birth_date_and_sex_is_another_person_and_flagged() -> None:
    other = person(full_name="Budi", passport=None, birth_date="1980-01-01", sex="L")
    work, applied = settle(command(registration()), command(registration(), other))
    first, second = (known(work, one.aggregate_id) for one in applied)
    assert flags(first) == ["nik_unverified", "identifier_shared"]
    assert flags(second) == ["nik_unverified", "nik_mismatch", "identifier_shared"]
    assert work.entries[hashed("nik", NIK)].persons == (first.id, second.id)


@pytest.mark.parametrize("changes", [{"birth_date": "1980-01-01"}, {"sex": "L"}, {"birth_date": "1998"}])
def test_one_difference_alone_is_a_correction(changes: dict[str, str]) -> None:
    only(settle(command(registration()), command(registration(), person(**changes)))[0])


def test_identifiers_of_two_persons_lead_to_the_nik_and_are_flagged() -> None:
    numbered = command(registration(), person(passport=None))
    documented = command(registration(), person(nik=None, full_name="Budi", birth_date="1980-01-01", sex="L"))
    work, applied = settle(numbered, documented, command(departure()))
    assert applied[2].aggregate_id == applied[0].aggregate_id
    assert "identifier_shared" in flags(known(work, applied[0].aggregate_id))
    assert work.entries[hashed("passport", PASSPORT)].persons == (applied[1].aggregate_id, applied[0].aggregate_id)


def test_twins_with_neighbouring_niks_are_two_persons() -> None:
    twin = command(registration(), person(nik=OTHER_NIK, passport="Z0000002"))
    work, _ = settle(command(registration()), twin)
    assert len(work.persons) == 2


def test_a_passport_under_another_nik_joins_nobody() -> None:
    work, applied = settle(command(registration()), command(registration(), person(nik=OTHER_NIK)))
    assert len(work.persons) == 2
    assert "identifier_shared" in flags(known(work, applied[1].aggregate_id))


# -- what is announced
