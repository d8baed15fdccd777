"""Persons of an organisation that another has taken over: the successor owns them, and old facts keep their code."""

import pytest

from contracts.commands import Principal
from contracts.outcomes import Refused
from contracts.registry import DecideOffer
from services.registry.domain.offers import offers_of
from tests.registry.builders import NOW, carry_out, command, only, person, registration, settle

OLD, NEW, OTHER = "33.02-DISNAKER", "33.04-DISNAKER", "52-DISNAKERTRANS"
PLACES = ("placement_services",)
SUCCESSOR = Principal(organisation=NEW, functions=PLACES, succeeds=(OLD,))
REGISTRAR = SUCCESSOR.model_copy(update={"user": "registrar-1", "roles": ("registrar",)})
STRANGER = Principal(organisation=NEW, functions=PLACES)


def test_a_registration_by_the_successor_is_the_owners_and_waits_for_nobody() -> None:
    work, (_, again) = settle(
        command(registration(), person(), by=OLD, number=1),
        command(registration("2026-03-20", destination="KH"), person(), by=SUCCESSOR, number=2),
    )
    assert again.warnings == ()
    assert offers_of(only(work)) == ()
    assert (only(work).state.facets.owner, only(work).state.facets.destination) == (NEW, "KH")
    assert {action.owner for action in only(work).actions} == {OLD, NEW}


def test_before_it_took_over_its_registration_is_an_offer_as_anybodys_is() -> None:
    work, (_, again) = settle(
        command(registration(), person(), by=OLD, number=1),
        command(registration("2026-03-20"), person(), by=STRANGER, number=2),
    )
    assert again.warnings == ("waits_for_owner",)
    assert only(work).state.facets.owner == OLD


def test_what_the_old_login_still_registers_takes_nothing_of_the_successors_own_people() -> None:
    work, (_, again) = settle(
        command(registration(), person(), by=SUCCESSOR, number=1),
        command(registration("2026-03-20"), person(), by=Principal(organisation=OLD, functions=PLACES), number=2),
    )
    assert again.warnings == ("waits_for_owner",)
    assert only(work).state.facets.owner == NEW


def test_the_successor_decides_on_what_was_offered_to_whom_it_took_over() -> None:
    work, _ = settle(
        command(registration(), person(), by=OLD, number=1),
        command(registration("2026-03-20"), person(), by=OTHER, number=2),
    )
    (offer,) = offers_of(only(work))
    body = DecideOffer(offer=offer.id, person=offer.person, decision="rejected", reason="not_confirmed")
    stranger = STRANGER.model_copy(update={"user": "registrar-2", "roles": ("registrar",)})
    with pytest.raises(Refused):
        carry_out(work, command(body, None, by=stranger, number=3), NOW)
    carry_out(work, command(body, None, by=REGISTRAR, number=4), NOW)
    (decided,) = offers_of(only(work))
    assert (decided.status, decided.owner) == ("rejected", OLD)


def test_functions_are_those_that_the_command_carries() -> None:
    """Whatever the code list says of the organisation when it is settled."""
    statistics = Principal(organisation="BPS", functions=PLACES)
    settle(command(registration(), person(), by=statistics, number=1))
    taken = Principal(organisation="KP2MI", functions=())
    with pytest.raises(Refused) as refused:
        settle(command(registration(), person(), by=taken, number=1))
    assert refused.value.problems[0].code == "not_owner"
