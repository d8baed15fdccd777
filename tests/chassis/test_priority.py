"""A batch gives the event loop back before whoever asks meanwhile has waited long."""

import asyncio
import time
from collections.abc import Iterator

from chassis.messaging.priority import SLICE_SECONDS, in_slices


def _slow(count: int) -> Iterator[int]:
    """Numbers of which each uses up a slice."""
    for number in range(count):
        ends = time.monotonic() + SLICE_SECONDS
        while time.monotonic() < ends:
            pass
        yield number


async def test_a_batch_of_slow_records_lets_others_run_between_any_two() -> None:
    turns: list[str] = []

    async def other() -> None:
        while True:
            turns.append("other")
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    async for number in in_slices(_slow(4)):
        turns += [str(number)]
    beside.cancel()
    assert turns == ["0", "other", "1", "other", "2", "other", "3", "other"]


async def test_a_batch_keeps_all_of_its_records_in_their_order() -> None:
    assert [number async for number in in_slices(range(1000))] == list(range(1000))
    assert [number async for number in in_slices(list[int]())] == []
