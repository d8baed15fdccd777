import base64
import json
import stat
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.security.keys import KeyRing, MissingKey, UnknownToken, keyed, person_of, receiver_mac, token
from deploy.local import keys as local_keys
from tests.builders import two_rings

GATEWAY, _ = two_rings()
PERSONS = st.uuids().map(str)


@given(st.lists(st.text(max_size=5), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_two_lists_of_parts_never_run_together(first: list[str], second: list[str]) -> None:
    assert (keyed(b"k", *first) == keyed(b"k", *second)) == (first == second)


def test_ids_are_stable_uuids_of_version_8_that_depend_on_key_and_parts() -> None:
    found = uuid.UUID(GATEWAY.id("intake", "KP2MI", "/KP2MI/siap", "1"))
    assert (found.version, found.variant) == (8, uuid.RFC_4122)
    assert str(found) == GATEWAY.id("intake", "KP2MI", "/KP2MI/siap", "1")
    others = [GATEWAY.id("digest", "KP2MI", "/KP2MI/siap", "1"), GATEWAY.id("intake", "KP2MI", "/KP2MI/siap1", "")]
    assert str(found) not in others


def test_ids_of_another_installation_differ() -> None:
    other, _ = two_rings()
    assert other.id("intake", "KP2MI", "1") != GATEWAY.id("intake", "KP2MI", "1")


@given(PERSONS)
def test_a_token_leads_back_to_its_person_for_its_receiver_alone(person: str) -> None:
    mine, theirs = token(GATEWAY, "KP2MI", person), token(GATEWAY, "BPS", person)
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
    issued = token(GATEWAY, "KP2MI", str(uuid.uuid4()))
    with pytest.raises(UnknownToken):
        person_of(GATEWAY, "KP2MI", change(issued))  # type: ignore[operator]


def test_names_under_which_receivers_know_things_outlive_a_rotation() -> None:
    """Partners keep them: version 1 makes them for ever, whatever version is current."""
    copies = GATEWAY.secrets["copies"]
    versions = copies["versions"] | {"2": base64.b64encode(bytes(32)).decode()}
    rotated = KeyRing(GATEWAY.secrets | {"copies": {"current": "2", "versions": versions}})
    person = str(uuid.uuid4())
    issued = token(GATEWAY, "KP2MI", person)
    assert token(rotated, "KP2MI", person) == issued
    assert person_of(rotated, "KP2MI", issued) == person
    assert receiver_mac(rotated, "KP2MI", "event") == receiver_mac(GATEWAY, "KP2MI", "event")


def test_ids_of_copies_of_two_receivers_do_not_join() -> None:
    assert receiver_mac(GATEWAY, "KP2MI", "event", "main") != receiver_mac(GATEWAY, "BPS", "event", "main")


def test_a_rotated_key_makes_new_hashes_and_the_old_version_stays_readable() -> None:
    old = KeyRing({"intake": {"current": "1", "versions": {"1": "AAAA"}}})
    new = KeyRing({"intake": {"current": "2", "versions": {"1": "AAAA", "2": "BBBB"}}})
    assert old.mac("intake", "x") != new.mac("intake", "x")
    assert new.secret("intake", "1") == old.secret("intake")


def test_a_ring_says_which_key_it_lacks_and_never_a_secret(tmp_path: Path) -> None:
    with pytest.raises(MissingKey, match="identifiers"):
        GATEWAY.secret("identifiers")
    with pytest.raises(MissingKey, match="no key ring"):
        KeyRing.load(tmp_path / "none.json")
    with pytest.raises(MissingKey, match="cannot be read: Is a directory"):
        KeyRing.load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"[]", b"no JSON", b"\xff"])
def test_a_file_that_is_no_key_ring_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ring.json"
    path.write_bytes(content)
    with pytest.raises(MissingKey, match=r"ring\.json is no key ring"):
        KeyRing.load(path)


def test_a_process_reads_its_own_ring_that_only_its_owner_may_read(tmp_path: Path) -> None:
    path = local_keys.ensure(tmp_path / "keys") / "registry.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    ring = KeyRing.load(path)
    assert ring.secrets == json.loads(path.read_text())["secrets"]
    assert len(ring.mac("identifiers", "nik", "x")) == 32
