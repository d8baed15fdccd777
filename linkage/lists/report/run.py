"""How a linkage came about, as far as its report tells it."""

from dataclasses import dataclass
from datetime import datetime

from linkage.lists.truth import Evaluation


@dataclass(frozen=True, slots=True)
class Run:
    """`command` as it was typed, `at` when it ended, in local time, `seconds` it took; `mapping` is a mapping.toml."""

    command: str
    at: datetime
    seconds: float | None = None
    evaluation: Evaluation | None = None
    mapping: str | None = None
