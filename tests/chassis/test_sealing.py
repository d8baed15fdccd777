import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.security.keys import KeyRing, MissingKey
from chassis.security.sealing import CannotOpen, LocalCipher, Opener, ReplyToCipher, Sealer
from contracts.commands import Sealed
from deploy.local.keys import rings
from tests.builders import two_rings

GATEWAY, SERVICE = two_rings("registry")
EXCHANGE = KeyRing(**rings()["gateway-exchange"])
PLACE: dict[str, Any] = {"type": "registry.person.register.v1", "command_id": "c-1", "organisation": "KP2MI"}


def test_the_service_opens_what_was_sealed_for_it() -> None:
    sealed = Sealer(GATEWAY, "registry").seal(b"Siti", **PLACE)
    assert "Siti" not in sealed.model_dump_json()
    assert Opener(SERVICE, "registry").open(sealed, **PLACE) == b"Siti"


@pytest.mark.parametrize("name", PLACE)
def test_a_sealed_part_opens_in_no_other_command(name: str) -> None:
    sealed = Sealer(GATEWAY, "registry").seal(b"Siti", **PLACE)
    with pytest.raises(CannotOpen):
        Opener(SERVICE, "registry").open(sealed, **PLACE | {name: "other"})


def test_a_sealed_part_opens_in_no_other_service_even_under_the_same_key() -> None:
    sealed = Sealer(GATEWAY, "registry").seal(b"Siti", **PLACE)
    same_key = KeyRing({"sealing-indicators": SERVICE.secrets["sealing-registry"]})
    with pytest.raises(CannotOpen):
        Opener(same_key, "indicators").open(sealed, **PLACE)


def test_a_service_with_another_key_cannot_open_it() -> None:
    _, stranger = two_rings("registry")
    with pytest.raises(CannotOpen):
        Opener(stranger, "registry").open(Sealer(GATEWAY, "registry").seal(b"Siti", **PLACE), **PLACE)


@given(st.sampled_from(["wrapped_key", "nonce", "ciphertext"]), st.text(max_size=40))
def test_a_damaged_sealed_part_cannot_be_opened_and_breaks_nothing_else(name: str, text: str) -> None:
    sealed = Sealer(GATEWAY, "registry").seal(b"Siti", **PLACE)
    with pytest.raises(CannotOpen):
        Opener(SERVICE, "registry").open(sealed.model_copy(update={name: text}), **PLACE)


def test_after_a_rotation_both_keys_open_until_the_old_one_is_destroyed() -> None:
    old = Sealer(GATEWAY, "registry").seal(b"Siti", **PLACE)
    gateway, service = two_rings("registry")
    public, private = gateway.public["sealing-registry"], service.secrets["sealing-registry"]
    versions = {"1": GATEWAY.public["sealing-registry"]["versions"]["1"], "2": public["versions"]["1"]}
    rotated = Sealer(KeyRing({}, {"sealing-registry": {"current": "2", "versions": versions}}), "registry")
    new = rotated.seal(b"Budi", **PLACE)
    both = {"1": SERVICE.secrets["sealing-registry"]["versions"]["1"], "2": private["versions"]["1"]}
    opener = Opener(KeyRing({"sealing-registry": {"current": "2", "versions": both}}), "registry")
    assert [opener.open(old, **PLACE), opener.open(new, **PLACE)] == [b"Siti", b"Budi"]
    del both["1"]
    with pytest.raises(MissingKey):
        Opener(KeyRing({"sealing-registry": {"current": "2", "versions": both}}), "registry").open(old, **PLACE)


def test_no_two_sealed_parts_share_a_nonce_and_a_batch_shares_one_wrapped_key() -> None:
    sealer = Sealer(GATEWAY, "registry")
    made: list[Sealed] = [sealer.seal(b"x", **PLACE) for _ in range(100)]
    assert len({one.nonce for one in made}) == 100
    assert len({one.wrapped_key for one in made}) == 1
    assert made[0].wrapped_key != Sealer(GATEWAY, "registry").wrapped


def test_the_gateway_takes_back_its_own_answer_address() -> None:
    cipher = ReplyToCipher(EXCHANGE)
    assert cipher.open_address(cipher.seal_address({"topic": "to.kp2mi.v1"})) == {"topic": "to.kp2mi.v1"}


@given(st.text(max_size=60))
def test_an_answer_address_of_somebody_elses_making_cannot_be_opened(text: str) -> None:
    with pytest.raises((CannotOpen, MissingKey)):
        ReplyToCipher(EXCHANGE).open_address(text)


def test_a_box_opens_what_an_older_version_of_its_key_sealed() -> None:
    keys = {"1": base64.b64encode(b"1" * 32).decode(), "2": base64.b64encode(b"2" * 32).decode()}
    old = LocalCipher(KeyRing({"parking": {"current": "1", "versions": {"1": keys["1"]}}}), "parking").seal(b"payload")
    assert LocalCipher(KeyRing({"parking": {"current": "2", "versions": keys}}), "parking").open(old) == b"payload"
