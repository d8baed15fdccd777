"""`simpul link`: find the records that are one person, in a list or between two."""

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from deploy.local.errors import CannotProceed
from deploy.local.progress import Progress
from simpul.progress import bars

if TYPE_CHECKING:
    from collections.abc import Sequence

    from linkage.lists.column_detection import Guess
    from linkage.lists.load import Understood
    from linkage.lists.truth import Evaluation, Truth
    from linkage.result import Linkage

EXIT_CODES = "Exit codes: 0 done; 1 lists, mapping, model or truth cannot be used (the message says why); 2 usage."

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)
_SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)
_FORMAT = click.Choice(("csv", "xlsx", "jsonl", "parquet"))
_READING = ("format", "encoding", "sheet", "ragged", "header", "quotes")
_SETTINGS = ("false_links", "missed_links", "one_to_one", "seed")


@click.command(epilog=EXIT_CODES)
@click.argument("lists", nargs=-1, required=True, type=_FILE, metavar="A [B]")
@click.option("--config", type=_FILE, help="Which column is what (mapping.toml). Without it: guessed, shown and saved.")
@click.option("--out", type=_FOLDER, help="Folder to write.  [default: A-linked, beside A]")
@click.option("--force", is_flag=True, help="Write though the folder holds other files, or an edited mapping.")
@click.option("--truth", metavar="COLUMN", help="Column of the true entity: measured against, never used.")
@click.option("--truth-pairs", type=_FILE, help="File of true pairs, two columns of ids: measured against, never used.")
@click.option("--learn-from-truth", is_flag=True, help="Learn the weights from the truth after all.")
@click.option("--model", type=_FILE, help="Use the weights of an earlier run: its model.json.")
@click.option(
    "--for-registry",
    type=click.IntRange(1),
    metavar="PERSONS",
    help="Fit model.json for a registry of so many persons.",
)
@click.option("--one-to-one/--no-one-to-one", default=None, help="Nobody is twice in one list.  [default: found out]")
@click.option("--false-links", type=_SHARE, default=0.03, show_default=True, help="Share of wrong links accepted.")
@click.option("--missed-links", type=_SHARE, default=0.02, show_default=True, help="Share of missed matches accepted.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the samples that weights are learnt from.")
@click.option("--format", type=_FORMAT, help="[default: by the ending of the file]")
@click.option("--encoding", help="Of text.  [default: by the byte order mark, else UTF-8]")
@click.option("--sheet", help="Of a spreadsheet.  [default: the first]")
@click.option("--ragged", type=click.Choice(("error", "skip")), default="error", show_default=True, help="Uneven rows.")
@click.option("--header/--no-header", default=True, help="The first row names the columns.  [default: it does]")
@click.option("--quotes/--no-quotes", default=True, help="Cells of text may stand in quotes.  [default: they may]")
def link(
    lists: tuple[Path, ...],
    config: Path | None,
    out: Path | None,
    force: bool,
    truth: str | None,
    truth_pairs: Path | None,
    learn_from_truth: bool,
    model: Path | None,
    for_registry: int | None,
    **chosen: Any,
) -> None:
    """Find the records that are one person: inside list A, or between lists A and B.

    Lists are CSV, TSV, XLSX, JSON Lines or Parquet with any header names. Writes pairs.csv, clusters.csv, report.html,
    model.json and mapping.toml. How to use it, step by step: docs/link.md.
    """
    _check_usage(len(lists), chosen["one_to_one"], (truth, truth_pairs), learn_from_truth, model)
    from linkage.lists import output_folder as files
    from linkage.lists.formats import How
    from linkage.lists.load import known_truth, understand
    from linkage.lists.table import Unusable
    from linkage.model.model_file import UnreadableModel
    from linkage.model.registry_fit import fit_for_registry
    from linkage.pipeline import NothingToCompare, Settings

    folder = out or lists[0].with_name(f"{lists[0].stem}-linked")
    started = monotonic()
    try:
        files.refuse_foreign(folder, force=force)
        how = How(**{name: chosen[name] for name in _READING})
        with bars() as progress:
            understood = understand(lists, config=config, truth=truth, how=how, progress=progress)
        known = known_truth(understood, column=truth, pairs=truth_pairs)
        _show(understood)
        files.keep_mapping(folder, understood.mapping, force=force)
        settings = Settings(**{name: chosen[name] for name in _SETTINGS})
        with bars() as progress:
            linkage, evaluation = _linked(understood, settings, model, known, learn_from_truth, progress)
            linkage = replace(linkage, model=fit_for_registry(linkage, for_registry)) if for_registry else linkage
            _write(linkage, evaluation, folder, understood.mapping, monotonic() - started, progress)
    except (Unusable, NothingToCompare, UnreadableModel, OSError) as wrong:
        raise CannotProceed(str(wrong)) from None
    files.keep_evaluation(folder, evaluation)
    _conclude(linkage, evaluation, folder)


def _check_usage(
    lists: int,
    one_to_one: bool | None,
    truths: tuple[str | None, Path | None],
    learning: bool,
    model: Path | None,
) -> None:
    if lists > 2:
        raise click.UsageError("One list, or two.")
    if one_to_one is not None and lists == 1:
        raise click.UsageError("--one-to-one is for two lists: in one list it would leave nothing to find.")
    if all(truths):
        raise click.UsageError("--truth or --truth-pairs, not both.")
    if learning and not any(truths):
        raise click.UsageError("--learn-from-truth needs --truth or --truth-pairs.")
    if learning and model:
        raise click.UsageError("--model brings weights, --learn-from-truth learns them: choose one.")


def _linked(
    understood: "Understood",
    settings: Any,
    model: Path | None,
    known: "Truth | None",
    learning: bool,
    progress: Progress,
) -> "tuple[Linkage, Evaluation | None]":
    from linkage.lists.truth import compared, evaluate
    from linkage.model.model_file import read
    from linkage.pipeline import link as link_people

    linkage = link_people(
        understood.people,
        settings=settings,
        model=read(model) if model else None,
        labels=(known.left, known.right) if known and learning else None,
        progress=progress,
    )
    return linkage, evaluate(linkage, known, compared(linkage, settings.budget)) if known else None


def _write(
    linkage: "Linkage",
    evaluation: "Evaluation | None",
    folder: Path,
    mapping: str,
    seconds: float,
    progress: Progress,
) -> None:
    from linkage.lists.result_files import write_all

    write_all(
        linkage,
        folder,
        command=shlex.join(["simpul", *sys.argv[1:]]),
        evaluation=evaluation,
        mapping_text=mapping,
        seconds=seconds,
        progress=progress,
    )


def _show(understood: "Understood") -> None:
    """What the columns are taken for, and what is remarkable about the lists."""
    for table, guesses in zip(understood.tables, understood.guesses, strict=False):
        click.echo(f"{table.name}: {len(table):,} records. Columns are taken for:")
        _show_guesses(guesses)
    for remark in understood.remarks:
        click.echo(f"Note: {remark}")


def _show_guesses(guesses: "Sequence[Guess]") -> None:
    rows = [("COLUMN", "ROLE", "WHY", "LOOKS LIKE")]
    for one in guesses:
        role = {"nothing": "-", "truth": "(truth)"}.get(one.meaning, one.meaning)
        rows.append((one.header, f"{role} {one.order or ''}".strip(), one.why, "  ".join(one.examples)))
    widths = [min(40, max(len(row[n]) for row in rows)) for n in range(3)]
    for row in rows:
        click.echo("  " + "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]))


def _conclude(linkage: "Linkage", evaluation: "Evaluation | None", folder: Path) -> None:
    from linkage.result import DECISIONS

    counts = {name: int((linkage.pairs.decision == n).sum()) for n, name in enumerate(DECISIONS)}
    for warning in linkage.warnings:
        click.echo(f"Note: {warning.kind}")
    click.echo(
        f"{len(linkage.people):,} records, {len(set(linkage.clusters.tolist())):,} persons: "
        f"{counts['link']:,} pairs linked, {counts['review']:,} to be reviewed by a person."
    )
    if evaluation is not None:
        _show_evaluation(evaluation)
    click.echo(f"Written to {folder}: open {folder / 'report.html'} first.")


def _show_evaluation(found: "Evaluation") -> None:
    click.echo("Against the truth:")
    for name, value in (
        ("precision", f"{found.precision:.4f}  {found.wrong:,} of the linked pairs are wrong"),
        ("recall", f"{found.recall:.4f}  {found.missed:,} of {found.true_pairs:,} true pairs are not linked"),
        ("F1", f"{found.f1:.4f}"),
        ("blocking", f"{found.blocking_recall:.4f}  of the true pairs were compared at all"),
        ("review", f"{found.review_share:.4f}  of the records are in a pair to be reviewed"),
    ):
        click.echo(f"  {name:<10} {value}")
