import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.messaging.priority import RECORDS_BETWEEN_YIELDS, Courtesy, Gate

Batch = tuple[bool, int, int, bool]
"""Urgent, moments before it comes, moments it takes, whether it is cancelled while waiting or working."""
BATCHES = st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 4), st.booleans()), max_size=12)


class Watched:
    """What happens at a gate."""

    def __init__(self) -> None:
        self.gate, self.inside, self.urgent_waiting, self.done = Gate(), 0, 0, 0

    async def batch(self, urgent: bool, before: int, during: int) -> None:
        await moments(before)
        self.urgent_waiting += urgent
        try:
            async with self.gate.turn(urgent=urgent):
                self.urgent_waiting -= urgent
                urgent = False
                assert self.inside == 0, "two batches at a time"
                self.inside += 1
                try:
                    await moments(during)
                finally:
                    self.inside -= 1
                self.done += 1
        finally:
            self.urgent_waiting -= urgent


async def moments(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@settings(deadline=None)
@given(BATCHES)
def test_there_is_never_more_than_one_batch_and_each_gets_its_turn(batches: list[Batch]) -> None:
    async def run() -> None:
        watched = Watched()
        tasks = [asyncio.create_task(watched.batch(*b[:3])) for b in batches]
        await moments(3)
        cancelled = [task for task, batch in zip(tasks, batches, strict=True) if batch[3] and task.cancel()]
        results = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)
        assert not [r for r in results if isinstance(r, AssertionError)]
        assert watched.done >= len(tasks) - len(cancelled)
        assert not watched.gate.busy
        assert not any(watched.gate.waiting.values())

    asyncio.run(run())


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=2, max_size=10))
def test_every_waiting_urgent_batch_goes_before_every_waiting_bulk_batch(kinds: list[bool]) -> None:
    async def run() -> list[bool]:
        gate, order = Gate(), list[bool]()

        async def batch(urgent: bool) -> None:
            async with gate.turn(urgent=urgent):
                order.append(urgent)

        async with gate.turn(urgent=False):
            tasks = [asyncio.create_task(batch(urgent)) for urgent in kinds]
            await moments(3)
        await asyncio.gather(*tasks)
        return order

    order = asyncio.run(run())
    assert order == sorted(kinds, reverse=True)


async def breathing(courtesy: Courtesy, order: list[str], name: str = "load") -> None:
    await courtesy.breathe(RECORDS_BETWEEN_YIELDS - 1)
    order.append(name)


async def test_a_load_pauses_while_something_urgent_is_under_way() -> None:
    courtesy, order = Courtesy(), list[str]()
    with courtesy.urgently():
        load = asyncio.create_task(breathing(courtesy, order))
        await moments(5)
        order.append("urgent")
    await load
    assert order == ["urgent", "load"]


async def test_a_load_pauses_until_what_is_expected_has_arrived() -> None:
    courtesy, order = Courtesy(), list[str]()
    courtesy.expect()
    courtesy.expect()
    load = asyncio.create_task(breathing(courtesy, order))
    await moments(5)
    order.append("urgent")
    courtesy.arrived()
    await load
    courtesy.arrived()
    assert order == ["urgent", "load"]
    assert courtesy.under_way == 0


async def test_something_urgent_that_hangs_does_not_stop_the_loads() -> None:
    courtesy, order = Courtesy(), list[str]()
    with courtesy.urgently():
        await breathing(courtesy, order)
    assert order == ["load"]


async def test_a_flood_of_urgent_work_does_not_stop_the_loads() -> None:
    """A thousand copies of one batch go on before what was fetched for them is 5 s old."""
    courtesy = Courtesy()
    with courtesy.urgently():
        async with asyncio.timeout(4):
            for index in range(1000):
                await courtesy.breathe(index)


async def test_what_never_arrives_is_forgotten() -> None:
    courtesy = Courtesy()
    courtesy.expect()
    await courtesy.clear.wait()
    assert courtesy.under_way == 0


async def test_a_load_breathes_freely_when_nothing_is_urgent() -> None:
    courtesy, order = Courtesy(), list[str]()
    others = asyncio.create_task(breathing(courtesy, order, "other"))
    await breathing(courtesy, order)
    await others
    assert sorted(order) == ["load", "other"]
