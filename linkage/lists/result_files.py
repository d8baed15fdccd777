"""What `simpul link` writes into its folder: pairs.csv, clusters.csv, review.xlsx, model.json and report.html."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from linkage.lists.own_columns import OwnColumns
from linkage.lists.persons import Persons, list_of, persons, record_name
from linkage.lists.report.page import page
from linkage.lists.report.pairs import Explain
from linkage.lists.report.technical import Run
from linkage.lists.report.texts import Texts
from linkage.lists.review_file import NAME as REVIEW
from linkage.lists.review_file import write_review
from linkage.model import model_file
from linkage.progress import Progress, silent
from linkage.result import DECISIONS, Explanation, Linkage
from linkage.scoring.explanations import explain_many

FILES = ("pairs.csv", "clusters.csv", REVIEW, "model.json", "report.html")
PAIRS = ("id_a", "id_b", "probability", "weight", "decision", "explanation")
CLUSTERS = ("cluster", "size", "list", "id")

_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_ROWS_PER_PROGRESS = 10_000


@dataclass(frozen=True, slots=True)
class Results:
    """What the files are made of: `own` are the columns of the lists, `run` tells how the linkage was made."""

    linkage: Linkage
    run: Run
    own: OwnColumns = field(default_factory=OwnColumns)
    texts: Texts = field(default_factory=lambda: Texts("en"))


def write_all(results: Results, folder: Path, progress: Progress = silent) -> None:
    """Write FILES into the folder, each replaced as a whole."""
    linkage = results.linkage
    clusters = persons(linkage)
    with _replacing(folder / "pairs.csv") as path, _text(path) as file:
        write_pairs(linkage, results.own, file, explain_many, progress)
    with _replacing(folder / "clusters.csv") as path, _text(path) as file:
        write_clusters(linkage, clusters, results.own, file, progress)
    with _replacing(folder / REVIEW) as path:
        write_review(linkage, path, results.own, explain_many, results.texts)
    with _replacing(folder / "report.html") as path, _text(path) as file:
        file.write(page(linkage, clusters, results.run, explain_many, results.texts))
    model_file.write(linkage.model, folder / "model.json")


def write_pairs(linkage: Linkage, own: OwnColumns, file: TextIO, explain: Explain, progress: Progress = silent) -> None:
    """One row per pair of the linkage, the heaviest first, with the columns of both records that were compared.

    `id_a` is of the first list where there are two.
    """
    ids, pairs = linkage.people.ids, linkage.pairs

    def rows() -> Iterator[Sequence[str]]:
        for pair, explanation in enumerate(explain(linkage, range(len(pairs)))):
            left, right = int(pairs.left[pair]), int(pairs.right[pair])
            yield (
                plain(ids[left]),
                plain(ids[right]),
                f"{pairs.probability[pair]:.6f}",
                f"{pairs.weight[pair]:.2f}",
                DECISIONS[pairs.decision[pair]],
                plain(one_line(linkage, pair, explanation)),
                *map(plain, own.pair_values(left, right)),
            )

    _write(file, (*PAIRS, *map(plain, own.compared)), rows(), len(pairs), progress, "pairs.csv")


def write_clusters(
    linkage: Linkage, clusters: Persons, own: OwnColumns, file: TextIO, progress: Progress = silent
) -> None:
    """One row per record with its own columns, those of one person one after the other."""
    people = linkage.people

    def rows() -> Iterator[Sequence[str]]:
        for record, person in zip(
            clusters.records.tolist(), clusters.person_of[clusters.records].tolist(), strict=True
        ):
            name, size = plain(clusters.names[person]), str(clusters.sizes[person])
            yield name, size, list_of(people, record), plain(people.ids[record]), *map(plain, own.values(record))

    _write(file, (*CLUSTERS, *map(plain, own.titles(CLUSTERS))), rows(), len(people), progress, "clusters.csv")


def one_line(linkage: Linkage, pair: int, explanation: Explanation) -> str:
    """An explanation without values: `name: same +9.1; birth: slip +7.0; = 16.1 bits`, and what else decided the
    pair."""
    steps = [f"{line.field}: {line.level} {line.weight:+.1f}" for line in explanation.lines if line.weight]
    if explanation.rule:
        steps.append(f"rule: {explanation.rule}")
    if contradiction := linkage.contradictions.get(pair):
        left, right = (record_name(linkage.people, record) for record in (contradiction.left, contradiction.right))
        steps.append(f"not linked: would join {left} and {right}, which contradict each other ({contradiction.reason})")
    if pair in linkage.decided:
        steps.append(f"decided by a person: {'same' if linkage.decided[pair] else 'different'}")
    return "; ".join([*steps, f"= {explanation.weight:.1f} bits"])


def plain(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe is put before one that begins like one.

    After OWASP, CSV injection. To get the text back, drop one apostrophe where `'`, maybe several, and then one of
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
        if done % _ROWS_PER_PROGRESS == 0:
            progress(what, done, total)
    progress(what, total, total)


def _text(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", errors="backslashreplace", newline="")


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """The path of a file to write, which replaces the old file only when it is complete."""
    part = path.with_name(f"{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
