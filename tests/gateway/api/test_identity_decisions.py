"""Who decides whether two persons are one, how, and what is refused."""

from typing import Any

import pytest

from tests.gateway.api.bodies import codes
from tests.gateway.api.conftest import Gateway
from tests.gateway.api.pairs import a_pair
from tests.gateway.api.stewards import AT, DIFFERENT, PURPOSE, SAME, STEWARD, asof, told


async def test_whoever_is_no_steward_sees_and_decides_nothing(api: Gateway) -> None:
    pair = await a_pair(api)
    place = f"/v1/duplicates/{pair.duplicate}"
    one, other = pair.persons
    reads = (
        "/v1/duplicates",
        place,
        "/v1/duplicates/workload",
        "/v1/duplicates/agreement?month=2026-03",
        f"/v1/duplicates/{one[2:]}",
    )
    writes = {
        f"{place}/decision": SAME,
        f"{place}/reopen": {"reason": "twin"},
        "/v1/persons/merge": {"persons": [one, other], "asof": [AT, AT], "reason": "other"},
        f"/v1/persons/{one}/unmerge": {"asof": AT, "reason": "other"},
    }
    async with (
        api.as_("KP2MI", "registrar") as officer,
        api.as_("KP2MI", "identity_steward", kind="system") as system,
        api.as_("BPS", "identity_steward") as foreign,
        api.as_(*STEWARD, purpose=PURPOSE) as steward,
    ):
        for client in (officer, system, foreign):
            for path in reads:
                assert codes(await client.get(path)) == (403, [("not_permitted", "")])
        assert (await steward.get(reads[4])).json()["code"] == "invalid_value"
        for client in (officer, system):
            for path, body in writes.items():
                assert codes(await client.post(path, json=body)) == (403, [("not_permitted", "")]), path
        assert codes(await foreign.post(f"{place}/decision", json=SAME)) == (403, [("not_permitted", "")])


async def test_the_same_idempotency_key_decides_once(api: Gateway) -> None:
    pair = await a_pair(api)
    place, key = f"/v1/duplicates/{pair.duplicate}/decision", {"Idempotency-Key": f"decision-{pair.duplicate}"}
    async with api.as_(*STEWARD, purpose=PURPOSE) as steward:
        first = await steward.post(place, json=SAME, headers=key)
        again = await steward.post(place, json=SAME, headers=key)
        assert (again.status_code, again.json()) == (first.status_code, first.json()) == (200, first.json())
        assert codes(await steward.post(place, json=DIFFERENT, headers=key)) == (409, [("id_reused", "")])
        assert len((await steward.get(f"/v1/duplicates/{pair.duplicate}")).json()["history"]) == 2
        kept = await steward.get(f"/v1/outcomes/{first.json()['command']}")
    assert kept.json() == first.json()


async def test_persons_are_merged_and_unmerged_without_a_duplicate_review(api: Gateway) -> None:
    pair = await a_pair(api)
    one, other = pair.persons
    body = {"persons": [other, one], "survivor": other, "reason": "same_documents"}
    async with api.as_(*STEWARD, purpose=PURPOSE) as steward:
        before = [await told(api, person) for person in pair.persons]
        body["asof"] = [await asof(api, person) for person in (other, one)]
        merged = await steward.post("/v1/persons/merge", json=body)
        assert (merged.status_code, merged.json()["id"]) == (200, other), merged.text
        assert "version" not in merged.json()
        assert merged.headers["Location"] == f"/v1/persons/{other}"
        assert (await told(api, one))["person"] == other
        review = (await steward.get(f"/v1/duplicates/{pair.duplicate}")).json()
        assert (review["status"], review["history"][-1]["because"]) == ("decided", "rule")
        twin = {"asof": await asof(api, one), "reason": "twin"}
        away = await steward.post(f"/v1/persons/{one}/unmerge", json=twin)
        assert (away.status_code, away.json()["id"]) == (200, one), away.text
        assert [await told(api, person) for person in pair.persons] == before
        again = await steward.post(f"/v1/persons/{one}/unmerge", json=twin)
        assert codes(again) == (409, [("not_merged", "/person")])


async def test_persons_of_whom_more_is_known_than_the_steward_read_stay_as_they_are(api: Gateway) -> None:
    pair = await a_pair(api)
    one, other = pair.persons
    async with api.as_(*STEWARD, purpose=PURPOSE) as steward:
        read = [await asof(api, person) for person in pair.persons]
        body = {"persons": [one, other], "reason": "same_documents"}
        stale = await steward.post("/v1/persons/merge", json=body | {"asof": [read[0], AT]})
        assert codes(stale) == (409, [("version_conflict", "")])
        assert (await told(api, other))["person"] == other
        survivor = (await steward.post("/v1/persons/merge", json=body | {"asof": read})).json()["id"]
        (absorbed,) = {one, other} - {survivor}
        late = await steward.post(f"/v1/persons/{absorbed}/unmerge", json={"asof": read[0], "reason": "twin"})
        assert codes(late) == (409, [("version_conflict", "")])
        assert (await told(api, absorbed))["person"] == survivor


async def test_what_makes_no_sense_is_refused_with_a_pointer(api: Gateway) -> None:
    pair = await a_pair(api)
    one, other = pair.persons
    stranger = f"p_{'A' * 43}"
    async with api.as_(*STEWARD, purpose=PURPOSE) as steward:

        async def refused(path: str, **body: Any) -> tuple[int, list[tuple[str, str]]]:
            return codes(await steward.post(path, json=body))

        decision = f"/v1/duplicates/{pair.duplicate}/decision"
        assert await refused(decision, decision="same") == (422, [("missing_value", "/reason")])
        assert await refused(decision, decision="perhaps", reason="twin") == (422, [("invalid_value", "/decision")])
        assert await refused(decision, **SAME, note="x") == (422, [("unknown_field", "")])
        merge, unmerge = "/v1/persons/merge", f"/v1/persons/{stranger}/unmerge"
        assert await refused(merge, persons=[one, other], reason="other") == (422, [("missing_value", "/asof")])
        assert await refused(unmerge, reason="other") == (422, [("missing_value", "/asof")])
        unknown = await refused(merge, persons=[one, stranger], asof=[AT, AT], reason="other")
        assert unknown == (404, [("not_found", "/persons/1")])
        assert await refused(unmerge, asof=AT, reason="other") == (404, [("not_found", "/person")])
        third = (await a_pair(api)).persons[0]
        chosen = await refused(merge, persons=[one, other], survivor=third, asof=[AT, AT], reason="other")
        assert chosen == (422, [("invalid_value", "/survivor")])
        absent = await steward.get("/v1/duplicates/11111111-1111-8111-8111-111111111111")
        assert codes(absent) == (404, [("not_found", "")])


async def test_nothing_personal_of_a_decision_stands_in_log_or_events(
    api: Gateway, capsys: pytest.CaptureFixture[str]
) -> None:
    pair = await a_pair(api)
    async with api.as_(*STEWARD, purpose=PURPOSE) as steward:
        await steward.get(f"/v1/duplicates/{pair.duplicate}")
        await steward.post(f"/v1/duplicates/{pair.duplicate}/decision", json=SAME)
    names = api.names
    topics = (names.commands("registry"), names.events("registry"), names.outcomes("registry"))
    records = [record for topic in topics for record in await api.records(topic)]
    stood = "".join(str((one.value, one.key, one.headers)) for one in records) + str(capsys.readouterr())
    assert pair.duplicate in stood
    assert not any(secret in stood for secret in pair.secrets)
    assert not any(person in stood for person in pair.persons)
