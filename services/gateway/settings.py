"""Every environment variable of the gateway's two processes."""

from pydantic import Field

from chassis import settings


class Settings(settings.Settings):
    """Where the services answer reads, and who issues bearer tokens.

    INSTANCE has no default: two processes read these settings, and must not go by one name.
    """

    mongo_database: str = "gateway"
    registry_url: str = Field("http://127.0.0.1:8001", description="Base address of the registry.")
    indicators_url: str = Field("http://127.0.0.1:8002", description="Base address of the indicators service.")
    alerts_url: str = Field("http://127.0.0.1:8003", description="Base address of the alerts process.")
    token_issuer: str = Field("https://simpul.local", description="Issuer (iss) of the bearer tokens taken.")
    token_audience: str = Field("simpul", description="Audience (aud) that they must name.")
    token_jwks: str = Field("keys/jwks.json", description="Address or file of the issuer's public keys (JWKS).")

    @property
    def services(self) -> dict[str, str]:
        """Base address by service."""
        return {
            "registry": self.registry_url,
            "indicators": self.indicators_url,
            "alerts": self.alerts_url,
        }
