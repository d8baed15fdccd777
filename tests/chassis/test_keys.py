import json
import stat
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.security.keys import KeyRing, MissingKey, keyed
from deploy.local import keys as local_keys
from tests.builders import two_rings

GATEWAY, _ = two_rings()


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
