"""The partners' guide says what the code does."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from contracts import codes, exchange
from contracts.authority import KEEPS_IDENTITIES, functions_of
from contracts.outcomes import CODES
from contracts.registry import WARNINGS, ContentWarning, IdentityWarning, OfferReason, OfferWarning
from contracts.schemas import members, message_type
from contracts.topics import Names
from services.gateway.domain.agreements import load
from services.gateway.domain.grants import paths_of
from services.gateway.domain.parties import STANDS_FOR
from services.gateway.domain.translation import translate
from services.gateway.domain.validation import MAX_BYTES, read_body

GUIDE = (Path(__file__).parents[2] / "docs" / "partners.md").read_text()
EXAMPLES = dict(re.findall(r"^```json (\S+)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL))
SENT = {message_type(model) for model in members(exchange.Submission)}
RECEIVED = {message_type(model): model for model in members(exchange.Delivery)}
NOW = datetime(2026, 12, 1, tzinfo=UTC)


def codes_table() -> str:
    """The table of section 6."""
    rows = [f"| `{code}` | {meaning.fault} | {meaning.status} | {meaning.detail} |" for code, meaning in CODES.items()]
    return "\n".join(["| code | fault | HTTP | meaning |", "|---|---|---|---|", *rows])


def test_every_error_code_stands_in_the_table() -> None:
    assert codes_table() in GUIDE


def test_every_warning_stands_in_the_table_of_receipts() -> None:
    rows = "\n".join(f"| `{code}` | {meaning} |" for code, meaning in WARNINGS.items())
    assert f"| warning | meaning |\n|---|---|\n{rows}\n\n" in GUIDE
    assert set(WARNINGS) == {*get_args(ContentWarning), *get_args(IdentityWarning), *get_args(OfferWarning)}


def test_those_who_are_named_as_keepers_of_identities_are_those() -> None:
    assert {code for code in codes.organisations() if functions_of(code) & KEEPS_IDENTITIES} == {"KP2MI", "KEMENDAGRI"}


def test_every_reason_of_a_decision_on_an_offer_is_explained() -> None:
    (rows,) = re.findall(r"^\| reason \| of a decision \|\n\|[-|]+\n((?:\|.*\n)+)", GUIDE, re.M)
    assert set(re.findall(r"^\| `(\w+)` \|", rows, re.M)) == set(get_args(OfferReason))


def test_who_approves_for_each_class_of_receivers_stands_in_the_guide() -> None:
    rows = "\n".join(f"| `{kind}` | {first} | {other} |" for kind, (first, other) in STANDS_FOR.items())
    assert f"|---|---|---|\n{rows}\n\n" in GUIDE


def test_every_message_has_an_example() -> None:
    assert set(EXAMPLES) == SENT | set(RECEIVED)


@pytest.mark.parametrize("kind", sorted(SENT))
def test_what_the_guide_sends_is_accepted(kind: str) -> None:
    translate(read_body(kind, EXAMPLES[kind].encode()), lambda token: token, NOW)


@pytest.mark.parametrize("kind", sorted(RECEIVED))
def test_what_the_guide_receives_is_what_is_sent(kind: str) -> None:
    found = RECEIVED[kind].model_validate_json(EXAMPLES[kind], strict=True)
    for receipt in getattr(found, "receipts", ()):
        assert all(problem.detail == CODES[problem.code].detail for problem in receipt.problems)
    if isinstance(found, exchange.Copied):
        named = [one for one in load() if one.name in found.agreements]
        assert found.agreements
        assert all(found.event in agreement.events for agreement in named)
        paths = paths_of(found.model_dump(exclude_none=True))
        assert set(paths) <= {path for agreement in named for path in agreement.fields}


def test_people_in_the_guide_live_in_a_district_that_exists_nowhere() -> None:
    found = set(re.findall(r"\b\d{16}\b", GUIDE))
    assert found
    assert all(nik[4:6] == "99" for nik in found)


def test_the_guide_names_topics_limits_and_organisations_that_exist() -> None:
    assert f"at most {MAX_BYTES // 1024} KiB" in GUIDE
    assert "KP2MI" in codes.organisations()
    for urgent in (False, True):
        assert f"`{Names().intake('KP2MI', urgent=urgent)}`" in GUIDE
        assert f"`{Names().delivery('KP2MI', urgent=urgent)}`" in GUIDE


if __name__ == "__main__":
    print(codes_table())
