"""What a check is: a sentence, and what was found instead."""

from collections.abc import Iterable
from dataclasses import dataclass

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """`met`, or `instead` says in one line what was found. No text names a simulated person."""

    expectation: str
    met: bool
    instead: str = ""

    def __str__(self) -> str:
        return f"{'yes' if self.met else 'NO '}  {self.expectation}" + (f": {self.instead}" if self.instead else "")


def none(expectation: str, wrong: Iterable[str]) -> Verdict:
    """Met when nothing is wrong."""
    found = list(wrong)
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return Verdict(expectation, not found, "; ".join(found[:SHOWN]) + more)


def equal(expectation: str, found: object, wanted: object) -> Verdict:
    """Met when both are the same."""
    return Verdict(expectation, found == wanted, "" if found == wanted else f"{found} instead of {wanted}")
