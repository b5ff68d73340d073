"""What tests share."""

from pathlib import Path

import pytest

from flow import Flow


@pytest.fixture
def flow(tmp_path: Path) -> Flow:
    return Flow.make(tmp_path / "flow")
