"""Percentiles, and the processes' memory and CPU time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from deploy.local.stack import Stack


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile; `share` between 0 and 1."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """p50, p99 and the largest, in milliseconds."""
    return {
        "p50_ms": round(percentile(seconds, 0.5) * 1000, 1),
        "p99_ms": round(percentile(seconds, 0.99) * 1000, 1),
        "max_ms": round(max(seconds) * 1000, 1),
        "count": len(seconds),
    }


def cpu_seconds(stack: Stack) -> dict[str, float]:
    """CPU seconds (user and system) of every running process since its start."""
    pids = {name: pid for name in stack.names() if (pid := stack.pid(name)) is not None}
    return {name: sum(psutil.Process(pid).cpu_times()[:2]) for name, pid in pids.items()}


def processes(stack: Stack) -> dict[str, dict[str, Any]]:
    """Per process: peak resident memory (MB) and CPU seconds (user and system) since its start."""
    usage = {}
    for name in stack.names():
        pid = stack.pid(name)
        if pid is None:
            continue
        process = psutil.Process(pid)
        cpu = process.cpu_times()
        usage[name] = {"peak_mb": _peak_mb(pid, process), "cpu_seconds": round(cpu.user + cpu.system, 1)}
    return usage


def _peak_mb(pid: int, process: psutil.Process) -> int:
    """High-water mark where the system keeps one (Linux), else what is resident now."""
    try:
        with Path(f"/proc/{pid}/status").open() as status:
            kib = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return process.memory_info().rss // 1_048_576
    return kib // 1024
