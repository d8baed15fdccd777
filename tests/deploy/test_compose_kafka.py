"""The broker of docker-compose.yml: its script and its settings, on the Kafka of this machine instead of its image."""

from pathlib import Path

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import NewTopic

from deploy.local import java, ports
from deploy.local.kafka import KafkaLogin, fast_start
from deploy.local.process import Process
from tests.servers import running

SOURCE = Path(__file__).parents[2] / "deploy" / "compose"
PASSWORD = "constructed"


class Broker(Process):
    """`kafka.sh` with the two programs of Kafka's image that it calls, and ports and folders of this test."""

    def __init__(self, folder: Path) -> None:
        self.internal, self.partners, self.controller = ports.free(3)
        environment = {
            "KAFKA_HOME": str(folder),
            "SECRETS": str(folder),
            "PROPERTIES": str(folder / "final.properties"),
        }
        command = ["/bin/sh", str(folder / "kafka.sh")]
        super().__init__("compose-kafka", folder, self.partners, command, {"PATH": "/usr/bin:/bin", **environment})
        (folder / "admin.password").write_text(PASSWORD)
        (folder / "cluster.id").write_text("S" + "A" * 21)
        (folder / "kafka.sh").write_bytes((SOURCE / "kafka.sh").read_bytes())
        (folder / "kafka.properties").write_text(self._settings(folder))
        (folder / "bin").mkdir()
        _program(folder / "bin" / "kafka-storage.sh", "kafka.tools.StorageTool")
        _program(folder / "bin" / "kafka-server-start.sh", "kafka.Kafka")

    def _settings(self, folder: Path) -> str:
        text = (SOURCE / "kafka.properties").read_text()
        moved = {"19092": self.partners, "9092": self.internal, "9093": self.controller}
        for port, here in moved.items():
            text = text.replace(f":{port}", f":{here}")
        return text.replace("INTERNAL://kafka:", "INTERNAL://localhost:").replace("/var/lib/kafka", str(folder))

    def login(self, port: int, password: str = PASSWORD) -> KafkaLogin:
        return KafkaLogin(f"localhost:{port}", "simpul", password, "SASL_PLAINTEXT")


def _program(path: Path, main: str) -> None:
    class_path = java.kafka_class_path()
    command = " ".join(f"'{part}'" for part in java.kafka_command(class_path, *fast_start(class_path), main))
    path.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    path.chmod(0o755)


async def test_it_formats_once_and_takes_the_administrators_login_on_both_listeners(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    async with running([broker]):
        admin = broker.login(broker.internal).admin()
        admin.create_topics([NewTopic("facts", 1)])["facts"].result(30)
        await broker.stop()
        await broker.start()
        assert "facts" in broker.login(broker.partners).admin().list_topics(timeout=10).topics
        with pytest.raises(KafkaException):
            broker.login(broker.partners, "wrong").admin().list_topics(timeout=3)
