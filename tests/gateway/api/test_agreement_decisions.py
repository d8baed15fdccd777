"""Agreements proposed, approved, rejected and ended over the api, and what that changes for whoever reads."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.model import WIB
from tests.eventually import eventually
from tests.gateway.agreements import agreement_body
from tests.gateway.api.bodies import codes, kp2mi, registration
from tests.gateway.api.conftest import Gateway
from tests.gateway.api.pairs import a_pair

OFFICER = "data_protection_officer"
FORCE_SECONDS = 5.0
"""Within which a change counts everywhere; machines under test are given longer, and told when they need it."""


@pytest.fixture
async def parties(api: Gateway) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """A data protection officer each, by organisation: every one of them another person."""
    async with AsyncExitStack() as stack:
        yield {
            code: await stack.enter_async_context(api.as_(code, OFFICER, user=f"dpo-{code}"))
            for code in ("KP2MI", "BPS", "KEMENDAGRI", "KEMLU", "UI")
        }


def a_name() -> str:
    """An id that no other test uses: digits are not taken."""
    return "trial-" + uuid4().hex.translate(str.maketrans("0123456789", "ghijklmnop"))[:20]


def today() -> str:
    return datetime.now(WIB).date().isoformat()


def approval(name: str, number: int = 1) -> str:
    return f"/v1/agreements/{name}/versions/{number}/approval"


async def propose(client: httpx.AsyncClient, **changes: Any) -> httpx.Response:
    return await client.post("/v1/agreements", json=agreement_body(**changes))


async def agreed(parties: dict[str, httpx.AsyncClient], giver: str, other: str, /, **changes: Any) -> None:
    """Proposed by the giver, and approved by both parties."""
    answer = await propose(parties[giver], giver=giver, **changes)
    assert answer.status_code == 201, answer.text
    for code in (giver, other):
        answer = await parties[code].post(approval(changes["id"], changes.get("version", 1)))
        assert answer.status_code == 200, answer.text


async def in_force(check: Callable[[], Awaitable[bool]]) -> None:
    """Within the time in which a change counts everywhere."""
    await eventually(check, timeout=FORCE_SECONDS * 4, every=0.1)


async def test_a_proposal_gives_nothing_until_one_person_of_each_side_has_approved_it(
    api: Gateway, parties: dict[str, httpx.AsyncClient]
) -> None:
    name = a_name()
    answer = await propose(parties["KP2MI"], id=name)
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/v1/agreements/{name}")
    assert (answer.json()["id"], answer.json()["version"], answer.headers["ETag"]) == (name, 1, '"1"')
    listed = (await parties["BPS"].get("/v1/agreements")).json()
    assert name in {one["id"] for one in listed["proposed"]}
    assert name not in {one["id"] for one in listed["agreements"]}

    first = await parties["BPS"].post(approval(name), headers={"If-Match": '"1"'})
    assert (first.status_code, first.json()["version"]) == (200, 2)
    assert codes(await parties["BPS"].post(approval(name))) == (409, [("already_approved", "")])
    assert codes(await parties["KP2MI"].post(approval(name), headers={"If-Match": '"1"'})) == (
        409,
        [("version_conflict", "")],
    )
    assert (await parties["KP2MI"].post(approval(name))).status_code == 200

    view = await parties["BPS"].get(f"/v1/agreements/{name}")
    assert (view.json()["giver"], view.json()["receiver"], view.headers["ETag"]) == ("KP2MI", "BPS", '"3"')
    (version,) = view.json()["versions"]
    assert (version["status"], version["agreement"]["law"]) == ("approved", "UU 16/1997 art. 11")
    assert [(one["side"], one["organisation"]) for one in version["approvals"]] == [
        ("receiver", "BPS"), ("giver", "KP2MI"),
    ]  # fmt: skip
    assert all(datetime.fromisoformat(one["at"]) <= datetime.now(UTC) for one in version["approvals"])
    assert f"{name}/1" in (await parties["BPS"].get("/v1/agreements")).json()["in_force"]


async def test_one_person_cannot_approve_for_both_sides(api: Gateway) -> None:
    name = a_name()
    async with (
        api.as_("KP2MI", OFFICER, user="the-same") as giver,
        api.as_("BPS", OFFICER, user="the-same") as receiver,
    ):
        assert (await propose(giver, id=name)).status_code == 201
        assert (await giver.post(approval(name))).status_code == 200
        assert codes(await receiver.post(approval(name))) == (409, [("already_approved", "")])


async def test_an_agreement_is_not_there_for_others_and_they_decide_nothing_of_it(
    parties: dict[str, httpx.AsyncClient],
) -> None:
    name, stranger = a_name(), parties["UI"]
    assert codes(await propose(stranger, id=name)) == (403, [("not_permitted", "")])
    assert (await propose(parties["KP2MI"], id=name)).status_code == 201
    rejection, end = f"/v1/agreements/{name}/versions/1/rejection", f"/v1/agreements/{name}/end"
    for answer in (
        await stranger.get(f"/v1/agreements/{name}"), await stranger.post(approval(name)),
        await stranger.post(rejection), await stranger.post(end, json={"last_day": today()}),
    ):  # fmt: skip
        assert codes(answer) == (404, [("not_found", "")])
    assert name not in (await stranger.get("/v1/agreements")).text
    assert (await parties["BPS"].post(rejection)).status_code == 200
    assert codes(await parties["KP2MI"].post(approval(name))) == (409, [("state_conflict", "")])


async def test_no_word_of_the_parties_stands_in_the_log(api: Gateway, parties: dict[str, httpx.AsyncClient]) -> None:
    number, name = "3307124503960001", a_name()
    for changes in ({"id": f"a{number}"}, {"purpose": f"a{number}"}, {"facts": [number]}, {"giver": number}):
        answer = await propose(parties["KP2MI"], **({"id": name} | changes))
        assert codes(answer) == (422, [("invalid_value", f"/{next(iter(changes))}")])
        assert number not in answer.text
    office = [{"organisation": code, "office": f"Office {number}"} for code in ("KP2MI", "BPS")]
    await agreed(parties, "KP2MI", "BPS", id=name, law=f"Nomor {number}", signatories=office)
    assert number in (await parties["BPS"].get(f"/v1/agreements/{name}")).text
    names = api.names
    for topic in (names.commands("gateway"), names.outcomes("gateway"), names.events("gateway")):
        records = await api.records(topic)
        assert records
        assert not [one for one in records if number.encode() in (one.value or b"") + repr(one.headers).encode()]


async def test_whoever_repeats_a_decision_decides_once_and_finds_its_outcome(
    parties: dict[str, httpx.AsyncClient],
) -> None:
    name, key = a_name(), {"Idempotency-Key": str(uuid4())}
    assert (await propose(parties["KP2MI"], id=name)).status_code == 201
    first, again = [await parties["KP2MI"].post(approval(name), headers=key) for _ in range(2)]
    assert first.json() == again.json()
    outcome = await parties["KP2MI"].get(f"/v1/outcomes/{first.json()['command']}")
    assert outcome.json() == first.json()
    assert codes(await parties["BPS"].get(f"/v1/outcomes/{first.json()['command']}")) == (404, [("not_found", "")])


# -- what changes for whoever reads


async def test_a_person_is_read_under_an_agreement_from_its_approval_on_and_under_its_newest_version(
    api: Gateway, parties: dict[str, httpx.AsyncClient]
) -> None:
    """KP2MI reads with a purpose of the agreement's own, so that no other test is told more."""
    name = a_name()
    purpose = name.replace("-", "_")
    terms = {"id": name, "purpose": purpose, "receiver": {"organisation": "KP2MI"}}
    async with kp2mi(api) as officer:
        made = await officer.post("/v1/persons", json=registration())
    person = made.json()["id"]
    async with kp2mi(api, purpose=purpose) as reader:

        async def shows(*fields: str) -> bool:
            answer = await reader.get(f"/v1/persons/{person}")
            clear = answer.json()["personal"]["clear"] if answer.is_success else {}
            return {field for field, value in clear.items() if value is not None} == set(fields)

        assert codes(await reader.get(f"/v1/persons/{person}")) == (404, [("not_found", "")])
        await agreed(parties, "KEMENDAGRI", "KP2MI", **terms, personal={"full_name": "clear", "birth_date": "clear"})
        await in_force(lambda: shows("full_name", "birth_date"))
        await agreed(parties, "KEMENDAGRI", "KP2MI", **terms, version=2, personal={"birth_date": "clear"})
        await in_force(lambda: shows("birth_date"))


async def test_why_and_simulation_know_a_change(api: Gateway, parties: dict[str, httpx.AsyncClient]) -> None:
    name = a_name()
    asked = {
        "receiver": "BPS", "event": "registry.person.registered.v1", "field": "facts.status",
        "purpose": name.replace("-", "_"),
    }  # fmt: skip
    terms = {"id": name, "purpose": asked["purpose"]}
    assert (await propose(parties["KP2MI"], **terms)).status_code == 201

    async def simulated(version: int) -> httpx.Response:
        window = {"since": "2020-01-01T00:00:00Z", "until": datetime.now(UTC).isoformat()}
        return await parties["BPS"].post(f"/v1/agreements/{name}/simulation", json=window | {"version": version})

    async def found() -> bool:
        return (await simulated(1)).status_code in (202, 429)

    await in_force(found)
    assert codes(await simulated(2)) == (404, [("not_found", "")])
    assert (await parties["BPS"].get("/v1/agreements/why", params=asked)).json()["given_by"] == []
    for code in ("KP2MI", "BPS"):
        assert (await parties[code].post(approval(name))).status_code == 200

    async def given() -> bool:
        answer = await parties["BPS"].get("/v1/agreements/why", params=asked)
        return bool(answer.json()["given_by"] == [f"{name}/1"])

    await in_force(given)


async def test_stewards_see_what_a_new_agreement_gives_them(
    api: Gateway, parties: dict[str, httpx.AsyncClient]
) -> None:
    name, pair = a_name(), await a_pair(api)
    terms: dict[str, Any] = {
        "id": name, "purpose": name.replace("-", "_"), "receiver": {"stewards": True}, "events": [], "facts": [],
        "stated_in": "all", "personal": {"sex": "clear"},
    }  # fmt: skip
    async with api.as_("KP2MI", "identity_steward", purpose=terms["purpose"]) as steward:
        page = f"/v1/duplicates/{pair.duplicate}"
        assert codes(await steward.get(page)) == (403, [("purpose_not_allowed", "")])
        await agreed(parties, "KP2MI", "KEMENDAGRI", **terms)

        async def shown() -> bool:
            answer = await steward.get(page)
            return (
                answer.is_success
                and [side["personal"] for side in answer.json()["sides"]] == [{"clear": {"sex": "P"}}] * 2
            )

        await in_force(shown)


async def test_what_is_ended_gives_until_its_last_day(parties: dict[str, httpx.AsyncClient]) -> None:
    name = a_name()
    await agreed(parties, "KP2MI", "BPS", id=name)
    yesterday = (datetime.now(WIB).date() - timedelta(days=1)).isoformat()
    end = f"/v1/agreements/{name}/end"
    answer = await parties["BPS"].post(end, json={"last_day": yesterday})
    assert codes(answer) == (422, [("invalid_value", "/last_day")])
    assert (await parties["BPS"].post(end, json={"last_day": today()})).status_code == 200
    listed = (await parties["BPS"].get("/v1/agreements")).json()
    (agreement,) = [one for one in listed["agreements"] if one["id"] == name]
    assert agreement["valid_to"] == today()
    (version,) = (await parties["KP2MI"].get(f"/v1/agreements/{name}")).json()["versions"]
    assert (version["last_day"], version["ended_by"]) == (today(), "BPS")
