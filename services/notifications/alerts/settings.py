"""Every environment variable of the alerts process."""

from chassis import settings


class Settings(settings.Settings):
    """Nothing beyond what every process has."""

    mongo_database: str = "alerts"
    instance: str = "alerts-0"
