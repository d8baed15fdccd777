"""Ending what runs in the background."""

import asyncio

from chassis.messaging.kafka import end


async def test_a_task_that_takes_one_cancellation_for_its_own_is_ended_all_the_same() -> None:
    cancelled = 0

    async def stubborn() -> None:
        nonlocal cancelled
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled += 1
                if cancelled == 2:
                    raise

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await end(task, seconds=0.1)
    assert (task.cancelled(), cancelled) == (True, 2)


async def test_a_task_that_never_ends_is_left_behind() -> None:
    ended = asyncio.Event()

    async def deaf() -> None:
        while not ended.is_set():
            try:
                await ended.wait()
            except asyncio.CancelledError:
                continue

    task = asyncio.create_task(deaf())
    await asyncio.sleep(0)
    await end(task, tries=2, seconds=0.1)
    assert not task.done()
    ended.set()
    await task
