import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chassis.security.keys import FixedKey, KeyRing, MissingKey
from chassis.security.principal import Signer, Verifier
from chassis.security.sealing import Opener, ReplyToCipher, Sealer
from contracts.commands import Sealed
from contracts.outcomes import Refused
from contracts.topics import PROCESSES
from deploy.local.errors import CannotProceed
from deploy.local.keys import NEVER, ensure
from deploy.local.rotation import STEPS, rotate, step
from simpul.keys import keys
from tests.builders import OFFICER

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
    assert {"registry.json", "gateway-api.json", "gateway-exchange.json", "operators.json", "jwks.json"} < set(made)
    assert simpul_keys("init", str(tmp_path)).exit_code == 0
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == made


def at_once(_: float) -> None:
    """Does not pause between the steps."""


@pytest.mark.parametrize("name", ["sealing-registry", "reply-to", "parking", "principal-api"])
def test_rotation_leaves_whole_files_that_only_the_owner_reads(folder: Path, name: str) -> None:
    assert rotate(name, folder, at_once) == "2"
    assert not list(folder.glob("*.part"))
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.glob("*.json") if path.name != "jwks.json")


def test_what_was_sealed_before_a_rotation_is_opened_after_it(folder: Path) -> None:
    before = Sealer(ring(folder, "gateway-api"), "registry").seal(b"old", **COMMAND)
    rotate("sealing-registry", folder, at_once)
    after = Sealer(ring(folder, "gateway-exchange"), "registry").seal(b"new", **COMMAND)
    opener = Opener(ring(folder, "registry"), "registry")
    assert (before.key_id, after.key_id) == ("1", "2")
    assert [opener.open(sealed, **COMMAND) for sealed in (before, after)] == [b"old", b"new"]


def test_other_rings_do_not_change_with_a_sealing_key(folder: Path) -> None:
    before = (folder / "indicators.json").read_bytes()
    rotate("sealing-registry", folder, at_once)
    assert (folder / "indicators.json").read_bytes() == before


def test_both_exchanges_open_each_others_addresses_before_and_after_a_rotation(folder: Path) -> None:
    old = ReplyToCipher(ring(folder, "gateway-exchange")).seal_address({"organisation": "KP2MI"})
    rotate("reply-to", folder, at_once)
    new = ReplyToCipher(ring(folder, "gateway-exchange")).seal_address({"organisation": "KP2MI"})
    assert ring(folder, "gateway-exchange").current("reply-to") == "2"
    for address in (old, new):
        opened = ReplyToCipher(ring(folder, "gateway-exchange-urgent")).open_address(address)
        assert opened == {"organisation": "KP2MI"}


def test_every_process_gets_a_parking_key_of_its_own(folder: Path) -> None:
    rotate("parking", folder, at_once)
    holders = [ring(folder, name) for name in PROCESSES if name != "gateway-api"]
    assert {one.current("parking") for one in holders} == {"2"}
    assert len({one.secret("parking") for one in holders}) == len(holders)


@pytest.mark.parametrize("name", sorted(NEVER))
def test_a_key_that_data_rests_on_is_never_rotated(folder: Path, name: str) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(CannotProceed, match="never rotated"):
        rotate(name, folder, at_once)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_every_key_of_a_ring_is_either_rotated_or_never(folder: Path) -> None:
    held = {name for path in folder.glob("*.json") for name in json.loads(path.read_text()).get("secrets", {})}
    for name in held - set(NEVER):
        rotate(name, folder, at_once)
    assert set(NEVER) < held


def test_an_unknown_key_is_answered_with_those_there_are(folder: Path) -> None:
    with pytest.raises(CannotProceed, match=r"It has: audit, parking, principal-api, .*reply-to, sealing-alerts"):
        rotate("sealing", folder, at_once)


def test_only_what_signs_is_dropped(folder: Path) -> None:
    rotate("principal-api", folder, at_once)
    rotate("sealing-registry", folder, at_once)
    assert set(ring(folder, "registry").public["principal-api"]["versions"]) == {"2"}
    assert set(ring(folder, "registry").secrets["sealing-registry"]["versions"]) == {"1", "2"}
    with pytest.raises(CannotProceed, match="stay"):
        step("drop", "sealing-registry", folder)


def test_a_rotation_cut_short_between_two_files_is_begun_again(folder: Path) -> None:
    before = (folder / "gateway-api.json").read_bytes()
    step("add", "sealing-registry", folder)
    (folder / "gateway-api.json").write_bytes(before)
    with pytest.raises(CannotProceed, match="rotate it anew"):
        step("use", "sealing-registry", folder)
    assert rotate("sealing-registry", folder, at_once) == "3"
    currents = {ring(folder, name).current("sealing-registry") for name in ("registry", "gateway-api")}
    assert currents == {"3"}


def test_a_folder_that_lacks_a_ring_is_not_filled_up_with_fresh_keys(folder: Path) -> None:
    (folder / "registry.json").unlink()
    with pytest.raises(CannotProceed, match="no key ring of registry"):
        ensure(folder)
    assert not (folder / "registry.json").exists()


# -- while everything runs


async def test_keys_rotate_while_requests_and_commands_flow(folder: Path) -> None:
    """Each process reads its ring at another moment than the next; nothing signed or sealed meanwhile is lost."""
    api, exchange, urgent, registry = (
        ring(folder, name) for name in ("gateway-api", "gateway-exchange", "gateway-exchange-urgent", "registry")
    )
    signer, verifier, opener = Signer(api), Verifier(registry, "registry"), Opener(registry, "registry")
    sealing, opening = ReplyToCipher(exchange), ReplyToCipher(urgent)
    sealed, addresses = list[Sealed](), list[str]()

    def flow() -> None:
        assert verifier.verify(signer.sign(OFFICER, "registry", "GET", "/x"), "GET", "/x") == OFFICER
        sealed.append(Sealer(exchange, "registry").seal(b"her", **COMMAND))
        addresses.append(sealing.seal_address({"number": len(addresses)}))
        assert {opener.open(one, **COMMAND) for one in sealed} == {b"her"}
        assert [opening.open_address(one)["number"] for one in addresses] == list(range(len(addresses)))

    rings = (api, exchange, urgent, registry)
    for name, steps in (("principal-api", STEPS), ("sealing-registry", STEPS[:2]), ("reply-to", STEPS[:2])):
        for which in steps:
            step(which, name, folder)
            for process in rings if which == "add" else rings[::-1]:
                flow()
                await process.refresh()
            flow()
    assert {one.key_id for one in sealed} == {"1", "2"}
    assert api.current("principal-api") == exchange.current("reply-to") == "2"


async def test_what_the_old_key_signed_is_refused_after_the_rotation(folder: Path) -> None:
    old, registry = Signer(ring(folder, "gateway-api")), ring(folder, "registry")
    verifier = Verifier(registry, "registry")
    rotate("principal-api", folder, at_once)
    await registry.refresh()
    with pytest.raises(Refused):
        verifier.verify(old.sign(OFFICER, "registry", "GET", "/x"), "GET", "/x")


@pytest.mark.parametrize("damage", [b"", b"{}", b"no ring"])
async def test_a_damaged_ring_leaves_a_running_process_as_it_is(folder: Path, damage: bytes) -> None:
    registry = ring(folder, "registry")
    before = registry.secret("identifiers")
    (folder / "registry.json").write_bytes(damage)
    with pytest.raises(MissingKey):
        await registry.refresh()
    assert registry.secret("identifiers") == before


async def test_a_running_process_takes_no_other_key_for_one_that_never_changes(folder: Path) -> None:
    """`copies` above all: each person would be two at every partner."""
    exchange, file = ring(folder, "gateway-exchange"), folder / "gateway-exchange.json"
    before = exchange.secret("copies")
    changed = json.loads(file.read_text())
    changed["secrets"]["copies"]["versions"]["2"], changed["secrets"]["copies"]["current"] = "AAAA", "2"
    file.write_text(json.dumps(changed))
    with pytest.raises(FixedKey, match="copies"):
        await exchange.refresh()
    assert exchange.secret("copies") == before
