"""Every environment variable of the indicators service."""

from chassis import settings


class Settings(settings.Settings):
    """Nothing beyond what every process has."""

    mongo_database: str = "indicators"
    instance: str = "indicators-0"
