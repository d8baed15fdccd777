"""An expectation: a sentence, whether it is met, and what was found instead."""

from collections.abc import Iterable
from dataclasses import dataclass

SHOWN = 3
"""Of several faults, so many are quoted."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """Unmet, `actual` says in one line what was found. No text names a simulated person."""

    sentence: str
    met: bool
    actual: str = ""

    def __str__(self) -> str:
        return f"{'yes' if self.met else 'NO '}  {self.sentence}" + (f": {self.actual}" if self.actual else "")


def expect_none(sentence: str, faults: Iterable[str]) -> Expectation:
    """Met when there is no fault."""
    several = list(faults)
    more = f" and {len(several) - SHOWN} more" if len(several) > SHOWN else ""
    return Expectation(sentence, not several, "; ".join(several[:SHOWN]) + more)


def expect_equal(sentence: str, actual: object, expected: object) -> Expectation:
    """Met when both are the same."""
    return Expectation(sentence, actual == expected, "" if actual == expected else f"{actual} instead of {expected}")
