"""One way through a batch: which records passed, which failed, and which wait behind a failed one."""

from __future__ import annotations

from dataclasses import dataclass, field

from chassis import telemetry
from chassis.messaging.record import Place, Record

Line = tuple[str, int, bytes]
"""Topic, partition and key: what keeps its order."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A record that failed alone; `error` is None for one that waits behind another of its key."""

    record: Record
    error: BaseException | None


@dataclass(slots=True)
class Trial:
    """One way through a batch: how many passed, which failed alone, and which wait behind a failed one of their key."""

    passed: int = 0
    failed: dict[Place, Failed] = field(default_factory=dict)
    blocked: dict[Line, int] = field(default_factory=dict)
    """The first offset that failed of each key in its partition."""

    @property
    def causes(self) -> list[Failed]:
        """Those that failed by themselves, in the order of their places."""
        return [failed for _, failed in sorted(self.failed.items()) if failed.error is not None]

    @property
    def signature(self) -> dict[Place, str]:
        """How each failed, to tell whether they fail in the same way again."""
        return {
            where: telemetry.describe(failed.error) for where, failed in self.failed.items() if failed.error is not None
        }
