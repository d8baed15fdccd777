"""A steward's day: the queue, a pair side by side, a decision, and taking it back."""

import json
from datetime import UTC, datetime

import httpx
import pytest

from contracts.registry import Evidence
from services.gateway.api.duplicates import evidence_given
from services.gateway.domain.agreements import load
from services.gateway.domain.grants import Grant
from services.gateway.domain.receiver_ids import person_of
from tests.gateway.api.bodies import codes, disclosed, raised
from tests.gateway.api.conftest import Gateway
from tests.gateway.api.pairs import a_pair, queue
from tests.gateway.api.stewards import DIFFERENT, PURPOSE, SAME, STEWARD, told
from tests.gateway.api.test_stream import listening, until


async def test_a_pair_is_shown_decided_merged_and_taken_apart_again_exactly(api: Gateway) -> None:
    pair = await a_pair(api)
    place = f"/v1/duplicates/{pair.duplicate}"
    async with api.as_(*STEWARD, purpose=PURPOSE) as steward:
        before = [await told(api, person) for person in pair.persons]
        shown = await steward.get(place)
        assert (shown.status_code, shown.headers["ETag"]) == (200, '"1"'), shown.text
        review = shown.json()
        assert (review["status"], review["hold"], review["band"]) == ("open", "nik", "high")
        assert {side["person"] for side in review["sides"]} == set(pair.persons)
        assert {side["personal"]["clear"]["full_name"] for side in review["sides"]} == set(pair.secrets[:2])

        decided = await steward.post(f"{place}/decision", json=SAME, headers={"If-Match": shown.headers["ETag"]})
        assert (decided.status_code, decided.json()["id"], decided.headers["ETag"]) == (200, pair.duplicate, '"2"')
        assert decided.headers["Location"] == place
        one, other = [await told(api, person) for person in pair.persons]
        assert one == other
        assert one["person"] in pair.persons
        together = (await steward.get(place)).json()
        assert [step["kind"] for step in together["history"]] == ["OPENED", "DECIDED"]
        assert {side["person"] for side in together["sides"]} == {one["person"]}
        assert {one["person"], *together["sides"][0]["absorbed"]} == set(pair.persons)

        reopened = await steward.post(f"{place}/reopen", json={"reason": "twin"}, headers={"If-Match": '"2"'})
        assert (reopened.status_code, reopened.headers["ETag"]) == (200, '"3"'), reopened.text
        assert [await told(api, person) for person in pair.persons] == before
        final = await steward.post(f"{place}/decision", json=DIFFERENT, headers={"If-Match": '"3"'})
        assert final.status_code == 200
        steps = (await steward.get(place)).json()["history"]
    assert [step.get("decision") for step in steps] == [None, "same", None, "different"]
    assert all(step["by"] == "KP2MI" and step["user"] for step in steps[1:])


async def test_an_explanation_adds_up_and_shows_what_was_compared(api: Gateway) -> None:
    pair = await a_pair(api)
    async with api.as_(*STEWARD, purpose=PURPOSE) as steward:
        evidence = (await steward.get(f"/v1/duplicates/{pair.duplicate}")).json()["evidence"]
    lines = [line for line in evidence if line["field"] != "rule"]
    total = 0.0
    for line in lines:
        total += line["weight"]
        assert line["total"] == pytest.approx(total, abs=1e-3)
    values = {line["field"]: set(line["values"]) for line in lines}
    assert values["name"] == set(pair.secrets[:2])
    assert values["nik"] == set(pair.secrets[-2:])


@pytest.mark.parametrize(("field", "given"), [("birth", "birth_date"), ("nik", "nik"), ("mother", "mother_name")])
def test_of_what_was_compared_the_agreement_says_which_values_are_shown(field: str, given: str) -> None:
    stewards = next(agreement for agreement in load() if agreement.receiver.stewards)
    line = Evidence(field=field, values=("one", "other"), level="close", weight=1.5, total=2.5)
    assert evidence_given(Grant((stewards,)), line) == line
    forms = {name: form for name, form in stewards.personal.items() if name != given}
    for personal in (forms, forms | {given: ("masked",)}):
        hidden = evidence_given(Grant((stewards.model_copy(update={"personal": personal}),)), line)
        assert hidden == line.model_copy(update={"values": ("", "")})


async def test_a_pair_is_put_on_record_for_both_before_it_is_shown(api: Gateway) -> None:
    pair = await a_pair(api)
    people = [person_of(api.ring, "KP2MI", person) for person in pair.persons]

    async def recorded() -> list[list[list[str]]]:
        return [[group["fields"] for group in await disclosed(api, person)] for person in people]

    before = await recorded()
    async with api.as_(*STEWARD, purpose=PURPOSE) as steward:
        await queue(steward)
        assert await recorded() == [[*fields, ["duplicate"]] for fields in before]
        await steward.get(f"/v1/duplicates/{pair.duplicate}")
    for person in people:
        shared = (await disclosed(api, person))[-1]
        assert (shared["receiver"], shared["agreement"]) == ("KP2MI", "identity-stewardship/1")
        fields = {"personal.clear.nik", "personal.clear.mother_name", "evidence.name", "facts.status"}
        assert fields <= set(shared["fields"])
        assert not any(secret in str(shared) for secret in pair.secrets)


async def test_what_cannot_be_put_on_record_is_not_shown(api: Gateway) -> None:
    pair = await a_pair(api)
    collection = api.disclosures
    async with api.as_(*STEWARD, purpose=PURPOSE) as steward:
        await collection.database.command("collMod", collection.name, validator={"never": {"$exists": True}})
        try:
            answer = await steward.get(f"/v1/duplicates/{pair.duplicate}")
        finally:
            await collection.database.command("collMod", collection.name, validator={})
        assert codes(answer) == (503, [("unavailable", "")])
        assert not any(secret in answer.text for secret in pair.secrets)
        assert (await steward.get(f"/v1/duplicates/{pair.duplicate}")).status_code == 200


async def test_a_purpose_that_the_agreement_does_not_have_shows_nobody(api: Gateway) -> None:
    pair = await a_pair(api)
    person = person_of(api.ring, "KP2MI", pair.persons[0])
    before = await disclosed(api, person)
    async with api.as_(*STEWARD, purpose="official_statistics") as steward:
        answer = await steward.get(f"/v1/duplicates/{pair.duplicate}")
    assert codes(answer) == (403, [("purpose_not_allowed", "")])
    async with api.as_(*STEWARD) as aimless:
        for path in ("/v1/duplicates", f"/v1/duplicates/{pair.duplicate}", f"/v1/persons/{pair.persons[0]}"):
            assert codes(await aimless.get(path)) == (403, [("purpose_not_allowed", "")])
    assert await disclosed(api, person) == before


async def test_two_institutions_know_the_same_pair_by_ids_of_their_own(api: Gateway) -> None:
    pair = await a_pair(api)
    async with (
        api.as_("KEMENDAGRI", "identity_steward", purpose=PURPOSE) as other,
        api.as_(*STEWARD, purpose=PURPOSE) as steward,
    ):
        theirs = (await other.get(f"/v1/duplicates/{pair.duplicate}")).json()["persons"]
        assert not set(theirs) & set(pair.persons)
        assert {person_of(api.ring, "KEMENDAGRI", one) for one in theirs} == {
            person_of(api.ring, "KP2MI", one) for one in pair.persons
        }
        decided = await other.post(f"/v1/duplicates/{pair.duplicate}/decision", json=DIFFERENT)
        assert decided.status_code == 200
        late = await steward.post(f"/v1/duplicates/{pair.duplicate}/decision", json=SAME, headers={"If-Match": '"1"'})
        assert codes(late) == (409, [("version_conflict", "")])
        blind = await steward.post(f"/v1/duplicates/{pair.duplicate}/decision", json=SAME)
        assert codes(blind) == (409, [("state_conflict", "")])


async def test_the_queue_is_read_page_by_page_by_age_weight_and_band_without_personal_values(api: Gateway) -> None:
    pairs = [await a_pair(api) for _ in range(3)]
    async with api.as_(*STEWARD, purpose=PURPOSE) as steward:
        oldest = await queue(steward, limit=2)
        heaviest = await queue(steward, limit=2, order="weight")
        bands = [await queue(steward, band=band) for band in ("low", "middle", "high")]
        await steward.post(f"/v1/duplicates/{pairs[0].duplicate}/decision", json=DIFFERENT)
        still_open, decided = await queue(steward), await queue(steward, status="decided")
    assert [row["duplicate"] for row in oldest][-3:] == [pair.duplicate for pair in pairs]
    assert [row["opened_at"] for row in oldest] == sorted(row["opened_at"] for row in oldest)
    assert [row["weight"] for row in heaviest] == sorted((row["weight"] for row in heaviest), reverse=True)
    assert len({row["duplicate"] for row in heaviest}) == len(heaviest) == len(oldest) == sum(map(len, bands))
    assert {row["duplicate"] for row in bands[2]} >= {pair.duplicate for pair in pairs}
    assert pairs[0].duplicate in {row["duplicate"] for row in decided} - {row["duplicate"] for row in still_open}
    listed = json.dumps([oldest, heaviest, decided])
    assert not any(secret in listed for pair in pairs for secret in pair.secrets)


async def test_the_figures_count_what_waits_what_was_decided_and_who_agreed(api: Gateway) -> None:
    async def figures(steward: httpx.AsyncClient) -> tuple[int, int, int, int, int]:
        workload = (await steward.get("/v1/duplicates/workload")).json()
        month = f"{datetime.now(UTC):%Y-%m}"
        said = (await steward.get("/v1/duplicates/agreement", params={"month": month})).json()
        high = next(band for band in said["bands"] if band["band"] == "high")
        waiting = sum(band["duplicates"] for band in workload["open"])
        return waiting, workload["days"][0]["decided"], high["decided"], high["agreed"], said["redecided"]

    agreed, opposed = await a_pair(api), await a_pair(api)
    async with api.as_(*STEWARD, purpose=PURPOSE) as steward:
        before = await figures(steward)
        await steward.post(f"/v1/duplicates/{agreed.duplicate}/decision", json=SAME)
        await steward.post(f"/v1/duplicates/{opposed.duplicate}/decision", json=DIFFERENT)
        after = await figures(steward)
        assert [now - then for now, then in zip(after, before, strict=True)] == [-2, 2, 2, 1, 0]
        await steward.post(f"/v1/duplicates/{opposed.duplicate}/reopen", json={"reason": "other"})
        await steward.post(f"/v1/duplicates/{opposed.duplicate}/decision", json=SAME)
        final = await figures(steward)
    assert [now - then for now, then in zip(final, before, strict=True)] == [-2, 2, 2, 2, 1]


async def test_the_stream_tells_nobody_of_reviews_or_of_who_was_found_to_be_whom(api: Gateway) -> None:
    async with (
        api.as_("KP2MI", "identity_steward", "duty_officer") as steward,
        api.as_("KEMLU", "migration_coordinator") as coordinator,
        listening(steward) as ours,
        listening(coordinator) as theirs,
    ):
        await anext(ours)
        await anext(theirs)
        pair = await a_pair(api)
        assert (await steward.post(f"/v1/duplicates/{pair.duplicate}/decision", json=SAME)).status_code == 200
        alert = await raised(api)
        for events in (ours, theirs):
            kinds = {event["event"].partition(".")[0] for event in await until(events, alert)}
            assert kinds <= {"alert", "answer", "round"}
