"""What is done with does not pile up; the long form is `python -m tests.system.soak`."""

from pathlib import Path

import pytest

from tests.system.soak import KEPT_SECONDS, LATE_SECONDS, Soak, soak


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_what_is_done_with_is_deleted_by_age_and_no_collection_of_work_grows(tmp_path: Path) -> None:
    result = await soak(tmp_path, seconds=5 * KEPT_SECONDS, pace=2)
    assert result.problems == []
    assert max(sample.get("registry.processed_commands", 0) for sample in result.samples) > 0
    assert result.samples[-1]["registry.persons"] > result.samples[len(result.samples) // 2]["registry.persons"]


def test_a_collection_of_work_that_grows_is_named_and_facts_may_grow() -> None:
    result = Soak([{"registry.outbox": 10 * n, "registry.persons": 100 * n, "alerts.outbox": 60} for n in range(60)])
    assert result.growing() == ["registry.outbox grows: 295 documents in the second third, 495 in the last"]


def test_what_stays_beyond_its_time_is_named() -> None:
    result = Soak(late={"registry.outbox": LATE_SECONDS - 1, "alerts.outbox": LATE_SECONDS + 5})
    assert result.overdue() == [f"alerts.outbox: something is there {LATE_SECONDS + 5:.0f} s after its time"]
