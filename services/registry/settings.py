"""Every environment variable of the registry."""

from chassis import settings


class Settings(settings.Settings):
    """Nothing beyond what every process has."""

    mongo_database: str = "registry"
    instance: str = "registry-0"
