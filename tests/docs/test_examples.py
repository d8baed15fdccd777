"""The programs under examples/ send and receive with a partner's own login; those in Python are also in the guide."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from contracts.topics import Names
from deploy.local import java
from deploy.local.jars import LOCK
from services.gateway.domain.validation import read_envelope
from services.gateway.provisioning import partner_user, sync_partners
from tests.docs.test_partners import EXAMPLES, GUIDE
from tests.servers import KafkaServer

ROOT = Path(__file__).parents[2] / "examples"
PREFIXED = {
    "python": {'f"from.': 'f"{P}from.', 'f"to.': 'f"{P}to.', 'f"{SLUG}.example': 'f"{P}{SLUG}.example'},
    "node": {"`from.": "`{P}from.", "`to.": "`{P}to.", "`${slug}.example": "`{P}${slug}.example"},
    "go": {'"from."': '"{P}from."', '"to."': '"{P}to."', 'slug+".example"': '"{P}"+slug+".example"'},
    "java": {'"from."': '"{P}from."', '"to."': '"{P}to."', 'slug + ".example"': '"{P}" + slug + ".example"'},
}
"""How the names on the wire become those of a test, which are behind a prefix of its own."""
RECEIPTS = "exchange.receipts.reported.v1"
SECONDS = 280


@dataclass(frozen=True)
class Programs:
    """The two commands of one language, in a folder where what they need is installed."""

    folder: Path
    producer: list[str]
    consumer: list[str]


def prefixed(language: str, prefix: str, folder: Path) -> Path:
    copy = folder / language
    shutil.copytree(ROOT / language, copy, ignore=shutil.ignore_patterns("node_modules"))
    for file in (path for path in copy.rglob("*") if path.suffix in (".py", ".js", ".go", ".java")):
        text = file.read_text()
        for ours, theirs in PREFIXED[language].items():
            text = text.replace(ours, theirs.replace("{P}", prefix))
        file.write_text(text)
    return copy


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)


def need(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not on this machine")


def installed(language: str, folder: Path) -> Programs:
    """Raises AssertionError where the programs do not even parse; skips where what they need cannot be fetched."""
    match language:
        case "python":
            return Programs(folder, [sys.executable, "producer.py"], [sys.executable, "-u", "consumer.py"])
        case "node":
            need("node")
            for file in folder.glob("*.js"):
                assert run(["node", "--check", file.name], folder).returncode == 0, file
            _fetched(run(["npm", "ci", "--no-audit", "--no-fund"], folder), "node")
            return Programs(folder, ["node", "producer.js"], ["node", "consumer.js"])
        case "go":
            need("go")
            assert run(["gofmt", "-l", "."], folder).stdout == ""
            _fetched(run(["go", "mod", "download"], folder), "go")
            built = run(["go", "build", "-mod=readonly", "-o", "bin/", "./..."], folder)
            assert built.returncode == 0, built.stderr
            return Programs(folder, ["bin/producer"], ["bin/consumer"])
        case _:
            need("javac")
            built = run(
                ["javac", "-cp", java.kafka_class_path(), "-d", "classes", "Producer.java", "Consumer.java"], folder
            )
            assert built.returncode == 0, built.stderr
            class_path = f"classes{os.pathsep}{java.kafka_class_path()}"
            quiet = f"-Dlog4j2.configurationFile={java.LOG4J}"
            return Programs(
                folder, ["java", quiet, "-cp", class_path, "Producer"], ["java", quiet, "-cp", class_path, "Consumer"]
            )


def _fetched(done: subprocess.CompletedProcess[str], language: str) -> None:
    if done.returncode:
        pytest.skip(f"{language}: its packages cannot be fetched here; the programs parse")


async def login(kafka: KafkaServer, names: Names) -> Mapping[str, str]:
    connected = await sync_partners(kafka.confluent, names, ["KP2MI"])
    return {
        **os.environ, "ORGANISATION": "KP2MI", "KAFKA_URL": kafka.url, "KAFKA_USER": partner_user("KP2MI", names),
        "KAFKA_PASSWORD": connected.passwords["KP2MI"],
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("language", ["python", "node", "go", "java"])
async def test_the_programs_of_a_language_send_and_receive(
    kafka: KafkaServer, prefix: str, language: str, tmp_path: Path
) -> None:
    if kafka.security == "PLAINTEXT":
        pytest.skip("this broker knows no users")
    names = Names(prefix)
    environment = await login(kafka, names)
    programs = await asyncio.to_thread(installed, language, prefixed(language, prefix, tmp_path))
    await _sends(programs, environment, kafka, names)
    await _receives(programs, environment, kafka, names)


async def _sends(programs: Programs, environment: Mapping[str, str], kafka: KafkaServer, names: Names) -> None:
    for kind, urgent in (("partner.placement.reported.v1", False), ("partner.alert.reported.v1", True)):
        body = EXAMPLES[kind].encode()
        sending = [*programs.producer, kind, "2026-000017"]
        done = await asyncio.to_thread(
            subprocess.run, sending, cwd=programs.folder, env=environment, input=body, capture_output=True,
            timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-800:]
        topic = names.intake("KP2MI", urgent=urgent)
        async with AIOKafkaConsumer(topic, **kafka.client, auto_offset_reset="earliest") as consumer:
            sent = await asyncio.wait_for(consumer.getone(), 30)
        envelope = read_envelope(sent.headers, "KP2MI", datetime.now(UTC))
        assert (envelope.type, envelope.id, sent.value) == (kind, "2026-000017", body)


async def _receives(programs: Programs, environment: Mapping[str, str], kafka: KafkaServer, names: Names) -> None:
    copy = EXAMPLES["exchange.person.copied.v1"]
    messages = [(RECEIPTS, EXAMPLES[RECEIPTS]), ("copied", copy)]
    async with AIOKafkaProducer(**kafka.client) as producer:
        for number, (kind, value) in enumerate(messages):
            headers = [("ce_id", str(number).encode()), ("ce_type", kind.encode())]
            await producer.send_and_wait(names.delivery("KP2MI"), value.encode(), headers=headers)
    reading = await asyncio.create_subprocess_exec(
        *programs.consumer, cwd=programs.folder, env=environment, stdout=subprocess.PIPE
    )
    try:
        assert reading.stdout is not None
        lines = [await asyncio.wait_for(reading.stdout.readline(), 90) for _ in range(3)]
    finally:
        reading.kill()
        await reading.wait()
    assert [line.decode().strip() for line in lines] == [
        "2026-000017 applied", "2026-000018 refused nik_malformed", f"1 copied {json.loads(copy)['event']}",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["producer", "consumer"])
def test_the_guide_shows_the_python_programs_as_they_are(name: str) -> None:
    program = (ROOT / "python" / f"{name}.py").read_text()
    assert f"```python {name}\n{program}```\n" in GUIDE
    assert len([line for line in program.splitlines() if line.strip()]) <= 32


def test_the_java_programs_need_what_is_locked() -> None:
    pom = (ROOT / "java" / "pom.xml").read_text()
    for line in (line for line in pom.splitlines() if "<dependency>" in line):
        group, artifact, version = (
            line.split(f"<{tag}>")[1].split("<")[0] for tag in ("groupId", "artifactId", "version")
        )
        assert f"{group}:{artifact}:{version} " in LOCK.read_text(), artifact


def test_the_node_lock_names_no_registry() -> None:
    assert "resolved" not in (ROOT / "node" / "package-lock.json").read_text()
