"""`simpul link`: find the records that are of one person, in one list or between two."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from deploy.local.errors import CannotProceed

EXIT_CODES = (
    "Exit codes: 0 done; 1 lists, mapping, decisions, model or truth cannot be used (the message says why); 2 usage."
)

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)
_SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)
_FORMAT = click.Choice(("csv", "xlsx", "jsonl", "parquet"))
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
def link(lists: tuple[Path, ...], **chosen: Any) -> None:
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
    _check_usage(len(lists), chosen)
    from linkage.lists.table import Unusable
    from linkage.model.model_file import UnreadableModel
    from linkage.pipeline import NothingToCompare
    from simpul.link_run import LinkOptions, link_lists

    try:
        link_lists(lists, LinkOptions.of(chosen))
    except (Unusable, NothingToCompare, UnreadableModel, OSError) as wrong:
        raise CannotProceed(str(wrong)) from None


def _check_usage(lists: int, chosen: Mapping[str, Any]) -> None:
    truths, learning = (chosen["truth"], chosen["truth_pairs"]), chosen["learn_from_truth"]
    if lists > 2:
        raise click.UsageError("One list, or two.")
    if chosen["one_to_one"] is not None and lists == 1:
        raise click.UsageError("--one-to-one is for two lists: in one list it would leave nothing to find.")
    if all(truths):
        raise click.UsageError("--truth or --truth-pairs, not both.")
    if learning and not any(truths):
        raise click.UsageError("--learn-from-truth needs --truth or --truth-pairs.")
    if learning and chosen["model"]:
        raise click.UsageError("--model brings weights, --learn-from-truth learns them: choose one.")
