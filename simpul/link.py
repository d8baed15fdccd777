"""`simpul link`: find the records that are of one person, in one list or between two."""

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from deploy.local.errors import CannotProceed
from deploy.local.progress import Progress
from simpul.progress import bars

if TYPE_CHECKING:
    from linkage.lists.column_detection import DetectedColumn
    from linkage.lists.evaluation import Evaluation
    from linkage.lists.load import LoadedLists
    from linkage.lists.report.texts import Texts
    from linkage.lists.truth import Truth
    from linkage.result import DecidedPairs, Linkage

EXIT_CODES = (
    "Exit codes: 0 done; 1 lists, mapping, decisions, model or truth cannot be used (the message says why); 2 usage."
)

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)
_SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)
_FORMAT = click.Choice(("csv", "xlsx", "jsonl", "parquet"))
_READING = ("format", "encoding", "sheet", "ragged", "header", "quotes")
_SETTINGS = ("false_links", "missed_links", "one_to_one", "seed")
_GROUPS: Mapping[str, Sequence[str]] = {
    "What you usually need": ("config", "decisions", "out", "force", "language"),
    "How sure a link must be": ("false_links", "missed_links", "one_to_one"),
    "How to read the lists": ("format", "encoding", "sheet", "ragged", "header", "quotes"),
    "If you know the truth": ("truth", "truth_pairs", "learn_from_truth"),
    "Weights of an earlier run, and for the registry": ("model", "for_registry", "seed"),
}


class _GroupedHelp(click.Command):
    """A command whose help lists its options in groups."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [parameter for parameter in self.get_params(ctx) if isinstance(parameter, click.Option)]
        records = {str(option.name): record for option in options if (record := option.get_help_record(ctx))}
        grouped = {name for names in _GROUPS.values() for name in names}
        others = [name for name in records if name not in grouped]
        for title, names in (*_GROUPS.items(), ("Other", others)):
            with formatter.section(title):
                formatter.write_dl([records[name] for name in names])


@click.command(cls=_GroupedHelp, epilog=EXIT_CODES)
@click.argument("lists", nargs=-1, required=True, type=_FILE, metavar="A [B]")
@click.option("--config", type=_FILE, help="Which column is what (mapping.toml).  [default: detected, shown, saved]")
@click.option("--decisions", type=_FILE, help="Your answers about pairs: review.xlsx of an earlier run, filled in.")
@click.option("--out", type=_FOLDER, help="Folder to write.  [default: A-linked, beside A]")
@click.option("--force", is_flag=True, help="Overwrite other files, an edited mapping or answers in the folder.")
@click.option(
    "--language",
    type=click.Choice(("en", "id")),
    help="Of the report.  [default: that of list and LANG]",
)
@click.option(
    "--false-links",
    type=_SHARE,
    metavar="SHARE",
    default=0.03,
    show_default=True,
    help="Wrong ones among the links that you accept.",
)
@click.option(
    "--missed-links",
    type=_SHARE,
    metavar="SHARE",
    default=0.02,
    show_default=True,
    help="Matches left out that you accept.",
)
@click.option("--one-to-one/--no-one-to-one", default=None, help="Nobody is twice in one list.  [default: found out]")
@click.option("--format", type=_FORMAT, help="[default: by content and ending of the file]")
@click.option("--encoding", help="Of text, such as cp1252.  [default: UTF-8, or by its byte order mark]")
@click.option("--sheet", help="Of a spreadsheet.  [default: the first]")
@click.option("--ragged", type=click.Choice(("error", "skip")), default="error", show_default=True, help="Uneven rows.")
@click.option("--header/--no-header", default=True, help="The first row names the columns.  [default: it does]")
@click.option("--quotes/--no-quotes", default=True, help="Cells of text may stand in quotes.  [default: they may]")
@click.option("--truth", metavar="COLUMN", help="Column of the true person: measured against, never used.")
@click.option("--truth-pairs", type=_FILE, help="File of true pairs, two columns of ids: measured against, never used.")
@click.option("--learn-from-truth", is_flag=True, help="Learn the weights from the truth after all.")
@click.option("--model", type=_FILE, help="Use the weights of an earlier run: its model.json.")
@click.option(
    "--for-registry",
    type=click.IntRange(1),
    metavar="PERSONS",
    help="Fit model.json to a registry of so many persons.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the samples from which weights are learned.")
def link(
    lists: tuple[Path, ...],
    config: Path | None,
    decisions: Path | None,
    out: Path | None,
    force: bool,
    language: str | None,
    truth: str | None,
    truth_pairs: Path | None,
    learn_from_truth: bool,
    model: Path | None,
    for_registry: int | None,
    **chosen: Any,
) -> None:
    """Find the records that are of one person: twice in list A, or in both lists A and B.

    A list is a file with one person per row: CSV, TSV, XLSX (also XLS, ODS), JSON Lines or Parquet, with any header
    names in any order. Names, birth dates, numbers and addresses are recognised. Nothing leaves this computer.

    \b
    Examples:
      simpul link people.csv                  who is twice in the list
      simpul link office.xlsx agency.csv      who is in both lists
      simpul link people.csv --decisions people-linked/review.xlsx

    \b
    Written into the folder people-linked:
      report.html    read it first: what was found, and what to do next
      review.xlsx    pairs for you to decide, record under record
      clusters.csv   your list; rows with the same cluster are one person
      pairs.csv      every pair that was linked or came near, and why
      mapping.toml   what each column was taken for; correct it, pass it back
      model.json     the weights that were learned

    Step by step: docs/link.md.
    """
    _check_usage(len(lists), chosen["one_to_one"], (truth, truth_pairs), learn_from_truth, model)
    from linkage.lists import output_folder
    from linkage.lists.formats import ReadOptions
    from linkage.lists.load import load_lists, load_truth
    from linkage.lists.table import Unusable
    from linkage.model.model_file import UnreadableModel
    from linkage.model.registry_fit import fit_for_registry
    from linkage.pipeline import NothingToCompare, Settings

    folder = out or lists[0].with_name(f"{lists[0].stem}-linked")
    started = monotonic()
    try:
        output_folder.refuse_to_overwrite(folder, decisions=decisions, force=force)
        options = ReadOptions(**{name: chosen[name] for name in _READING})
        with bars() as progress:
            loaded = load_lists(lists, config=config, truth=truth, options=options, progress=progress)
        known_truth = load_truth(loaded, column=truth, pairs=truth_pairs)
        decided = _decided(decisions, loaded)
        _show_columns(loaded)
        output_folder.keep_mapping(folder, loaded.mapping, force=force)
        settings = Settings(**{name: chosen[name] for name in _SETTINGS})
        texts = _texts(language, loaded)
        with bars() as progress:
            linkage, evaluation = _link(loaded, settings, model, known_truth, learn_from_truth, decided, progress)
            linkage = replace(linkage, model=fit_for_registry(linkage, for_registry)) if for_registry else linkage
            _write(linkage, evaluation, folder, loaded, texts, monotonic() - started, progress)
    except (Unusable, NothingToCompare, UnreadableModel, OSError) as wrong:
        raise CannotProceed(str(wrong)) from None
    output_folder.keep_evaluation(folder, evaluation)
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


def _decided(file: Path | None, loaded: "LoadedLists") -> "DecidedPairs | None":
    if file is None:
        return None
    from linkage.lists.decisions import read_decisions

    decisions = read_decisions(file, loaded)
    same = int(decisions.pairs.same.sum())
    click.echo(f"{file}: {len(decisions.pairs.same):,} pairs decided, {same:,} of them one person.")
    for remark in decisions.remarks:
        click.echo(f"Note: {remark}")
    return decisions.pairs


def _texts(language: str | None, loaded: "LoadedLists") -> "Texts":
    """The language that is named, else Indonesian where the headers of the list or the environment are."""
    from linkage.lists.report.texts import Texts

    environment = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    indonesian = loaded.is_indonesian or environment.lower().startswith(("id_", "id.", "in_"))
    return Texts("id" if language == "id" or (language is None and indonesian) else "en")


def _link(
    loaded: "LoadedLists",
    settings: Any,
    model: Path | None,
    truth: "Truth | None",
    learning: bool,
    decided: "DecidedPairs | None",
    progress: Progress,
) -> "tuple[Linkage, Evaluation | None]":
    from linkage.lists.evaluation import candidates_of, evaluate
    from linkage.model.model_file import read
    from linkage.pipeline import link as link_people

    linkage = link_people(
        loaded.people,
        settings=settings,
        model=read(model) if model else None,
        labels=(truth.left, truth.right) if truth and learning else None,
        decided=decided,
        progress=progress,
    )
    return linkage, evaluate(linkage, truth, candidates_of(linkage, settings.budget)) if truth else None


def _write(
    linkage: "Linkage",
    evaluation: "Evaluation | None",
    folder: Path,
    loaded: "LoadedLists",
    texts: "Texts",
    seconds: float,
    progress: Progress,
) -> None:
    from linkage.lists.own_columns import OwnColumns
    from linkage.lists.report.technical import Run
    from linkage.lists.result_files import Results, write_all
    from linkage.lists.review_file import NAME as REVIEW

    run = Run(
        command=shlex.join(["simpul", *sys.argv[1:]]),
        at=datetime.now(UTC).astimezone(),
        seconds=seconds,
        evaluation=evaluation,
        mapping=loaded.mapping,
        review=shlex.quote(str(folder / REVIEW)),
    )
    write_all(Results(linkage, run, OwnColumns(loaded.tables, loaded.mappings), texts), folder, progress)


def _show_columns(loaded: "LoadedLists") -> None:
    """What the columns are taken for, and what is remarkable about the lists."""
    for table, columns in zip(loaded.tables, loaded.detected, strict=False):
        click.echo(f"{table.name}: {len(table):,} records. Columns are taken for:")
        _show_table(columns)
    for remark in loaded.remarks:
        click.echo(f"Note: {remark}")


def _show_table(columns: "Sequence[DetectedColumn]") -> None:
    rows = [("COLUMN", "ROLE", "WHY", "LOOKS LIKE")]
    for column in columns:
        role = {"nothing": "-", "truth": "(truth)"}.get(column.meaning, column.meaning)
        rows.append((column.header, f"{role} {column.order or ''}".strip(), column.why, "  ".join(column.examples)))
    widths = [min(40, max(len(row[n]) for row in rows)) for n in range(3)]
    for row in rows:
        click.echo("  " + "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]))


def _conclude(linkage: "Linkage", evaluation: "Evaluation | None", folder: Path) -> None:
    from linkage.lists.report.texts import Texts
    from linkage.lists.review_file import NAME as REVIEW

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


def _show_evaluation(evaluation: "Evaluation") -> None:
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
