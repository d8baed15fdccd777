"""What partners call people and messages."""

import base64
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.security.keys import KeyRing
from services.gateway.domain.receiver_ids import UnknownToken, person_of, person_token, receiver_id
from tests.builders import two_rings

GATEWAY, _ = two_rings()
PERSONS = st.uuids().map(str)


@given(PERSONS)
def test_a_token_leads_back_to_its_person_for_its_receiver_alone(person: str) -> None:
    mine, theirs = person_token(GATEWAY, "KP2MI", person), person_token(GATEWAY, "BPS", person)
    assert mine != theirs
    assert person_of(GATEWAY, "KP2MI", mine) == person
    with pytest.raises(UnknownToken):
        person_of(GATEWAY, "BPS", mine)


@given(st.text(max_size=60))
def test_a_token_that_was_not_issued_is_unknown(text: str) -> None:
    with pytest.raises(UnknownToken):
        person_of(GATEWAY, "KP2MI", text)


@pytest.mark.parametrize("change", [lambda t: t[2:], lambda t: t + "=", lambda t: t + "!", lambda t: "p_" + t])
def test_a_person_has_one_spelling_of_its_token(change: object) -> None:
    issued = person_token(GATEWAY, "KP2MI", str(uuid.uuid4()))
    with pytest.raises(UnknownToken):
        person_of(GATEWAY, "KP2MI", change(issued))  # type: ignore[operator]


def test_names_under_which_receivers_know_things_outlive_a_rotation() -> None:
    """Partners keep them: version 1 makes them for ever, whatever version is current."""
    copies = GATEWAY.secrets["copies"]
    versions = copies["versions"] | {"2": base64.b64encode(bytes(32)).decode()}
    rotated = KeyRing(GATEWAY.secrets | {"copies": {"current": "2", "versions": versions}})
    person = str(uuid.uuid4())
    issued = person_token(GATEWAY, "KP2MI", person)
    assert person_token(rotated, "KP2MI", person) == issued
    assert person_of(rotated, "KP2MI", issued) == person
    assert receiver_id(rotated, "KP2MI", "event") == receiver_id(GATEWAY, "KP2MI", "event")


def test_ids_of_copies_of_two_receivers_do_not_join() -> None:
    assert receiver_id(GATEWAY, "KP2MI", "event", "main") != receiver_id(GATEWAY, "BPS", "event", "main")
