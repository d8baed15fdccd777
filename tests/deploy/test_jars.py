"""Fetching jars: only whole, only with the locked hash, and one clear line when it cannot be."""

import gc
import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.local import ports
from deploy.local.errors import CannotProceed
from deploy.local.jars import MIRROR, Jar, fetch, locked

CONTENT = b"a jar, as far as anybody can tell"
GOOD = Jar("org.example", "thing", "1.0", "", hashlib.sha256(CONTENT).hexdigest())
ALTERED = Jar("org.example", "thing", "1.0", "", "0" * 64)
MISSING = Jar("org.example", "nowhere", "1.0", "", "0" * 64)
CUT_SHORT = Jar("org.example", "cut", "1.0", "", hashlib.sha256(CONTENT).hexdigest())


class Repository(BaseHTTPRequestHandler):
    """A Maven repository that has `thing`, and breaks off in the middle of `cut`."""

    def do_GET(self) -> None:
        name = self.path.rsplit("/", 1)[-1]
        content = {"thing-1.0.jar": CONTENT, "cut-1.0.jar": CONTENT[:5]}.get(name)
        self.send_response(200 if content else 404)
        self.send_header("Content-Length", str(len(CONTENT) if content else 0))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with ThreadingHTTPServer((ports.HOST, 0), Repository) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv(MIRROR, f"http://{ports.HOST}:{server.server_port}")
        yield
        server.shutdown()
        gc.collect()


def test_the_lock_names_every_jar_once_with_its_hash() -> None:
    jars = locked("kafka") + locked("zipkin")
    assert len({jar.file for jar in jars}) == len(jars)
    assert all(len(jar.sha256) == 64 for jar in jars)
    assert {"kafka_2.13-4.3.1.jar", "log4j-slf4j-impl-2.25.4.jar", "zipkin-server-3.6.1-exec.jar"} <= {
        jar.file for jar in jars
    }


@pytest.mark.usefixtures("repository")
def test_a_jar_is_fetched_and_a_damaged_one_is_fetched_again(tmp_path: Path) -> None:
    (path,) = fetch([GOOD], tmp_path)
    path.write_bytes(b"damaged")
    assert fetch([GOOD], tmp_path) == [path]
    assert path.read_bytes() == CONTENT


# jgo leaves its connection open when a download breaks off.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("jar", "says"), [(ALTERED, "altered"), (MISSING, "does not have"), (CUT_SHORT, "stopped halfway")]
)
def test_nothing_is_kept_of_what_is_not_the_locked_jar(jar: Jar, says: str, tmp_path: Path) -> None:
    with pytest.raises(CannotProceed, match=says):
        fetch([jar], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_a_network_one_line_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (nobody,) = ports.free(1)
    monkeypatch.setenv(MIRROR, f"http://{ports.HOST}:{nobody}")
    with pytest.raises(CannotProceed, match=r"check the network.*simpul fetch"):
        fetch([GOOD], tmp_path)
