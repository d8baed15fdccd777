import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.messaging.priority import Gate

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
        results = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 30)
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
