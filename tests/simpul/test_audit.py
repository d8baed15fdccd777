"""`simpul audit` on a copy of a log: verified, proven and exported without the platform."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.local.errors import CannotProceed
from deploy.local.keys import ensure
from services.gateway.audit.snapshot import BATCHES
from services.gateway.domain.transparency.merkle import leaf_hash, verify_consistency, verify_inclusion
from services.gateway.domain.transparency.notes import checkpoint, decoded
from services.gateway.domain.transparency.tiles import entries_of
from simpul.audit import audit
from tests.gateway.domain.transparency.samples import KEY, ORIGIN, documents, published, rows

DOCUMENTS = documents(4)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    folder = tmp_path / "log"
    for name, content in published(DOCUMENTS).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / BATCHES).mkdir()
    (folder / BATCHES / "000000000.jsonl").write_bytes(b"".join(batch.line for batch in rows(DOCUMENTS)))
    return folder


def run(*arguments: str) -> str:
    result = CliRunner().invoke(audit, arguments, catch_exceptions=True)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_a_copy_is_verified_with_the_key_and_an_earlier_checkpoint(log: Path, tmp_path: Path) -> None:
    earlier, key = tmp_path / "earlier", tmp_path / "key"
    earlier.write_bytes(published(DOCUMENTS[:2])["checkpoint"])
    key.write_text(f"{KEY}\n")
    said = run("verify", str(log), "--key", str(key), "--since", str(earlier))
    assert said.startswith("Holds: 8 disclosures, 0 of them erased")
    earlier.write_bytes(published(documents(2))["checkpoint"])
    with pytest.raises(CannotProceed, match="was another"):
        run("verify", str(log), "--key", str(KEY), "--since", str(earlier))


@pytest.mark.parametrize("name", ["checkpoint", "tile/0/000.p/4", "tile/entries/000.p/4", f"{BATCHES}/000000000.jsonl"])
def test_a_copy_without_one_of_its_files_or_with_another_does_not_hold(log: Path, name: str) -> None:
    path = log / name
    content = path.read_bytes()
    path.write_bytes(content[:-3] + b"!" + content[-2:])
    with pytest.raises(CannotProceed, match="Does not hold"):
        run("verify", str(log), "--key", str(KEY))
    path.unlink()
    with pytest.raises(CannotProceed, match="Does not hold"):
        run("verify", str(log), "--key", str(KEY))


def test_what_an_organisation_got_is_exported_and_verified(log: Path, tmp_path: Path) -> None:
    exported = tmp_path / "kemlu.json"
    exported.write_text(run("export", str(log), "KEMLU", "--key", str(KEY)))
    assert run("verify", str(exported), "--key", str(KEY)).startswith("Holds: 8 disclosures")
    changed = json.loads(exported.read_text())
    changed["leaves"][0]["rows"]["0"][1][0] = "BPS"
    exported.write_text(json.dumps(changed))
    with pytest.raises(CannotProceed, match="not the one that was recorded"):
        run("verify", str(exported), "--key", str(KEY))


def test_that_a_leaf_is_in_the_log_is_proven(log: Path) -> None:
    head, index, *rest = run("prove", str(log), "--key", str(KEY), "--leaf", "2").split("\n")
    assert (head, index) == ("c2sp.org/tlog-proof@v1", "index 2")
    gap = rest.index("")
    signed = checkpoint("\n".join(rest[gap + 1 :]).encode(), KEY)
    entry = entries_of((log / "tile/entries/000.p/4").read_bytes())[2]
    verify_inclusion(leaf_hash(entry), 2, signed.size, [decoded(line) for line in rest[:gap]], signed.root)
    with pytest.raises(CannotProceed, match="no leaf 4"):
        run("prove", str(log), "--key", str(KEY), "--leaf", "4")


def test_that_the_log_only_grew_is_proven_in_the_form_that_a_witness_takes(log: Path) -> None:
    old, *rest = run("prove", str(log), "--key", str(KEY), "--since", "3").split("\n")
    assert old == "old 3"
    gap = rest.index("")
    signed = checkpoint("\n".join(rest[gap + 1 :]).encode(), KEY)
    before = checkpoint(published(DOCUMENTS[:3])["checkpoint"], KEY)
    verify_consistency(3, signed.size, [decoded(line) for line in rest[:gap]], before.root, signed.root)


def test_one_of_two_proofs_must_be_asked_for(log: Path) -> None:
    with pytest.raises(CannotProceed, match="either"):
        run("prove", str(log), "--key", str(KEY))


def test_the_verifier_key_of_an_installation_is_told(tmp_path: Path) -> None:
    key = run("key", str(ensure(tmp_path / "keys") / "gateway-exchange.json"), ORIGIN).strip()
    assert key.startswith(f"{ORIGIN}+")
    assert key != str(KEY)
