"""Where the counter service of one test runs."""

from pathlib import Path

import pytest

from tests.chassis.counting import Place, a_place
from tests.servers import KafkaServer


@pytest.fixture
def place(kafka: KafkaServer, prefix: str, mongo: str, database_name: str, tmp_path: Path) -> Place:
    return a_place(kafka, prefix, mongo, database_name, tmp_path)
