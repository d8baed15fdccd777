"""The index of what was disclosed: found by whom it concerns, page by page, and no more than that."""

from datetime import timedelta
from typing import Any

import pytest

from services.gateway.audit.erasure import NotIndexedYet, erase_person
from services.gateway.audit.sequencer import fill_index
from services.gateway.store.disclosure_index import Wanted
from tests.gateway.audit.place import Place
from tests.gateway.domain.transparency.test_leaves import disclosed


async def listed(place: Place, limit: int = 200, **wanted: Any) -> list[str]:
    """Copies of every page."""
    copies: list[str] = []
    after = None
    while True:
        page = await place.index.page(Wanted(**({"party": "KEMLU"} | wanted)), after, limit)
        copies += [found.row.copy for found in page.rows]
        assert len(page.rows) <= limit
        if page.after is None:
            return copies
        after = page.after


async def fill(place: Place) -> None:
    await place.sequence()
    await fill_index(place.sequencer(), place.index)


async def test_an_organisation_finds_what_it_got_and_what_was_told_of_its_own_persons(place: Place) -> None:
    await place.record.disclose(
        [
            disclosed(1),
            disclosed(2, receiver="BPS"),
            disclosed(3, receiver="BPS", owner="KEMLU"),
            disclosed(4, person=None),
            disclosed(5, receiver="BPS", person="other", owner="KEMLU", purpose="official_statistics"),
        ]
    )
    await fill(place)
    assert sorted(await listed(place)) == ["copy-1", "copy-3", "copy-4", "copy-5"]
    assert sorted(await listed(place, party="BPS")) == ["copy-2", "copy-3", "copy-5"]
    assert await listed(place, party="KP2MI") == []
    assert await listed(place, party="KP2MI", person="person") == []
    assert sorted(await listed(place, person="person")) == ["copy-1", "copy-3"]
    assert sorted(await listed(place, receiver="BPS")) == ["copy-3", "copy-5"]
    assert await listed(place, receiver="BPS", purpose="official_statistics") == ["copy-5"]


async def test_pages_of_any_size_list_every_row_once_and_the_newest_leaf_first(place: Place) -> None:
    for batch in range(45):
        await place.record.disclose(
            disclosed(10 * batch + row, receiver="BPS" if row == 1 else "KEMLU") for row in range(3)
        )
    await fill(place)
    whole = await listed(place)
    assert len(whole) == len(set(whole)) == 90
    assert whole[:2] == ["copy-440", "copy-442"]
    assert [await listed(place, limit) for limit in (1, 7, 50)] == [whole] * 3


async def test_what_is_wanted_of_a_time_is_found_among_much_else(place: Place) -> None:
    await place.disclose(3)
    await fill(place)
    newest = await place.index.page(Wanted("KEMLU"), None, 1)
    at = newest.rows[0].at
    later, earlier = at + timedelta(seconds=1), at - timedelta(days=1)
    assert len(await listed(place, since=earlier, until=later)) == 6
    assert await listed(place, since=later) == await listed(place, until=earlier) == []


async def test_the_index_goes_on_where_it_stopped_and_filling_it_again_changes_nothing(place: Place) -> None:
    await place.sequence(7)
    await fill_index(place.sequencer(), place.index)
    await place.sequence(5)
    assert await place.index.next_leaf() == 7
    await fill_index(place.sequencer(), place.index)
    await place.database["disclosure_index_state"].delete_many({})
    await fill_index(place.sequencer(), place.index)
    assert (await place.index.next_leaf(), len(await listed(place))) == (12, 24)


async def test_during_a_load_the_index_takes_little_at_once(place: Place) -> None:
    await place.sequence(12)
    busy = place.sequencer()
    await place.disclose(5)
    await busy.sequence()
    assert busy.busy
    await fill_index(busy, place.index)
    assert await place.index.next_leaf() == 5


async def test_of_an_erased_person_nothing_is_found_and_the_log_still_holds(place: Place) -> None:
    for batch in range(3):
        await place.record.disclose([disclosed(2 * batch, person="gone"), disclosed(2 * batch + 1)])
        with pytest.raises(NotIndexedYet):
            await erase_person(place.store, place.index, "gone")
        await place.sequence()
    with pytest.raises(NotIndexedYet):
        await erase_person(place.store, place.index, "gone")
    await fill(place)
    assert await erase_person(place.store, place.index, "gone") == 3
    assert await erase_person(place.store, place.index, "gone") == 0
    assert sorted(await listed(place)) == ["copy-1", "copy-3", "copy-5"]
    assert await listed(place, person="gone") == []
    assert await place.database["disclosure_index"].find_one({"persons": "gone"}) is None
    await place.check(3)
