"""Where operators find the processes: on this machine at its ports, or where SIMPUL_URLS says."""

import os

from deploy.local import ports
from deploy.local.errors import CannotProceed
from deploy.local.service import OPERATIONS, SERVICE_OF

VARIABLE = "SIMPUL_URLS"
"""Environment variable: `registry=http://registry:8000,gateway-api=http://…`, for processes that run elsewhere."""


def addresses() -> dict[str, str]:
    """Base address of every process; of the api the one for operators. Raises CannotProceed for a wrong setting."""
    fixed = ports.fixed()
    local = {process: f"http://{ports.HOST}:{fixed[process]}" for process in SERVICE_OF}
    return local | {"gateway-api": f"http://{ports.HOST}:{fixed[OPERATIONS]}"} | _configured()


def _configured() -> dict[str, str]:
    pairs = [pair.partition("=") for pair in os.environ.get(VARIABLE, "").split(",") if pair.strip()]
    configured = {process.strip(): url.strip().rstrip("/") for process, _, url in pairs}
    for process, url in configured.items():
        if process not in SERVICE_OF or not url.startswith("http"):
            raise CannotProceed(
                f"{VARIABLE} has {process}={url}: it takes PROCESS=http://… of {', '.join(SERVICE_OF)}."
            )
    return configured
