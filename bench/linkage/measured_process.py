"""One linkage in a process of its own, so that its time and peak memory can be measured; prints the figures as JSON."""

import csv
import json
import resource
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import Any

from bench.linkage import f1_scores
from simulation.population.locales import TRUTH

Figures = dict[str, Any]


def _ours(_: str, files: Sequence[Path]) -> Callable[[list[str], int | None], Figures]:
    """The engine with the roles that it guesses itself, and no other word from us."""
    from linkage.lists.load import load_lists
    from linkage.pipeline import link
    from linkage.result import DECISIONS

    linkage = link(load_lists(files, truth=TRUTH).people)
    pairs = linkage.pairs
    linked, reviewed = (pairs.decision == DECISIONS.index(decision) for decision in ("link", "review"))

    def judge(truth: list[str], second: int | None) -> Figures:
        if second is None:
            score = f1_scores.clustered(linkage.clusters.tolist(), truth)
        else:
            links = f1_scores.Links(len(truth), pairs.left[linked], pairs.right[linked], pairs.probability[linked])
            score = f1_scores.judged(links, truth, second)
        steward = len({*pairs.left[reviewed].tolist(), *pairs.right[reviewed].tolist()}) / len(truth)
        return asdict(score) | {"review": round(steward, 4), "compared": linkage.compared}

    return judge


def _splink(code: str, files: Sequence[Path]) -> Callable[[list[str], int | None], Figures]:
    """The hand-written model, at the threshold its author chose and at the one the truth would have chosen."""
    from bench.linkage import splink_run

    model = import_module(f"bench.linkage.models.{code.lower()}").MODEL
    links = splink_run.link(files, model)
    chosen = links.above(model.threshold)
    f1_scores.clusters(chosen)

    def judge(truth: list[str], second: int | None) -> Figures:
        threshold, best = f1_scores.best(links, truth, second)
        return asdict(f1_scores.judged(chosen, truth, second)) | {"best f1": best.f1, "best threshold": threshold}

    return judge


WHOSE = {"ours": _ours, "splink": _splink}


def main(whose: str, code: str, *names: str) -> None:
    """Link the files NAMES, one or two, as CODE; reading and clustering are timed, judging is not."""
    files = [Path(name) for name in names]
    started = monotonic()
    judge = WHOSE[whose](code, files)
    seconds = monotonic() - started
    peak = _peak()
    truths = [_truth(file) for file in files]
    second = len(truths[0]) if len(truths) == 2 else None
    figures = judge([person for truth in truths for person in truth], second)
    print(json.dumps(figures | {"seconds": round(seconds, 1), "peak MB": round(peak)}))


def _peak() -> float:
    """Megabytes. Linux counts what the parent held at the fork into ru_maxrss; this process's own is in /proc."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _truth(file: Path) -> list[str]:
    with file.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        place = next(rows).index(TRUTH)
        return [row[place] for row in rows]


if __name__ == "__main__":
    main(*sys.argv[1:])
