"""TLS of commands and of what starts processes: the files that the environment names, as for every process."""

from pydantic import ValidationError

from chassis.settings import TlsSettings, problems_of
from deploy.local.errors import CannotProceed


def tls_settings() -> TlsSettings:
    """Raises CannotProceed for a file that cannot be read or is something else."""
    try:
        return TlsSettings()
    except ValidationError as invalid:
        raise CannotProceed("; ".join(problems_of(invalid)) + ".") from None
