"""Who is warned that a record is about nobody who was registered, or about several; and who must not be."""

import pytest

from chassis.commands.types import Command
from contracts.authority import KEEPS_IDENTITIES, functions_of
from contracts.registry import Identifiers, PlacementDetails
from tests.registry.builders import (
    NIK,
    OTHER_NIK,
    PASSPORT,
    command,
    departure,
    identity,
    merging,
    person,
    placement,
    registration,
    settle,
)

AGENCY = "33.01-DISNAKER"


def warnings(*commands: Command) -> tuple[str, ...]:
    """Of the last of these commands."""
    return settle(*commands)[1][-1].warnings


@pytest.mark.parametrize("body", [placement(), identity()])
def test_whoever_keeps_identities_is_warned_when_nobody_was_registered(body: object) -> None:
    assert warnings(command(body)) == ("new_person",)
    assert warnings(command(body), command(body)) == ()
    assert warnings(command(registration()), command(body)) == ()


def test_a_registration_is_expected_to_be_of_somebody_new() -> None:
    assert warnings(command(registration())) == ()


def test_an_nik_of_one_person_with_the_passport_of_another_is_warned_of() -> None:
    two = (
        command(registration(), person(passport=None)),
        command(registration(), person(nik=OTHER_NIK, passport=PASSPORT)),
    )
    conflicting = PlacementDetails(nik=NIK, passport=PASSPORT)
    assert warnings(*two, command(placement(), conflicting)) == ("identifier_shared",)
    assert warnings(*two, command(identity(), Identifiers(nik=NIK, passport=PASSPORT))) == ("identifier_shared",)


def test_a_passport_that_another_nik_carries_is_warned_of_at_registration() -> None:
    assert warnings(command(registration()), command(registration(), person(nik=OTHER_NIK))) == ("identifier_shared",)


def test_two_records_of_one_person_carry_no_identifier_of_somebody_else() -> None:
    first, second = command(registration(), person(passport=None)), command(registration(), person(nik=OTHER_NIK))
    _, applied = settle(first, second)
    merged = command(merging(*(one.aggregate_id for one in applied)))
    assert warnings(first, second, merged, command(placement(), PlacementDetails(nik=NIK, passport=PASSPORT))) == ()


def test_others_learn_from_no_warning_who_is_registered() -> None:
    assert not functions_of(AGENCY) & KEEPS_IDENTITIES
    unknown = command(departure(), Identifiers(passport="Z0000009"))
    conflicting = command(departure(), Identifiers(nik=NIK, passport="Z0000002"))
    two = command(registration()), command(registration(), person(nik=OTHER_NIK, passport="Z0000002"))
    assert warnings(unknown) == warnings(*two, conflicting) == ()
    assert warnings(command(placement(), by=AGENCY)) == ()
