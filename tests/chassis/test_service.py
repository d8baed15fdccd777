"""A domain service as a whole, on real servers: commands in; state, events and outcomes out."""

import pytest

from contracts.outcomes import Outcome
from tests.chassis.counter import BOOM, LATER_TYPES
from tests.chassis.counting import SERVICE, Place, counting, ids
from tests.eventually import eventually


def results(outcomes: list[Outcome], command_id: str) -> list[str]:
    return [o.result for o in outcomes if o.command_id == command_id]


async def test_commands_become_state_events_and_outcomes_in_order(place: Place) -> None:
    first, second = ids(2)
    messages = [place.add(one, n, note=f"note {n}") for n in range(1, 21) for one in (first, second)]
    refused = place.add(first, -1)
    async with counting(place):
        await place.send(*messages, refused)
        outcomes = await place.final(41)
    counters = await place.counters()
    assert counters[first].added == counters[second].added == tuple(range(1, 21))
    assert counters[first].notes == tuple(f"note {n}" for n in range(1, 21))
    assert await place.events() == {first: list(range(1, 21)), second: list(range(1, 21))}
    last = outcomes[messages[-1].headers[1][1].decode()]
    assert (last.result, last.aggregate_id, last.version, last.reply_to) == ("applied", second, 20, "reply to 20")
    assert [(o.problems[0].code, o.problems[0].pointer) for o in outcomes.values() if o.result == "refused"] == [
        ("invalid_value", "/amount")
    ]


async def test_a_redelivered_command_gets_its_first_outcome_again_and_changes_nothing(place: Place) -> None:
    (counter,) = ids(1)
    command, refused = ids(2)
    batch = [place.add(counter, 5, command_id=command), place.add(counter, -5, command_id=refused)]
    async with counting(place):
        await place.send(*batch)
        first = await place.final(2)
        await place.send(*batch, *batch)
        again = await eventually(lambda: _at_least(place, command, 2), 30)
    assert {o.model_dump_json() for o in again if o.command_id == command} == {first[command].model_dump_json()}
    assert set(results(again, refused)) == {"refused"}
    assert (await place.counters())[counter].added == (5,)
    assert set((await place.events())[counter]) == {1}


async def _at_least(place: Place, command: str, count: int) -> list[Outcome]:
    outcomes = await place.outcomes()
    return outcomes if len(results(outcomes, command)) >= count else []


async def test_another_body_under_a_used_id_is_refused_and_the_first_outcome_stays(place: Place) -> None:
    (counter,) = ids(1)
    (command,) = ids(1)
    async with counting(place):
        await place.send(place.add(counter, 5, command_id=command))
        await place.final(1)
        await place.send(place.add(counter, 6, command_id=command), place.add(counter, 7))
        await place.final(2)
        outcomes = [o for o in await place.outcomes() if o.command_id == command]
    assert [(o.digest, o.result) for o in outcomes] == [("digest of 5", "applied"), ("digest of 6", "refused")]
    assert outcomes[1].problems[0].code == "id_reused"
    assert outcomes[1].reply_to == "reply to 6"
    assert (await place.counters())[counter].added == (5, 7)
    assert len([d for d in await place.documents("processed_commands") if d["_id"] == command]) == 1


async def test_an_undecodable_message_is_held_its_key_waits_and_all_replays_in_order(place: Place) -> None:
    sick, well = ids(2)
    bad = place.add(sick, 9)
    strange = bad._replace(headers=[(n, b"counter.add.v2" if n == "ce_type" else v) for n, v in bad.headers])
    async with counting(place) as running:
        await place.send(place.add(sick, 1), strange, place.add(sick, 2), place.add(well, 1), place.add(sick, 3))
        assert len(await place.final(2)) == 2
        await eventually(lambda: _put_aside(place, 3), 30)
        assert (await place.counters())[sick].added == (1,)
        held = await eventually(lambda: _held(place, 3), 30)
        assert {o.problems[0].code for o in held} == {"platform_held"}
        assert {o.reply_to for o in held} == {"reply to 9", "reply to 2", "reply to 3"}

        assert await running.process.consumers.replay.replay() == {"replayed": 0, "keys_left": 1}
        place.types.update(LATER_TYPES)
        assert await running.process.consumers.replay.replay() == {"replayed": 3, "keys_left": 0}
        await place.send(place.add(sick, 4))
        await place.final(6)
    assert (await place.counters())[sick].added == (1, 9, 2, 3, 4)
    assert (await place.events())[sick] == [1, 2, 3, 4, 5]
    assert await place.documents("dead_letters") == []


async def _put_aside(place: Place, count: int) -> bool:
    return len(await place.documents("dead_letters")) == count


async def test_a_header_that_is_not_utf8_stops_nothing(place: Place) -> None:
    (counter,) = ids(1)
    good = place.add(counter, 2)
    stray = good._replace(headers=[*good.headers, ("x-note", b"\xff\xfe")])
    unreadable = place.add(counter, 1)._replace(key=None, headers=[("ce_id", b"\xff")], value=b"\xff\x00")
    async with counting(place):
        await place.send(unreadable, stray)
        await place.final(1)
        await eventually(lambda: _put_aside(place, 1), 30)
    assert (await place.counters())[counter].added == (2,)


async def test_a_command_that_breaks_the_service_is_put_aside_when_others_pass(place: Place) -> None:
    sick, *well = ids(6)
    async with counting(place) as running:
        await place.send(
            *(place.add(one, 1) for one in well), place.add(sick, BOOM), place.add(sick, 1),
            *(place.add(one, 2) for one in well),
        )  # fmt: skip
        await place.final(10)
        await eventually(lambda: _put_aside(place, 2), 30)
        assert all(running.process.ready().values())
    counters = await place.counters()
    assert sick not in counters
    assert {counters[one].added for one in well} == {(1, 2)}
    assert "budi" not in str(await place.documents("dead_letters"))


async def test_when_every_command_breaks_the_service_it_waits_unready_and_puts_nothing_aside(place: Place) -> None:
    place.bugs.everything = True
    async with counting(place) as running:
        await place.send(*(place.add(one, 1) for one in ids(6)))
        await eventually(lambda: not running.process.ready()["servers"], 30)
        assert await place.documents("dead_letters") == []
        place.bugs.everything = False
        await place.final(6)
        await eventually(lambda: running.process.ready()["servers"], 30)
    assert await place.documents("dead_letters") == []
    assert await place.read(place.names.events(SERVICE))


async def _held(place: Place, count: int) -> list[Outcome]:
    found = [o for o in await place.outcomes() if o.result == "held"]
    return found if len(found) >= count else []


async def test_what_could_not_be_published_is_not_committed_and_stops_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the outbox it would stand in the way of every later batch, for ever."""
    (large,), others = ids(1), ids(3)
    monkeypatch.setattr("chassis.commands.processor.LARGEST_VALUE", 600)
    async with counting(place):
        await place.send(place.add(large, 10**500), *(place.add(one, 1) for one in others))
        await place.final(3)
        (letter,) = await eventually(lambda: place.documents("dead_letters"), 30)
    assert letter["reason"].startswith("TooLargeToPublish")
    assert set(await place.counters()) == set(others)
    assert await place.documents("outbox") == [] or {d["state"] for d in await place.documents("outbox")} == {1}
