"""`simpul keys`: make the key rings of an installation, and rotate what may be rotated."""

from pathlib import Path

import click

FOLDER = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))


@click.group()
def keys() -> None:
    """Key rings: one file per service, and the local token issuer's key."""


@keys.command("init")
@FOLDER
def init(folder: Path) -> None:
    """Make the rings of a new installation in FOLDER; those that are there stay as they are."""
    from deploy.local.keys import ensure

    click.echo(
        f"Key rings in {ensure(folder)}. Copy each to its own service alone, and back them up apart from the data."
    )


@keys.command("rotate")
@click.argument("name")
@FOLDER
def rotate(name: str, folder: Path) -> None:
    """Give key NAME (sealing-SERVICE, reply-to, parking, principal) a new version in FOLDER and make it current.

    Old versions stay in the rings, for what was sealed under them.
    """
    from deploy.local.rotation import rotate as rotate_in

    done = rotate_in(name, folder)
    click.echo(f"{name} is at version {done.version}. Restart in this order: {', '.join(done.restart)}.")
