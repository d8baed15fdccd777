"""Every environment variable of the registry."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from chassis import settings


class Settings(settings.Settings):
    """Beside what every process has: how it recognises persons whom no identifier leads to."""

    mongo_database: str = "registry"
    instance: str = "registry-0"
    matching: Literal["on", "off"] = Field("on", description="off: only identifiers tell who somebody is.")
    matching_model: Path | None = Field(
        None, description="Made by `simpul link --for-registry`; without it, learned from a constructed population."
    )
