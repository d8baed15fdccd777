"""Three brokers and two of each process: a broker is lost again and again, and nobody waits for it."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.nightly
@pytest.mark.timeout(1200)
def test_while_one_of_three_brokers_is_lost_again_and_again_nobody_waits_more_than_ten_seconds(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.system.chaos", "--cluster", "--minutes", "5", "--seed", "7"]
    command += ["--folder", str(tmp_path / "cluster")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1100)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
