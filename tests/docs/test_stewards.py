"""The stewards' page says what the api does."""

import asyncio
import os
import re
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import get_args

import pytest

from contracts.outcomes import CODES
from contracts.registry import Band, Hold, Reason
from services.gateway.domain.agreements import load
from services.registry.domain.duplicates import HIGH, MIDDLE
from tests.gateway.api.conftest import BEHIND, Gateway, a_gateway
from tests.gateway.api.pairs import a_pair
from tests.servers import KafkaServer

PAGE = (Path(__file__).parents[2] / "docs" / "stewards.md").read_text()
EXAMPLES = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.M | re.S)


def column(header: str) -> list[str]:
    """The first column of the table with this header."""
    (rows,) = re.findall(rf"^\| {header} \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.M)
    return re.findall(r"^\| `(\w+)` \|", rows, re.M)


def test_every_band_hold_and_reason_is_explained() -> None:
    assert set(column("band")) == set(get_args(Band))
    assert set(column("hold")) == set(get_args(Hold))
    assert set(column("reason")) == set(get_args(Reason))
    assert f"| `high` | {HIGH} or more |" in PAGE
    assert f"| `middle` | {MIDDLE} or more |" in PAGE


def test_refusals_have_the_status_of_their_code() -> None:
    found = re.findall(r"^\| (\d{3}) \| `(\w+)` \|", PAGE, re.M)
    assert len(found) > 5
    assert all(code in CODES and CODES[code].status == int(status) for status, code in found)


def test_the_agreement_that_stewards_read_under_is_named() -> None:
    (agreement,) = [one for one in load() if one.receiver.stewards]
    assert f"`{agreement.id}`" in PAGE
    assert f"`{agreement.purpose}`" in PAGE


@pytest.fixture(scope="module")
async def api(kafka: KafkaServer, mongo: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateway]:
    async with a_gateway(kafka, mongo, tmp_path_factory.mktemp("keys"), BEHIND) as gateway:
        yield gateway


async def test_every_example_runs_one_after_the_other(api: Gateway) -> None:
    pair = await a_pair(api)
    known = {
        "SIMPUL": api.url,
        "TOKEN": api.token("KP2MI", "identity_steward", purpose="identity_stewardship"),
        "READER": api.token("KP2MI", "identity_steward", purpose="placement_and_protection"),
        "REVIEW": pair.duplicate,
        "NO_PROXY": "*",
    }
    known |= dict(zip("AB", pair.persons, strict=True))
    shell = ["bash", "-euo", "pipefail", "-c", "".join(EXAMPLES)]
    ran = await asyncio.to_thread(
        subprocess.run, shell, env={**os.environ, **known}, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stdout[-500:] + ran.stderr
