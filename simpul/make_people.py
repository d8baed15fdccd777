"""`simpul make-people`: write a labelled test population, to try the linkage on."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from deploy.local.errors import CannotProceed
from simpul.progress import bars
from simulation.population import locales
from simulation.population.generate import population, two_lists
from simulation.population.list_files import FORMATS, Format, write
from simulation.population.rates import LEVELS, Level

_HOME = "id"

File = tuple[Sequence[str], Iterable[Sequence[str]]]


@click.command("make-people")
@click.argument("count", metavar="N", type=click.IntRange(1, 2_000_000))
@click.option("--errors", type=click.Choice(LEVELS), help="How dirty.  [default: medium]")
@click.option("--seed", default=1, show_default=True, help="Another seed, other people.")
@click.option("--lists", type=click.Choice(("1", "2")), help="One list, or two of N records each.  [default: 1]")
@click.option("--clean", is_flag=True, help="With two lists: nobody is twice in one of them.")
@click.option("--locale", type=click.Choice((_HOME, *locales.CODES)), default=_HOME, show_default=True)
@click.option("--format", "form", type=click.Choice(FORMATS), default="csv", show_default=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="[default: people-N-ERRORS-SEED.csv]")
def make_people(
    count: int,
    errors: Level | None,
    seed: int,
    lists: str | None,
    clean: bool,
    locale: str,
    form: Format,
    out: Path | None,
) -> None:
    """Write N records of constructed people, with errors, households, twins and namesakes.

    The column `person` says whose record it is. What is made and how often: docs/populations.md.
    """
    if locale == _HOME:
        files = _indonesian(count, errors or "medium", seed, two=lists == "2", clean=clean)
    elif errors or lists or clean:
        raise click.UsageError(
            "--errors, --lists and --clean are for the locale id: the others have rates of their own."
        )
    else:
        files = [(table.header, table.rows) for table in locales.make(locale, count, seed)]
    kind = errors or ("medium" if locale == _HOME else locale)
    path = out or Path(f"people-{count}-{kind}-{seed}.{form}")
    for letter, file in zip(("-a", "-b") if len(files) > 1 else ("",), files, strict=True):
        name = path.with_name(f"{path.stem}{letter}{path.suffix}")
        try:
            write(name, form, *file)
        except OSError as failed:
            raise CannotProceed(f"{name} cannot be written: {failed.strerror}.") from failed
        click.echo(name)


def _indonesian(count: int, errors: Level, seed: int, *, two: bool, clean: bool) -> list[File]:
    if clean and not two:
        raise click.UsageError("--clean is for --lists 2: one list in which nobody is twice has nothing to find.")
    with bars() as progress:
        if two:
            return [made.labelled() for made in two_lists(count, errors, seed, clean=clean, progress=progress)]
        return [population(count, errors, seed, progress).labelled()]
