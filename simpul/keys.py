"""`simpul keys`: make the key rings of an installation, and rotate what may be rotated."""

from pathlib import Path
from typing import Literal

import click

FOLDER = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))


@click.group()
def keys() -> None:
    """Key rings: one file per process, the operators', and the local token issuer's key."""


@keys.command("init")
@FOLDER
def init(folder: Path) -> None:
    """Make the rings of a new installation in FOLDER; those that are there stay as they are."""
    from deploy.local.keys import ensure

    click.echo(
        f"Key rings in {ensure(folder)}. Copy each to its own process alone, and back them up apart from the data."
    )


@keys.command("rotate")
@click.argument("name")
@FOLDER
@click.option(
    "--step",
    type=click.Choice(["add", "use", "drop"]),
    help="One step alone, where the rings have to be handed out in between; without it all, with their pauses.",
)
def rotate(name: str, folder: Path, step: Literal["add", "use", "drop"] | None) -> None:
    """Give key NAME (sealing-SERVICE, reply-to, parking, principal-…) a new version in FOLDER; nothing is restarted.

    Every process reads its ring anew within five seconds. What was sealed under old versions is still opened; what was
    signed with them is not, once the rotation is over.
    """
    from deploy.local import rotation

    if step:
        click.echo(f"{name}: step `{step}` done, newest version {rotation.step(step, name, folder)}.")
    else:
        click.echo(f"Rotating {name}: about {rotation.seconds(name):.0f} seconds ...")
        click.echo(f"{name} is at version {rotation.rotate(name, folder)}.")
