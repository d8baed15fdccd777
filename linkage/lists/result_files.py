"""What `simpul link` leaves in its folder: pairs.csv, clusters.csv, model.json and report.html."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from linkage.lists.persons import Persons, list_of, persons
from linkage.lists.report.page import page
from linkage.lists.report.run import Run
from linkage.lists.report.scores import Explain
from linkage.lists.truth import Evaluation
from linkage.model import model_file
from linkage.result import DECISIONS, Explanation, Linkage
from linkage.scoring.explanations import explain_many

FILES = ("pairs.csv", "clusters.csv", "model.json", "report.html")
PAIRS = ("id_a", "id_b", "probability", "weight", "decision", "explanation")
CLUSTERS = ("id", "list", "cluster", "size")

Progress = Callable[[str, int, int], None]

_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_AT_ONCE = 10_000


def silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def write_all(
    linkage: Linkage,
    out: Path,
    *,
    command: str,
    evaluation: Evaluation | None = None,
    mapping_text: str | None = None,
    seconds: float | None = None,
    progress: Progress = silent,
) -> None:
    """Write FILES into the folder, each replaced as a whole. `seconds` is what linking took."""
    found = persons(linkage)
    run = Run(command, datetime.now(UTC).astimezone(), seconds, evaluation, mapping_text)
    with _replacing(out / "pairs.csv") as file:
        write_pairs(linkage, file, explain_many, progress)
    with _replacing(out / "clusters.csv") as file:
        write_clusters(linkage, found, file, progress)
    with _replacing(out / "report.html") as file:
        file.write(page(linkage, found, run, explain_many))
    model_file.write(linkage.model, out / "model.json")


def write_pairs(linkage: Linkage, file: TextIO, explain: Explain, progress: Progress = silent) -> None:
    """One row for each of the linkage's pairs, best first. `id_a` is of the first list where there are two."""
    ids, pairs = linkage.people.ids, linkage.pairs

    def rows() -> Iterator[Sequence[str]]:
        for pair, explanation in enumerate(explain(linkage, range(len(pairs)))):
            yield (
                plain(ids[pairs.left[pair]]),
                plain(ids[pairs.right[pair]]),
                f"{pairs.probability[pair]:.6f}",
                f"{pairs.weight[pair]:.2f}",
                DECISIONS[pairs.decision[pair]],
                plain(short(explanation)),
            )

    _write(file, PAIRS, rows(), len(pairs), progress, "pairs.csv")


def write_clusters(linkage: Linkage, found: Persons, file: TextIO, progress: Progress = silent) -> None:
    """One row for each record, those of one person together."""
    people = linkage.people

    def rows() -> Iterator[Sequence[str]]:
        for record, person in zip(found.records.tolist(), found.of[found.records].tolist(), strict=True):
            size = str(found.sizes[person])
            yield plain(people.ids[record]), list_of(people, record), plain(found.names[person]), size

    _write(file, CLUSTERS, rows(), len(people), progress, "clusters.csv")


def short(explanation: Explanation) -> str:
    """An explanation in one line, without the values: `name: same +9.1; birth: slip +7.0; = 16.1 bits`."""
    steps = [f"{line.field}: {line.level} {line.weight:+.1f}" for line in explanation.lines if line.weight]
    rule = [f"rule: {explanation.rule}"] if explanation.rule else []
    return "; ".join([*steps, *rule, f"= {explanation.weight:.1f} bits"])


def plain(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe is put before one that begins like one.

    After OWASP, CSV injection. To have the text again, drop one apostrophe where `'`, maybe several, and then one of
    = + - @, tab or line break begin it.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def _write(
    file: TextIO, head: Sequence[str], rows: Iterable[Sequence[str]], total: int, progress: Progress, what: str
) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(head)
    progress(what, 0, total)
    for done, row in enumerate(rows, 1):
        writer.writerow(row)
        if done % _AT_ONCE == 0:
            progress(what, done, total)
    progress(what, total, total)


@contextmanager
def _replacing(path: Path) -> Iterator[TextIO]:
    """A text file that takes the place of the old one only when it is whole."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
