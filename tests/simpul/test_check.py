"""`simpul check`: what the gateway would say of a file, without a server."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from simpul.check import check

PLACEMENT: dict[str, Any] = {
    "occurred_at": "2026-04-10", "person": {"passport": "X0000001"}, "destination": "MY", "scheme": "p_to_p",
}  # fmt: skip
EVENT: dict[str, Any] = {
    "specversion": "1.0", "id": "2026-000017", "source": "/KP2MI/siskop2mi", "type": "partner.placement.reported.v1",
    "data": PLACEMENT,
}  # fmt: skip
BAD = EVENT | {"data": PLACEMENT | {"destination": "XX", "contract_end": "2028-02-30"}}


def checked(folder: Path, content: str, *options: str) -> Result:
    (folder / "records").write_text(content)
    return CliRunner().invoke(check, [str(folder / "records"), *options])


@pytest.mark.parametrize(
    "content",
    [json.dumps([EVENT, BAD]), f"{json.dumps(EVENT)}\n\n{json.dumps(BAD)}\n"],
    ids=["an array", "one a line"],
)
def test_every_problem_of_every_record_is_told_by_its_number(tmp_path: Path, content: str) -> None:
    result = checked(tmp_path, content)
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "2: invalid_value at /contract_end (sender): The value does not have the form that the schema asks for.",
        "2: unknown_code at /destination (sender): The value is not in the code list.",
        "2 records: 1 acceptable, 1 refused.",
    ]


def test_bodies_are_checked_as_a_type_of_an_organisation(tmp_path: Path) -> None:
    kind = ("--type", EVENT["type"])
    assert checked(tmp_path, json.dumps(PLACEMENT), *kind).exit_code == 2
    result = checked(tmp_path, json.dumps(PLACEMENT, indent=2), *kind, "--organisation", "KP2MI")
    assert (result.exit_code, result.output) == (0, "1 records: 1 acceptable, 0 refused.\n")


def test_only_alerts_are_acceptable_as_urgent(tmp_path: Path) -> None:
    result = checked(tmp_path, json.dumps(EVENT), "--urgent")
    assert result.output.startswith("1: unknown_type at /headers/ce_type")


@pytest.mark.parametrize("content", ['{"foo"', "", "7\n", '{"a": 1}\n{"b"'])
def test_what_is_no_record_is_refused(tmp_path: Path, content: str) -> None:
    result = checked(tmp_path, content)
    assert result.exit_code == (1 if content else 0)
    assert all("bad_json" in line for line in result.output.splitlines()[:-1])


def test_a_record_under_another_organisation_than_the_one_named_is_refused(tmp_path: Path) -> None:
    result = checked(tmp_path, json.dumps(EVENT), "--organisation", "KEMLU")
    assert result.output.startswith("1: wrong_organisation at /headers/ce_source (sender)")
