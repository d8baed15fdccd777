"""What stewards decide, and what they read of a person before and after."""

from typing import Any

import httpx

AT = "2026-01-01T00:00:00Z"
STEWARD = ("KP2MI", "identity_steward")
SAME = {"decision": "same", "reason": "confirmed_by_person"}
DIFFERENT = {"decision": "different", "reason": "twin"}


async def told(officer: httpx.AsyncClient, person: str) -> dict[str, Any]:
    """What an agreement tells of a person, without when."""
    answer = await officer.get(f"/v1/persons/{person}")
    assert answer.status_code == 200, answer.text
    return {name: value for name, value in answer.json().items() if name != "asof"}


async def asof(officer: httpx.AsyncClient, person: str) -> str:
    """When the newest was recorded of what is told of a person."""
    return str((await officer.get(f"/v1/persons/{person}")).json()["asof"])
