"""What the containers mount, made once."""

from pathlib import Path

import pytest

from deploy.compose import secrets


@pytest.fixture(scope="session")
def volumes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The volumes of secrets, filled."""
    folder = tmp_path_factory.mktemp("volumes")
    for volume in secrets.USERS:
        (folder / volume).mkdir()
    secrets.make(folder)
    return folder
