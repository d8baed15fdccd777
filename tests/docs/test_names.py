"""What the pages name in `code` is there: files, settings, codes, topics, routes, and commands with their options."""

import re
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from contracts.authority import TABLE
from contracts.codes import organisations
from contracts.topics import partner_slug
from simpul.cli import simpul

ROOT = Path(__file__).parents[2]
GUIDES = ("architecture", "operations", "partners", "security", "stewards", "link", "web")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs" / f"{name}.md" for name in GUIDES)]
KAFKAS = {"__consumer_offsets", "__transaction_state", "connections.max.reauth.ms"}
ELSEWHERE = {
    "registry-follows", "kp2mi.intake", "people-linked/report.html", "replicas.json",
    "/run/simpul/passwords.json",
}  # fmt: skip
"""Made of parts when it runs, or an example of the page's own."""
OF_THIS_MACHINE = {".git", ".venv", ".simpul", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
TEXT = {".py", ".toml", ".yml", ".yaml", ".json", ".csv", ".properties", ".sh", ".in", ".txt", ".js", ".go", ".java"}
PARTNERS_TOPIC = re.compile(r"(?:from|to)\..+\.v1")
SETTINGS = re.compile(r"[A-Z][A-Z_]+[A-Z]")
DOORS = {door.partition(" ")[2] for row in TABLE for door in row.doors if " /" in door}


def in_code(page: Path) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", page.read_text()))


@pytest.fixture(scope="module")
def tree() -> tuple[list[str], str]:
    """The paths of the project, and the text of every file that is no page."""
    tops = [top for top in ROOT.iterdir() if top.name not in OF_THIS_MACHINE]
    files = [file for top in tops for file in (top, *top.rglob("*")) if file.is_file()]
    sources = (file for file in files if (file.suffix in TEXT or not file.suffix) and file.name != Path(__file__).name)
    text = "\n".join(source.read_bytes().decode(errors="replace") for source in sources)
    return [str(file.relative_to(ROOT)) for file in files], text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_name_stands_in_the_tree(page: Path, tree: tuple[list[str], str]) -> None:
    paths, text = tree
    partners = {code.lower().replace("_", "-") for code in organisations()}
    missing = []
    for name in sorted(in_code(page) - KAFKAS - ELSEWHERE):
        if not re.fullmatch(r"[A-Za-z_.][\w./-]*", name) or name.startswith(".simpul/"):
            continue
        place = f"/{name.strip('/')}/"
        is_path = any(place in f"/{path}/" for path in paths)
        is_setting = SETTINGS.fullmatch(name) and name.lower() in text
        of_partner = PARTNERS_TOPIC.fullmatch(name)
        is_topic = of_partner and partner_slug(name) in partners
        is_field = not of_partner and "/" not in name and all(part in text for part in name.split("."))
        if not (is_path or is_setting or is_topic or is_field or name in text):
            missing.append(name)
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_route_is_one(page: Path) -> None:
    routes = [re.compile(re.sub(r"\{\w+\}", "[^/]+", door)) for door in DOORS]
    for named in set(re.findall(r"(?<![\w.])/v1/[\w/{}:$.-]*[\w}]", page.read_text())):
        assert any(route.fullmatch(named) for route in routes), named


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_has_these_parts_and_options(page: Path) -> None:
    for line in re.findall(r"(?:^|[`( ])simpul ([a-z-]+[^\n`|#)…]*)", page.read_text(), re.MULTILINE):
        words = line.split()
        if words[0] not in simpul.list_commands(click.Context(simpul)):
            continue  # a word of a sentence; commands in code are looked at in test_links.py
        command = simpul.get_command(click.Context(simpul), words.pop(0))
        while isinstance(command, click.Group) and words and re.fullmatch("[a-z-]+", words[0]):
            assert words[0] in command.commands, line
            command = command.commands[words.pop(0)]
        assert command
        options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        assert {word for word in words if word.startswith("--")} <= options | {"--help"}, line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_module_that_is_run_is_one(page: Path) -> None:
    for name in re.findall(r"python -m ([\w.]+\w)", page.read_text()):
        assert find_spec(name), name


def test_a_route_that_is_none_would_be_found() -> None:
    assert "/v1/persons/{person}" in DOORS
    assert "/v1/people" not in DOORS
