"""What the tests of notices share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no disk: no test of this folder cuts the power."""
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
