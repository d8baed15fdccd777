"""Waiting in tests: a condition with a deadline, never a pause of a guessed length."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")


@overload
async def eventually(check: Callable[[], Awaitable[T | None]], timeout: float = 30, every: float = 0.02) -> T: ...
@overload
async def eventually(check: Callable[[], T | None], timeout: float = 30, every: float = 0.02) -> T: ...
async def eventually(check: Callable[[], Any], timeout: float = 30, every: float = 0.02) -> Any:
    """The first truthy value of `check`, asked again until then.

    An AssertionError inside `check` counts as "not yet" and is what the test sees when `timeout` seconds have passed.
    """
    deadline = time.monotonic() + timeout
    while True:
        last: AssertionError | None = None
        try:
            answer = check()
            value = await answer if inspect.isawaitable(answer) else answer
            if value:
                return value
        except AssertionError as error:
            last = error
        if time.monotonic() > deadline:
            raise last or AssertionError(f"not so within {timeout} s: {check}")
        await asyncio.sleep(every)


async def remaining(check: Callable[[], Awaitable[list[str]]], within: float, every: float = 1.0) -> list[str]:
    """What `check` still finds after `within` seconds; it ends early when nothing is left."""
    deadline = time.monotonic() + within
    while (left := await check()) and time.monotonic() < deadline:
        await asyncio.sleep(every)
    return left
