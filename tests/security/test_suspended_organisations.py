"""Tokens of an organisation that is suspended, was taken over, or has other functions than when they were issued."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from contracts.authority import check_door
from contracts.gateway import (
    ChangeFunctions,
    LiftSuspension,
    NameSuccessor,
    OrganisationCommand,
    RegisterOrganisation,
    SuspendOrganisation,
)
from contracts.model import WIB
from contracts.outcomes import Refused
from services.gateway.api.caller import principal_at_door
from services.gateway.domain.organisation import decide
from services.gateway.domain.organisations import Organisations
from services.gateway.tokens import Tokens, issue
from services.gateway.tokens.issuers import EVERY, Issuer

ISSUER = "https://issuer.example"
KEY = RSAKey.generate_key(2048)
NOW = datetime.now(UTC)
TODAY = NOW.astimezone(WIB).date()
SUSPEND = SuspendOrganisation(organisation="KP2MI", reason="credentials_stolen")


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    KEY.ensure_kid()
    (tmp_path / "jwks.json").write_text(json.dumps(KeySet([KEY]).as_dict(private=False)))
    issuer = Issuer(
        issuer=ISSUER, jwks=str(tmp_path / "jwks.json"), clients=("simpul-*", "system-*"), organisations=(EVERY,)
    )
    return Tokens([issuer])


def knowing(tokens: Tokens, *commands: OrganisationCommand) -> None:
    known = Organisations()
    for command in commands:
        changed = decide(known, command, NOW)
        assert changed
        known = known.with_state(changed[1])
    tokens.organisations = lambda: known


def held(organisation: str = "KP2MI", *roles: str, kind: Any = "person") -> str:
    return issue(
        KEY, issuer=ISSUER, audience="simpul", organisation=organisation, subject="officer-1", roles=roles, kind=kind
    )


async def code(tokens: Tokens, text: str) -> str:
    with pytest.raises(Refused) as refused:
        await tokens.verify(text)
    return refused.value.problems[0].code


@pytest.mark.parametrize("kind", ["person", "system"])
async def test_a_token_of_a_suspended_organisation_is_refused_and_taken_again_when_it_is_lifted(
    tokens: Tokens, kind: str
) -> None:
    text, other = held(kind=kind), held("BPS")
    knowing(tokens, SUSPEND)
    assert await code(tokens, text) == "suspended"
    await tokens.verify(other)
    knowing(tokens, SUSPEND, LiftSuspension(organisation="KP2MI"))
    await tokens.verify(text)


async def test_who_was_let_in_before_learns_why_it_may_not_go_on(tokens: Tokens) -> None:
    caller = await tokens.verify(held("KP2MI", "registrar"))
    assert tokens.why_over(caller) is None
    knowing(tokens, SUSPEND)
    assert tokens.why_over(caller) == "suspended"
    knowing(tokens, ChangeFunctions(organisation="KP2MI", take=("placement",), since=TODAY))
    assert tokens.why_over(caller) == "rights_changed"
    knowing(tokens, ChangeFunctions(organisation="KP2MI", take=("produsen_data",), since=TODAY))
    assert tokens.why_over(caller) is None, "a function that opens nothing changes no rights"


async def test_before_anything_is_known_of_suspensions_nobody_is_let_in(tokens: Tokens) -> None:
    def unknown() -> Organisations:
        raise Refused("unavailable")

    tokens.organisations = unknown
    assert await code(tokens, held()) == "unavailable"


async def test_people_of_one_that_was_taken_over_hold_no_roles_and_its_system_keeps_its_mailbox(tokens: Tokens) -> None:
    knowing(tokens, NameSuccessor(organisation="33.02-DISNAKER", successor="KP2MI", since=TODAY))
    officer = principal_at_door(await tokens.verify(held("33.02-DISNAKER", "registrar", "data_protection_officer")))
    check_door("GET /v1/me", officer)
    for door in ("POST /v1/persons", "GET /v1/disclosures", "GET /v1/offers"):
        with pytest.raises(Refused):
            check_door(door, officer)
    system = principal_at_door(await tokens.verify(held("33.02-DISNAKER", kind="system")))
    check_door("GET /v1/events", system)
    with pytest.raises(Refused):
        check_door("GET /v1/persons/{person}", system.model_copy(update={"purpose": "placement_and_protection"}))


async def test_who_took_over_stands_for_both(tokens: Tokens) -> None:
    knowing(tokens, NameSuccessor(organisation="33.02-DISNAKER", successor="BPS", since=TODAY))
    caller = await tokens.verify(held("BPS", "registrar"))
    assert caller.stands_for == ("BPS", "33.02-DISNAKER")
    check_door("POST /v1/persons", principal_at_door(caller))


async def test_a_function_counts_from_its_day_on(tokens: Tokens) -> None:
    tomorrow = TODAY + timedelta(days=1)
    knowing(tokens, ChangeFunctions(organisation="BPS", give=("placement",), since=tomorrow))
    with pytest.raises(Refused):
        check_door("POST /v1/persons", principal_at_door(await tokens.verify(held("BPS", "registrar"))))


async def test_one_that_the_code_list_does_not_have_is_known_when_it_is_registered(tokens: Tokens) -> None:
    claims = {"iss": ISSUER, "aud": "simpul", "iat": int(time.time()), "exp": int(time.time()) + 60, "jti": "j-1",
              "sub": "officer-1", "client_id": "simpul-cli", "organisation": "BARU", "roles": []}  # fmt: skip
    text = jwt.encode({"alg": "RS256", "typ": "at+jwt", "kid": KEY.kid}, claims, KEY, algorithms=["RS256"])
    assert await code(tokens, text) == "unauthenticated"
    knowing(
        tokens,
        RegisterOrganisation(
            organisation="BARU",
            name_id="Lembaga Baru",
            name_en="New",
            kind="agency",
            level="national",
            region_code="ID",
        ),
    )
    assert (await tokens.verify(text)).organisation == "BARU"
