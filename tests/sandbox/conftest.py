"""What holds for all tests of the sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder that runs may write to; what lies beside it is none of their business."""
    made = tmp_path / "repository"
    made.mkdir()
    return made
