"""Apache Kafka, Zipkin and Keycloak: fetched once by locked coordinates, checked by hash, kept in the user's cache."""

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import CannotProceed
from deploy.local.progress import Progress, silent

LOCK = Path(__file__).with_name("jars.lock")
MIRROR = "MAVEN_MIRROR"
"""Environment variable: the address of a mirror to ask instead of Maven's central repository."""


@dataclass(frozen=True)
class Jar:
    """One line of the lock file."""

    group: str
    artifact: str
    version: str
    classifier: str
    sha256: str
    packaging: str = "jar"

    @property
    def file(self) -> str:
        return "-".join(part for part in (self.artifact, self.version, self.classifier) if part) + f".{self.packaging}"


def cache() -> Path:
    """The folder that all checkouts of one user share; `XDG_CACHE_HOME` moves it."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "simpul"


def locked(section: str, lock: Path = LOCK) -> list[Jar]:
    """The jars of one section (`kafka`, `zipkin`, `keycloak`), in the order of the class path."""
    return [jar for name, jar in _lines(lock) if name == section]


def _lines(lock: Path) -> Iterator[tuple[str, Jar]]:
    section = ""
    for line in lock.read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            coordinates, sha256 = line.split()
            coordinates, _, packaging = coordinates.partition("@")
            group, artifact, version, *classifier = coordinates.split(":")
            yield section, Jar(group, artifact, version, "".join(classifier), sha256, packaging or "jar")


def fetch(jars: list[Jar], folder: Path, progress: Progress = silent) -> list[Path]:
    """Where the jars stand; those that are missing or damaged are downloaded first.

    A jar appears in `folder` only whole and with the right hash. Raises CannotProceed: network, hash or disk.
    """
    wanted = [jar for jar in jars if not _is_whole(folder / jar.file, jar)]
    if wanted:
        try:
            _download(wanted, folder, progress)
        except OSError as error:
            raise _explained(error) from error
    return [folder / jar.file for jar in jars]


def _is_whole(path: Path, jar: Jar) -> bool:
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == jar.sha256


def _download(jars: list[Jar], folder: Path, progress: Progress) -> None:
    what = f"fetching {len(jars)} jars" if len(jars) > 1 else f"fetching {jars[0].file}"
    progress(what, 0, len(jars))
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetching-") as scratch, ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(_download_one, jar, Path(scratch), folder) for jar in jars]
        try:
            for done, future in enumerate(as_completed(futures), start=1):
                future.result()
                progress(what, done, len(jars))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _download_one(jar: Jar, scratch: Path, folder: Path) -> None:
    try:
        from jgo.maven import MavenContext
    except ImportError as error:
        raise CannotProceed(
            "The local servers are not installed: `make install`, or set KAFKA_URL and MONGO_URL."
        ) from error
    mirror = os.environ.get(MIRROR)
    context = MavenContext(repo_cache=scratch, timeout=60, remote_repos={"mirror": mirror} if mirror else None)
    project = context.project(jar.group, jar.artifact)
    try:
        path = project.at_version(jar.version).artifact(jar.classifier, jar.packaging).resolve()
    except RuntimeError as error:
        raise CannotProceed(
            f"The Maven repository does not have {jar.file}, or something between us hides it."
        ) from error
    if not _is_whole(path, jar):
        raise CannotProceed(f"{jar.file} arrived altered (its hash is not the locked one): nothing of it is kept.")
    path.replace(folder / jar.file)


def _explained(error: OSError) -> CannotProceed:
    if error.errno == errno.ENOSPC:
        return CannotProceed(f"The disk is full: free some space under {cache()} and run `simpul fetch` again.")
    if error.errno in (errno.EACCES, errno.EROFS):
        return CannotProceed(f"Cannot write to {cache()}: set XDG_CACHE_HOME to a folder that you own.")
    return CannotProceed(
        "The Maven repository does not answer, or stopped halfway: check the network and its proxy, or name a mirror "
        f"in {MIRROR}, and run `simpul fetch` again."
    )
