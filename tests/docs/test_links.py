"""What the documents point to is there: files and commands."""

import re
from pathlib import Path

import pytest

from simpul.cli import COMMANDS

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
OURS = re.compile(r"`((?:contracts|chassis|services|deploy|simpul|tests|docs|requirements)/[\w./-]*[\w/])`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text()):
        assert target.startswith("http") or (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_named_in_the_text_exist(document: Path) -> None:
    for name in OURS.findall(document.read_text()):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_named_in_the_text_exist(document: Path) -> None:
    text = document.read_text()
    assert set(re.findall(r"`(?:[A-Z]+=\S+ )?simpul ([a-z][a-z-]*)", text)) <= set(COMMANDS)
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`(?:[A-Z]+=\S+ )?make ([a-z]+)", text)) <= targets


def test_every_decision_says_context_decision_and_consequences() -> None:
    for number, page in enumerate(sorted((ROOT / "docs" / "adr").glob("*.md")), 1):
        text = page.read_text()
        assert text.startswith(f"# {number}. ")
        assert page.name.startswith(f"{number:04d}-")
        assert all(f"\n## {part}\n" in text for part in ("Context", "Decision", "Consequences"))
