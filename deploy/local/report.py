"""What the local servers tell the person who starts them: progress, and troubles in one line."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, steps done, steps in all)."""


class Trouble(Exception):
    """Something outside this program stands in the way. The message is one line that says what, and what to do."""


def silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""
