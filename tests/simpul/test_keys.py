import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chassis.security.keys import KeyRing
from chassis.security.principal import Signer, Verifier
from chassis.security.sealing import Opener, ReplyToCipher, Sealer
from contracts.commands import Principal
from contracts.outcomes import Refused
from deploy.local.errors import CannotProceed
from deploy.local.keys import ensure
from deploy.local.rotation import NEVER, rotate
from simpul.keys import keys

WHO = Principal(organisation="SIMPUL", roles=("operator",))
COMMAND = {"type": "registry.person.register.v1", "command_id": "1", "organisation": "KP2MI"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return ensure(tmp_path / "keys")


def ring(folder: Path, service: str) -> KeyRing:
    return KeyRing.load(folder / f"{service}.json")


def simpul_keys(*arguments: str) -> Result:
    return CliRunner().invoke(keys, arguments)


def test_init_makes_a_ring_per_service_and_keeps_what_is_there(tmp_path: Path) -> None:
    assert simpul_keys("init", str(tmp_path)).exit_code == 0
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert {"registry.json", "indicators.json", "alerts.json", "gateway.json", "jwks.json"} < set(made)
    assert simpul_keys("init", str(tmp_path)).exit_code == 0
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == made


@pytest.mark.parametrize("name", ["sealing-registry", "reply-to", "parking", "principal"])
def test_rotation_leaves_whole_files_that_only_the_owner_reads(folder: Path, name: str) -> None:
    rotate(name, folder)
    assert not list(folder.glob("*.part"))
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.glob("*.json") if path.name != "jwks.json")


def test_what_was_sealed_before_a_rotation_is_opened_after_it(folder: Path) -> None:
    before = Sealer(ring(folder, "gateway"), "registry").seal(b"old", **COMMAND)
    done = rotate("sealing-registry", folder)
    after = Sealer(ring(folder, "gateway"), "registry").seal(b"new", **COMMAND)
    opener = Opener(ring(folder, "registry"), "registry")
    assert (before.key_id, after.key_id, done.version) == ("1", "2", "2")
    assert [opener.open(sealed, **COMMAND) for sealed in (before, after)] == [b"old", b"new"]
    assert done.restart == ("registry", "gateway-exchange", "gateway-exchange-urgent", "gateway-api")


def test_other_rings_do_not_change_with_a_sealing_key(folder: Path) -> None:
    before = (folder / "indicators.json").read_bytes()
    rotate("sealing-registry", folder)
    assert (folder / "indicators.json").read_bytes() == before


def test_addresses_sealed_before_a_rotation_are_opened_after_it(folder: Path) -> None:
    address = ReplyToCipher(ring(folder, "gateway")).seal_address({"organisation": "KP2MI"})
    assert rotate("reply-to", folder).restart == ("gateway-exchange", "gateway-exchange-urgent", "gateway-api")
    cipher = ReplyToCipher(ring(folder, "gateway"))
    assert cipher.version == "2"
    assert cipher.open_address(address) == {"organisation": "KP2MI"}


def test_every_service_gets_a_parking_key_of_its_own(folder: Path) -> None:
    rotate("parking", folder)
    rings = [ring(folder, name) for name in ("registry", "indicators", "alerts", "gateway")]
    assert {one.current("parking") for one in rings} == {"2"}
    assert len({one.secret("parking") for one in rings}) == len(rings)


def test_services_take_the_old_and_the_new_signature_of_the_gateway(folder: Path) -> None:
    old = Signer(ring(folder, "gateway"))
    rotate("principal", folder)
    verify = Verifier(ring(folder, "registry"), "registry")
    for signer in (old, Signer(ring(folder, "gateway"))):
        assert verify(signer.sign(WHO, "registry")) == WHO
    with pytest.raises(Refused):
        verify(old.sign(WHO, "indicators"))


def test_a_rotation_cut_short_is_completed_by_the_next(folder: Path) -> None:
    gateway = (folder / "gateway.json").read_bytes()
    rotate("sealing-registry", folder)
    (folder / "gateway.json").write_bytes(gateway)
    assert rotate("sealing-registry", folder).version == "3"
    assert ring(folder, "registry").current("sealing-registry") == ring(folder, "gateway").current("sealing-registry")


@pytest.mark.parametrize("name", sorted(NEVER))
def test_a_key_that_data_rests_on_is_never_rotated(folder: Path, name: str) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(CannotProceed, match="never rotated"):
        rotate(name, folder)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_every_key_of_a_ring_is_either_rotated_or_never(folder: Path) -> None:
    held = {name for path in folder.glob("*.json") for name in json.loads(path.read_text()).get("secrets", {})}
    for name in held - set(NEVER):
        rotate(name, folder)
    assert set(NEVER) < held


def test_an_unknown_key_is_answered_with_those_there_are(folder: Path) -> None:
    with pytest.raises(CannotProceed, match="It has: parking, principal, reply-to, sealing-alerts"):
        rotate("sealing", folder)
