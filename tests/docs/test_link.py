"""The page for those who clean their lists says what the command does."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from linkage.lists.column_mapping import ALLOWED, read_mapping
from linkage.lists.result_files import CLUSTERS, FILES, PAIRS
from simpul.cli import simpul
from simpul.link import link
from tests.linkage.lists.samples import table

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "link.md").read_text()
COMMANDS = [line for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.M | re.S) for line in block.splitlines()]
SOURCES = "".join(file.read_text() for file in sorted((ROOT / "linkage" / "lists").rglob("*.py")))


def test_every_example_runs_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(COMMANDS) > 6
    for command in COMMANDS:
        program, *words = shlex.split(command)
        assert program == "simpul"
        result = CliRunner().invoke(simpul, words)
        assert result.exit_code == 0, f"{command}\n{result.output}"


def test_the_mapping_of_the_page_is_one(tmp_path: Path) -> None:
    (text,) = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.M | re.S)
    file = tmp_path / "mapping.toml"
    file.write_text(text)
    first = table(("Nomor", "Nama Lengkap", "Tgl Lahir", "Pekerjaan", "Keterangan"), [])
    assert len(read_mapping(file, [first, table(("name", "born", "occupation"), [])])) == 2


def test_every_role_file_and_option_is_explained() -> None:
    rows = re.findall(r"^\| (`[^|]+`) \|", PAGE, re.M)
    named = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    assert named >= {*ALLOWED, *FILES, "mapping.toml", "evaluation.json"}
    assert f"`{','.join(PAIRS)}`" in PAGE
    assert f"`{','.join(CLUSTERS)}`" in PAGE
    options = {option for parameter in link.params for option in (*parameter.opts, *parameter.secondary_opts)}
    of_others = {"--help", "--lists", "--clean"}
    assert set(re.findall(r"--[a-z][a-z-]*", PAGE)) - of_others <= options


def test_what_it_says_when_it_refuses_is_what_the_page_quotes() -> None:
    quoted = re.findall(r"^\| `([^`]+)` \|", PAGE.partition("## 6.")[2], re.M)
    assert len(quoted) > 6
    for text in quoted:
        assert all(part.strip() in SOURCES for part in text.split("…")), text
