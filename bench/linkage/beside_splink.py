"""Figure `linkage`: F1, time and memory, ours beside the hand-written models, list by list."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from simulation.population import locales
from simulation.population.generate import population, two_lists
from simulation.population.list_files import write

Figures = dict[str, Any]
File = tuple[Sequence[str], Iterable[Sequence[str]]]

SEED = 4001
"""The models were tried on seeds 901 to 905."""

RECORDS = 5_000
LISTS = ("id", *locales.CODES)
SCALES = {"100,000 x 100,000": (100_000, True), "1,000,000": (1_000_000, False)}
ALL = (*LISTS, *SCALES)
USUAL = (*LISTS, "100,000 x 100,000")
"""All but the million, which takes long and is asked for by name."""

WHOSE = ("ours", "splink")
SECONDS_PER_RECORD = 1_800
"""Seconds that one linkage may take."""


def measure(
    chosen: Sequence[str], records: int = RECORDS, seed: int = SEED, report: Callable[[str], None] = print
) -> Figures:
    """Names of LISTS and SCALES to what ours and Splink make of the same files, one after the other."""
    results: Figures = {}
    for name in chosen:
        code = "id" if name in SCALES else name
        with tempfile.TemporaryDirectory(prefix="simpul-linkage-") as folder:
            files = _written(Path(folder), _made(name, records, seed))
            report(f"linkage · {name} …")
            results[name] = {whose: linked(whose, code, files) for whose in WHOSE}
        report(str(results[name]))
    return results


def linked(whose: str, code: str, files: Sequence[Path], patience: float = SECONDS_PER_RECORD) -> Figures:
    """What `whose` linkage of the files came to; `failed` says why there is none."""
    command = [sys.executable, "-m", "bench.linkage.measured_process", whose, code, *map(str, files)]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=patience, check=False)
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {patience:.0f} s"}
    if ended.returncode:
        return {"failed": (ended.stderr.strip().splitlines() or [f"ended with {ended.returncode}"])[-1]}
    result: Figures = json.loads(ended.stdout.strip().splitlines()[-1])
    return result


def table(results: Figures) -> Table:
    """One row per list."""
    shown = Table(
        "list", "F1 ours", "to a steward", "F1 Splink", "at its best", "s ours", "s Splink", "MB ours", "MB Splink",
        title="linkage",
    )  # fmt: skip
    for name, (ours, splink) in ((name, (pair["ours"], pair["splink"])) for name, pair in results.items()):
        shown.add_row(
            name,
            _cell(ours, "f1"),
            _cell(ours, "review"),
            _cell(splink, "f1"),
            _cell(splink, "best f1"),
            *(_cell(side, figure) for figure in ("seconds", "peak MB") for side in (ours, splink)),
        )
    return shown


def _cell(side: Figures, figure: str) -> str:
    return str(side.get(figure, "-"))


def _made(name: str, records: int, seed: int) -> list[File]:
    if name in SCALES:
        count, two = SCALES[name]
        made = two_lists(count, "medium", seed) if two else (population(count, "medium", seed),)
        return [population_.labelled() for population_ in made]
    if name == "id":
        return [population(records, "medium", seed).labelled()]
    count = 1_000 if name == "small" else records
    return [(made_list.header, made_list.rows) for made_list in locales.make(name, count, seed)]


def _written(folder: Path, files: Sequence[File]) -> list[Path]:
    paths = [folder / f"list-{n}.csv" for n in range(len(files))]
    for path, file in zip(paths, files, strict=True):
        write(path, "csv", *file)
    return paths
