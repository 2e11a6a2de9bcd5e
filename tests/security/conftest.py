"""As tests/e2e: a folder for what the gateway keeps."""

from pathlib import Path

import pytest


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    return tmp_path / "storage"
