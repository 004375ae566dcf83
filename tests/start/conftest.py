"""Workspaces as ``publisher init`` makes them, each made once."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.starts import SHOP

from publisher.start.starter import init

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of a company with two brands in two languages."""
    folder = tmp_path_factory.mktemp("started") / "policies"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        for who in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{who}_NAME", "Ops")
            patch.setenv(f"GIT_{who}_EMAIL", "ops@shop.example")
        init(folder, SHOP, NOW, "policy-publisher==1")
    return folder
