"""What stewards decide, and what they read of a person before and after."""

from typing import Any

from tests.gateway.api.conftest import Gateway

AT = "2026-01-01T00:00:00Z"
STEWARD = ("KP2MI", "identity_steward")
PURPOSE = "identity_stewardship"
SAME = {"decision": "same", "reason": "confirmed_by_person"}
DIFFERENT = {"decision": "different", "reason": "twin"}


async def read(api: Gateway, person: str) -> dict[str, Any]:
    """What an agreement tells the owner of a person."""
    async with api.as_("KP2MI", "registrar", purpose="placement_and_protection") as officer:
        answer = await officer.get(f"/v1/persons/{person}")
    assert answer.status_code == 200, answer.text
    view: dict[str, Any] = answer.json()
    return view


async def told(api: Gateway, person: str) -> dict[str, Any]:
    """What an agreement tells of a person, without when."""
    return {name: value for name, value in (await read(api, person)).items() if name != "asof"}


async def asof(api: Gateway, person: str) -> str:
    """When the newest was recorded of what is told of a person."""
    return str((await read(api, person))["asof"])
