"""The ahead-of-time cache that more than halves Kafka's start: made once per user by one clean start and stop."""

import shutil
import tempfile
from pathlib import Path

from deploy.local import java, ports
from deploy.local.errors import CannotProceed
from deploy.local.kafka import Kafka
from deploy.local.progress import Progress, silent

WHAT = "preparing Kafka's fast start"


async def make(progress: Progress = silent) -> None:
    """Make the cache if it is not there. Kafka runs without it too, only starts later: what fails here is let be."""
    path = java.aot_cache(java.kafka_class_path(progress))
    if path.exists():
        return
    progress(WHAT, 0, 1)
    with tempfile.TemporaryDirectory(prefix=".aot-", dir=path.parent) as scratch:
        trained = Path(scratch) / path.name
        port, controller_port = ports.free(2)
        kafka = Kafka(Path(scratch), port, controller_port, flags=[f"-XX:AOTCacheOutput={trained}"])
        try:
            await kafka.start()
            await kafka.stop()
        except CannotProceed:
            return
        if trained.exists():
            shutil.move(trained, path)
    progress(WHAT, 1, 1)
