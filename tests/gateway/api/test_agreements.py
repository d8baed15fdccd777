"""Agreements over the api: whose they are, and why a field is given or withheld."""

from tests.gateway.api.bodies import codes
from tests.gateway.api.conftest import Gateway

WHY = "/v1/agreements/why"
REGISTERED = "registry.person.registered.v1"


async def test_an_organisation_reads_its_own_agreements_and_nobody_elses(api: Gateway) -> None:
    async with api.as_("BPS", "data_protection_officer") as officer, api.as_("BPS") as nobody:
        answer = await officer.get("/v1/agreements")
        assert answer.status_code == 200, answer.text
        ids = {one["id"] for one in answer.json()["agreements"]}
        assert "official-statistics/1" in answer.json()["in_force"]
        assert "official-statistics" in ids
        assert codes(await nobody.get("/v1/agreements")) == (403, [("not_permitted", "")])
    async with api.as_("KEMENKES", "data_protection_officer") as stranger:
        listed = (await stranger.get("/v1/agreements")).json()["agreements"]
        assert "official-statistics" not in {one["id"] for one in listed}


async def test_receiver_and_giver_learn_why_and_a_stranger_learns_nothing_of_others(api: Gateway) -> None:
    asked = {"receiver": "BPS", "event": REGISTERED, "field": "personal.clear.nik", "purpose": "official_statistics"}
    given = asked | {"field": "personal.hashed.nik"}
    for organisation in ("BPS", "KP2MI"):
        async with api.as_(organisation, "data_protection_officer") as officer:
            withheld = (await officer.get(WHY, params=asked)).json()
            assert withheld["given"] is False
            assert withheld["withheld_by"]["official-statistics/1"] == ["personal", "pseudonymised", "release"]
            assert len(withheld["turn"]["attributes"]) <= 3  # another agreement may need fewer
            assert (await officer.get(WHY, params=given)).json()["given_by"] == ["official-statistics/1"]
    async with api.as_("KEMENKES", "data_protection_officer") as stranger:
        answer = (await stranger.get(WHY, params=given)).json()
        assert answer == {"given": False, "given_by": [], "withheld_by": {}}


async def test_a_question_that_makes_no_sense_is_refused_with_a_pointer(api: Gateway) -> None:
    asked = {"receiver": "BPS", "event": REGISTERED, "field": "personal.clear.nik"}
    async with api.as_("BPS", "data_protection_officer") as officer, api.as_("BPS", "duty_officer") as other:
        for name, value in (("event", "registry.person.vanished.v1"), ("field", "personal.clear.salary")):
            answer = await officer.get(WHY, params=asked | {name: value})
            assert codes(answer) == (422, [("unknown_code", f"/query/{name}")])
        assert codes(await other.get(WHY, params=asked)) == (403, [("not_permitted", "")])
