"""What an operator can do with dead letters, and what the gateway asks about outcomes, over HTTP."""

import asyncio
from typing import Any

import httpx
from fastapi import FastAPI

from chassis.messaging.throttle import PER_HOUR
from contracts.commands import Principal
from tests.builders import OFFICER, OPERATOR, told
from tests.chassis.counter import BOOM
from tests.chassis.counting import SERVICE, Place, counting, ids
from tests.eventually import eventually
from tests.signing import Signed


async def ask(place: Place, app: FastAPI, who: Principal, method: str, path: str, **query: Any) -> httpx.Response:
    auth = Signed(place.gateway, who, SERVICE, place.operators)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://counter") as http:
        return await http.request(method, path, params=query, auth=auth)


async def test_an_outcome_is_told_to_its_own_organisation_only(place: Place) -> None:
    (counter,), (command,) = ids(1), ids(1)
    async with counting(place) as service:
        await place.send(place.add(counter, 1, command_id=command))
        await place.final(1)
        found = await ask(place, service.app, OFFICER, "GET", f"/outcomes/{command}")
        assert (found.json()["result"], found.json()["version"], found.json()["reply_to"]) == ("applied", 1, None)
        others = await ask(place, service.app, Principal(organisation="KEMLU"), "GET", f"/outcomes/{command}")
        unknown = await ask(place, service.app, OFFICER, "GET", f"/outcomes/{ids(1)[0]}")
        assert (others.status_code, told(others)) == (unknown.status_code, told(unknown))
        assert others.status_code == 404


async def test_operators_alone_see_dead_letters_and_nobody_their_content(place: Place) -> None:
    (sick,), well = ids(1), ids(3)
    async with counting(place) as service:
        await place.send(place.add(sick, BOOM, note="Siti"), *(place.add(one, 1) for one in well))
        (letter,) = await eventually(lambda: _put_aside(place, 1), 30)
        assert "Siti" not in str(letter)
        refused = await ask(place, service.app, OFFICER, "GET", "/dead-letters")
        assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
        (shown,) = (await ask(place, service.app, OPERATOR, "GET", "/dead-letters")).json()
        assert "payload" not in shown
        assert shown["reason"].startswith("RuntimeError in decide:")


async def _put_aside(place: Place, count: int) -> list[dict[str, Any]]:
    found = await place.documents("dead_letters")
    return found if len(found) == count else []


async def test_a_mended_service_replays_what_was_put_aside_and_its_key_flows_again(place: Place) -> None:
    (sick,), well = ids(1), ids(3)
    async with counting(place) as service:
        await place.send(place.add(sick, BOOM), place.add(sick, 1), *(place.add(one, 1) for one in well))
        await eventually(lambda: _put_aside(place, 2), 30)
        place.bugs.boom = False
        answer = await ask(place, service.app, OPERATOR, "POST", "/dead-letters/replay")
        assert answer.json() == {"replayed": 2, "keys_left": 0}
        await place.send(place.add(sick, 2))
        await place.final(6)
    assert (await place.counters())[sick].added == (BOOM, 1, 2)


async def test_a_replay_lets_people_go_between_its_messages(place: Place) -> None:
    (sick,), well = ids(1), ids(3)
    async with counting(place) as service:
        gate = service.process.gate
        await place.send(place.add(sick, BOOM), place.add(sick, 1), *(place.add(one, 1) for one in well))
        await eventually(lambda: _put_aside(place, 2), 30)
        place.bugs.boom = False
        async with gate.turn(urgent=True):
            replay = asyncio.create_task(ask(place, service.app, OPERATOR, "POST", "/dead-letters/replay"))
            await eventually(lambda: gate.waiting[False])
        async with gate.turn(urgent=True):
            left = await place.documents("dead_letters")
        answer = await replay
    assert left
    assert answer.json() == {"replayed": 2, "keys_left": 0}


async def test_a_message_given_up_is_refused_for_good_and_the_next_of_its_key_can_be_replayed(place: Place) -> None:
    (sick,), (command,), well = ids(1), ids(1), ids(3)
    async with counting(place) as service:
        bad = place.add(sick, BOOM, command_id=command)
        await place.send(bad, place.add(sick, 1), *(place.add(one, 1) for one in well))
        await eventually(lambda: _put_aside(place, 2), 30)
        first = (await ask(place, service.app, OPERATOR, "GET", "/dead-letters")).json()[0]
        gone = await ask(place, service.app, OPERATOR, "POST", "/dead-letters/give-up", id=first["id"])
        assert gone.json() == {"ended": 1}
        again = await ask(place, service.app, OPERATOR, "POST", "/dead-letters/give-up", id=first["id"])
        assert (again.status_code, again.json()["code"]) == (404, "not_found")
        await ask(place, service.app, OPERATOR, "POST", "/dead-letters/replay")
        await place.send(bad)
        outcomes = await place.final(5)
    assert (outcomes[command].result, outcomes[command].problems[0].code) == ("refused", "platform_gave_up")
    assert (await place.counters())[sick].added == (1,)


async def test_newer_commands_of_a_key_wait_until_its_last_one_put_aside_is_gone(place: Place) -> None:
    (sick,), well = ids(1), ids(3)
    async with counting(place) as service:
        await place.send(place.add(sick, BOOM), place.add(sick, 1), *(place.add(one, 1) for one in well))
        await eventually(lambda: _put_aside(place, 2), 30)
        first = (await ask(place, service.app, OPERATOR, "GET", "/dead-letters")).json()[0]
        await ask(place, service.app, OPERATOR, "POST", "/dead-letters/give-up", id=first["id"])
        await place.send(place.add(sick, 2), place.add(well[0], 2))
        await place.final(5)
        assert len(await place.documents("dead_letters")) == 2
        await ask(place, service.app, OPERATOR, "POST", "/dead-letters/replay")
        await place.final(7)
    assert (await place.counters())[sick].added == (1, 2)


async def test_a_survivors_command_given_up_and_delivered_again_stays_of_that_class(place: Place) -> None:
    (sick,), (command,), well = ids(1), ids(1), ids(3)
    bad = place.add(sick, BOOM, command_id=command, classification="survivor")
    async with counting(place) as service:
        await place.send(bad, *(place.add(one, 1) for one in well))
        (letter,) = await eventually(lambda: _put_aside(place, 1), 30)
        await eventually(lambda: place.classes(command), 30)
        await ask(place, service.app, OPERATOR, "POST", "/dead-letters/give-up", id=letter["_id"])
        await place.send(bad)
        outcomes = await eventually(lambda: _outcomes(place, command, 3), 30)
    assert outcomes[0] == ("held", "survivor")
    assert set(outcomes[1:]) == {("refused", "survivor")}


async def _outcomes(place: Place, command: str, count: int) -> list[tuple[str, str]]:
    found = await place.classes(command)
    return found if len(found) >= count else []


async def test_what_one_process_replayed_is_not_waited_for_by_another(place: Place) -> None:
    (sick,), well = ids(1), ids(3)
    async with counting(place, instance="counter-0") as first:
        await place.send(place.add(sick, BOOM), *(place.add(one, 1) for one in well))
        await eventually(lambda: _put_aside(place, 1), 30)
        place.bugs.boom = False
        async with counting(place, instance="counter-1") as second:
            await ask(place, second.app, OPERATOR, "POST", "/dead-letters/replay")
        await eventually(lambda: len(first.process.consumers.consumers[0].assignment.partitions) == 2, 30)
        await place.send(place.add(sick, 1))
        await place.final(5)
    assert (await place.counters())[sick].added == (BOOM, 1)
    assert await place.documents("dead_letters") == []


async def test_a_command_with_an_id_that_is_none_of_ours_is_put_aside_quietly(place: Place) -> None:
    (counter,) = ids(1)
    async with counting(place) as service:
        await place.send(place.add(counter, 1, command_id="3307014101900001"), place.add(ids(1)[0], 1))
        await eventually(lambda: _put_aside(place, 1), 30)
        await place.final(1)
        assert all(service.process.ready().values())
    assert [o for o in await place.outcomes() if o.result == "held"] == []


async def test_a_service_that_lacks_a_sealing_key_waits_and_loses_nothing(place: Place) -> None:
    sealed = place.gateway.public[f"sealing-{SERVICE}"]
    sealed["versions"]["2"], sealed["current"] = sealed["versions"]["1"], "2"
    async with counting(place) as service:
        await place.send(*(place.add(one, 1, note="Siti") for one in ids(4)))
        await eventually(lambda: not service.process.ready()["servers"], 30)
        secrets = service.process.ring.secrets[f"sealing-{SERVICE}"]
        secrets["versions"]["2"] = secrets["versions"]["1"]
        await eventually(lambda: service.process.ready()["servers"], 30)
        await ask(place, service.app, OPERATOR, "POST", "/dead-letters/replay")
        await place.final(4)


async def test_one_dead_letter_that_cannot_be_read_stops_no_other(place: Place) -> None:
    (sick, other), well = ids(2), ids(3)
    async with counting(place) as service:
        await place.send(place.add(sick, BOOM), place.add(other, BOOM), *(place.add(one, 1) for one in well))
        await eventually(lambda: _put_aside(place, 2), 30)
        letters = service.process.consumers.dead_letters
        first = (await letters.list_letters())[0]
        await letters.collection.update_one({"_id": first.id}, {"$set": {"payload": b"1\0damaged"}})
        place.bugs.boom = False
        answer = await ask(place, service.app, OPERATOR, "POST", "/dead-letters/replay")
        assert answer.json() == {"replayed": 1, "keys_left": 1}
        gone = await ask(place, service.app, OPERATOR, "POST", "/dead-letters/give-up", id=first.id)
        assert gone.json() == {"ended": 1}
        assert await letters.list_letters() == []


async def test_operators_are_answered_while_a_service_waits(place: Place) -> None:
    """Of bad commands alone as many are put aside as an hour allows; the others wait, and lock nobody out meanwhile."""
    place.bugs.everything = True
    async with counting(place) as service:
        await place.send(*(place.add(one, 1) for one in ids(2 * PER_HOUR)))
        await eventually(lambda: _without_proof(place, PER_HOUR), 60)
        await eventually(lambda: not service.process.ready()["servers"], 30)
        async with asyncio.timeout(30):
            assert (await ask(place, service.app, OPERATOR, "GET", "/dead-letters")).status_code == 200
            assert (await ask(place, service.app, OPERATOR, "POST", "/dead-letters/replay")).status_code == 200
        assert not service.process.ready()["servers"]
        place.bugs.everything = False
        await eventually(lambda: all(service.process.ready().values()), 30)
        await ask(place, service.app, OPERATOR, "POST", "/dead-letters/replay")
        await place.final(2 * PER_HOUR)


async def _without_proof(place: Place, count: int) -> bool:
    return [letter["unproven"] for letter in await place.documents("dead_letters")].count(True) == count
