"""Every environment variable of the alerts process."""

from pydantic import Field

from chassis import settings
from services.notifications.alerts.domain.naming import PER_HOUR


class Settings(settings.Settings):
    """How often an organisation may name somebody by a reason alone."""

    mongo_database: str = "alerts"
    instance: str = "alerts-0"
    emergency_per_hour: int = Field(
        PER_HOUR, ge=1, description="Persons whom no agreement covers that one organisation may name in an hour."
    )
