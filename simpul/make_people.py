"""`simpul make-people`: write a labelled test population, to try the linkage on."""

from pathlib import Path

import click

from deploy.population.people import Population, population, two_lists
from deploy.population.rates import LEVELS, Level
from deploy.population.writing import FORMATS, Format, write
from simpul.progress import bars


@click.command("make-people")
@click.argument("count", metavar="N", type=click.IntRange(1, 5_000_000))
@click.option("--errors", type=click.Choice(LEVELS), default="medium", show_default=True, help="How dirty.")
@click.option("--seed", default=1, show_default=True, help="Another seed, other people.")
@click.option("--lists", type=click.IntRange(1, 2), default=1, show_default=True, help="Two: N records in each.")
@click.option("--clean", is_flag=True, help="With two lists: nobody is twice in one of them.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="csv", show_default=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="[default: people-N-ERRORS-SEED.csv]")
def make_people(count: int, errors: Level, seed: int, lists: int, clean: bool, form: Format, out: Path | None) -> None:
    """Write N records of constructed people, with errors, households, twins and namesakes.

    The column `person` says whose record it is. What is made and how often: docs/populations.md.
    """
    if clean and lists == 1:
        raise click.UsageError("--clean is for --lists 2: one list without duplicates has nothing to find.")
    path = out or Path(f"people-{count}-{errors}-{seed}.{form}")
    with bars() as progress:
        if lists == 1:
            _write(path, form, population(count, errors, seed, progress))
            return
        both = two_lists(count, errors, seed, clean=clean, progress=progress)
    for letter, made in zip("ab", both, strict=True):
        _write(path.with_name(f"{path.stem}-{letter}{path.suffix}"), form, made)


def _write(path: Path, form: Format, made: Population) -> None:
    write(path, form, made.header, made.rows, made.truth)
    click.echo(f"{path}: {len(made.rows)} records of {len(set(made.truth))} persons.")
