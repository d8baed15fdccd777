"""One run of `simpul link`: read the lists, link their records, write the folder of results, and say what was found."""

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import click

from deploy.local.progress import Progress
from linkage.lists import output_folder
from linkage.lists.column_detection import DetectedColumn
from linkage.lists.decisions import read_decisions
from linkage.lists.evaluation import Evaluation, candidates_of, evaluate
from linkage.lists.formats import ReadOptions
from linkage.lists.load import LoadedLists, load_lists, load_truth
from linkage.lists.own_columns import OwnColumns
from linkage.lists.report.technical import Run
from linkage.lists.report.texts import Texts
from linkage.lists.result_files import Results, write_all
from linkage.lists.review_file import NAME as REVIEW
from linkage.lists.truth import Truth
from linkage.model.model_file import read
from linkage.model.registry_fit import fit_for_registry
from linkage.pipeline import Settings
from linkage.pipeline import link as link_people
from linkage.result import DecidedPairs, Linkage
from simpul.progress import bars

_READING = ("format", "encoding", "sheet", "ragged", "header", "quotes")
_SETTINGS = ("false_links", "missed_links", "one_to_one", "seed")


@dataclass(frozen=True, slots=True)
class LinkOptions:
    """What was chosen on the command line, under the names of its options."""

    reading: ReadOptions
    settings: Settings
    config: Path | None
    decisions: Path | None
    out: Path | None
    force: bool
    language: str | None
    truth: str | None
    truth_pairs: Path | None
    learn_from_truth: bool
    model: Path | None
    for_registry: int | None

    @classmethod
    def of(cls, chosen: Mapping[str, Any]) -> "LinkOptions":
        """From the options by name."""
        reading = ReadOptions(**{name: chosen[name] for name in _READING})
        settings = Settings(**{name: chosen[name] for name in _SETTINGS})
        others = {name: value for name, value in chosen.items() if name not in _READING + _SETTINGS}
        return cls(reading, settings, **others)


def link_lists(lists: tuple[Path, ...], options: LinkOptions) -> None:
    """Raises Unusable, NothingToCompare, UnreadableModel or OSError, each with a message for whoever runs it."""
    folder = options.out or lists[0].with_name(f"{lists[0].stem}-linked")
    started = monotonic()
    output_folder.refuse_to_overwrite(folder, decisions=options.decisions, force=options.force)
    with bars() as progress:
        loaded = load_lists(
            lists, config=options.config, truth=options.truth, options=options.reading, progress=progress
        )
    truth = load_truth(loaded, column=options.truth, pairs=options.truth_pairs)
    decided = _decided(options.decisions, loaded)
    _show_columns(loaded)
    output_folder.keep_mapping(folder, loaded.mapping, force=options.force)
    texts = _texts(options.language, loaded)
    with bars() as progress:
        linkage = _link(loaded, options, truth, decided, progress)
        evaluation = evaluate(linkage, truth, candidates_of(linkage, options.settings.budget)) if truth else None
        if options.for_registry:
            linkage = replace(linkage, model=fit_for_registry(linkage, options.for_registry))
        _write(linkage, evaluation, folder, loaded, texts, monotonic() - started, progress)
    output_folder.keep_evaluation(folder, evaluation)
    _conclude(linkage, evaluation, folder)


def _link(
    loaded: LoadedLists, options: LinkOptions, truth: Truth | None, decided: DecidedPairs | None, progress: Progress
) -> Linkage:
    return link_people(
        loaded.people,
        settings=options.settings,
        model=read(options.model) if options.model else None,
        labels=(truth.left, truth.right) if truth and options.learn_from_truth else None,
        decided=decided,
        progress=progress,
    )


def _decided(file: Path | None, loaded: LoadedLists) -> DecidedPairs | None:
    if file is None:
        return None
    decisions = read_decisions(file, loaded)
    same = int(decisions.pairs.same.sum())
    click.echo(f"{file}: {len(decisions.pairs.same):,} pairs decided, {same:,} of them one person.")
    for remark in decisions.remarks:
        click.echo(f"Note: {remark}")
    return decisions.pairs


def _texts(language: str | None, loaded: LoadedLists) -> Texts:
    """The language that is named, else Indonesian where the headers of the list or the environment are."""
    environment = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    indonesian = loaded.is_indonesian or environment.lower().startswith(("id_", "id.", "in_"))
    return Texts("id" if language == "id" or (language is None and indonesian) else "en")


def _write(
    linkage: Linkage,
    evaluation: Evaluation | None,
    folder: Path,
    loaded: LoadedLists,
    texts: Texts,
    seconds: float,
    progress: Progress,
) -> None:
    run = Run(
        command=shlex.join(["simpul", *sys.argv[1:]]),
        at=datetime.now(UTC).astimezone(),
        seconds=seconds,
        evaluation=evaluation,
        mapping=loaded.mapping,
        review=shlex.quote(str(folder / REVIEW)),
    )
    write_all(Results(linkage, run, OwnColumns(loaded.tables, loaded.mappings), texts), folder, progress)


def _show_columns(loaded: LoadedLists) -> None:
    """What the columns are taken for, and what is remarkable about the lists."""
    for table, columns in zip(loaded.tables, loaded.detected, strict=False):
        click.echo(f"{table.name}: {len(table):,} records. Columns are taken for:")
        _show_table(columns)
    for remark in loaded.remarks:
        click.echo(f"Note: {remark}")


def _show_table(columns: Sequence[DetectedColumn]) -> None:
    rows = [("COLUMN", "ROLE", "WHY", "LOOKS LIKE")]
    for column in columns:
        role = {"nothing": "-", "truth": "(truth)"}.get(column.meaning, column.meaning)
        rows.append((column.header, f"{role} {column.order or ''}".strip(), column.why, "  ".join(column.examples)))
    widths = [min(40, max(len(row[n]) for row in rows)) for n in range(3)]
    for row in rows:
        click.echo("  " + "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]))


def _conclude(linkage: Linkage, evaluation: Evaluation | None, folder: Path) -> None:
    linked, review = (int(linkage.pairs.decided(decision).sum()) for decision in ("link", "review"))
    texts = Texts("en")
    for warning in linkage.warnings:
        if not warning.key:
            click.echo(f"Note: {texts.warning(warning)}")
    click.echo(
        f"{len(linkage.people):,} records, {len(set(linkage.clusters.tolist())):,} persons: "
        f"{linked:,} pairs linked, {review:,} to be decided by a person."
    )
    if evaluation is not None:
        _show_evaluation(evaluation)
    click.echo(f"Written to {folder}: open {folder / 'report.html'} first.")
    if review:
        click.echo(f"Decide the pairs in {folder / REVIEW}, then run again with --decisions {folder / REVIEW}.")


def _show_evaluation(evaluation: Evaluation) -> None:
    click.echo("Against the truth:")
    for name, value in (
        ("precision", f"{evaluation.precision:.4f}  {evaluation.wrong:,} of the linked pairs are wrong"),
        (
            "recall",
            f"{evaluation.recall:.4f}  {evaluation.missed:,} of {evaluation.true_pairs:,} true pairs are missed",
        ),
        ("F1", f"{evaluation.f1:.4f}"),
        ("blocking", f"{evaluation.blocking_recall:.4f}  of the true pairs were compared at all"),
        ("review", f"{evaluation.review_share:.4f}  of the records are in a pair to be decided"),
    ):
        click.echo(f"  {name:<10} {value}")
