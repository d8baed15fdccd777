"""What one machine needs and holds: fetch its servers, stop what runs."""

import asyncio
from pathlib import Path

import click

from simpul.progress import bars

DATA = Path(".simpul")


@click.command()
def fetch() -> None:
    """Fetch Apache Kafka into the user's cache and prepare its fast start."""
    from deploy.local import class_data_cache

    with bars() as progress:
        asyncio.run(class_data_cache.make(progress))


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=DATA, show_default=True)
def stop(folder: Path) -> None:
    """Stop what runs in a data folder, or what a killed run left there."""
    from deploy.local.data_folder import stop as stop_folder

    with bars() as progress:
        stopped = folder.exists() and stop_folder(folder, progress=progress)
    click.echo(f"Stopped what ran in {folder}." if stopped else f"Nothing runs in {folder}.")
