"""How the programs of one machine report progress to whoever started them."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, steps done, steps in all)."""


def silent(_what: str, _done: int, _total: int) -> None:
    """Report to nobody."""
