"""The operators' page says what the code does."""

import re
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

import services.gateway.settings
import services.indicators.settings
import services.notifications.alerts.settings
import services.registry.settings
from chassis.settings import Settings
from deploy.local import ports
from deploy.local.keys import NEVER, rings
from deploy.local.service import OPERATIONS, SERVICE_OF
from services.gateway.settings import Replication

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
ROOMS = {
    "gateway": services.gateway,
    "indicators": services.indicators,
    "alerts": services.notifications.alerts,
    "registry": services.registry,
}


def settings_table() -> str:
    """Every setting of every process."""
    processes = {name: room.settings.Settings.model_fields for name, room in ROOMS.items()}
    names = dict.fromkeys([*Settings.model_fields, *(name for fields in processes.values() for name in fields)])
    rows = [_row(name, {who: fields[name] for who, fields in processes.items() if name in fields}) for name in names]
    return "\n".join(["| setting | of | default | meaning |", "|---|---|---|---|", *rows])


def _row(name: str, fields: dict[str, FieldInfo]) -> str:
    who = "all" if len(fields) == len(ROOMS) else ", ".join(fields)
    defaults = " · ".join(dict.fromkeys(_default(field) for field in fields.values()))
    said = Settings.model_fields.get(name) or next(iter(fields.values()))
    return f"| `{name.upper()}` | {who} | {defaults} | {said.description} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    return "" if field.default in (None, "", frozenset()) else f"`{field.default}`"


def test_every_setting_stands_in_the_table() -> None:
    assert settings_table() in PAGE


def test_how_many_brokers_hold_a_record_is_explained() -> None:
    for name, field in Replication.model_fields.items():
        assert f"| `{name.upper()}` | `{field.default}` | {field.description} |" in PAGE


def test_every_metric_is_explained() -> None:
    root = Path(__file__).parents[2]
    sources = [file.read_text() for room in ("chassis", "services") for file in (root / room).rglob("*.py")]
    named = {name for text in sources for name in re.findall(r'(?:Counter|Gauge|Histogram)\(\s*"(simpul_\w+)"', text)}
    assert named == set(re.findall(r"^\| `(simpul_\w+)`", PAGE, re.MULTILINE))


def test_every_key_is_explained() -> None:
    rows = dict(re.findall(r"^\| (`[^|]+`) \| [^|]+ \| (yes|never)", PAGE, re.MULTILINE))
    explained = {name: answer for names, answer in rows.items() for name in re.findall(r"`([^`]+)`", names)}
    held = {name for ring in rings().values() for name in ring["secrets"]}
    assert explained == {name: "never" if name in NEVER else "yes" for name in held}


def test_the_ports_of_one_machine_are_those_it_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ports.SETTING, raising=False)
    names = {"Kafka": "kafka", "Zipkin, with `TRACES=1`": "zipkin"}
    rows = dict(re.findall(r"^\| (\d{5}) \| (.+) \|$", PAGE, re.MULTILINE))
    assert {names.get(whose, whose): int(port) for port, whose in rows.items()} == {
        name: ports.fixed()[name] for name in ("kafka", "zipkin", "issuer", OPERATIONS, *SERVICE_OF)
    }
