"""Every environment variable of the registry."""

from chassis import settings


class Settings(settings.Settings):
    """Those that every process has."""

    mongo_database: str = "registry"
    port: int = 8001
