"""Verify asks git as often for many versions of many brands as for one version of one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from support.archives import archive, released, say
from support.workspaces import Repo

from publisher.archive.verify.verify import verify
from publisher.repository import git


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = archive(tmp_path / "repo")
    released(repo, "2025-03-01")
    repo.git("tag", "-a", "-m", "alpha", "alpha/2025-03-01")
    return repo


def runs(repo: Repo) -> list[str]:
    """Return the commands of git that verify runs."""
    commands: list[str] = []
    ask = git.ask

    def noted(runner: Any, command: str, *arguments: str, **options: Any) -> bytes:
        commands.append(re.sub("[0-9a-f]{40}", "", command))
        return ask(runner, command, *arguments, **options)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(git, "ask", noted)
        verify(repo.workspace)
    assert "rev-list --parents" in commands
    return sorted(commands)


@pytest.mark.thorough
def test_more_versions_and_brands_run_git_no_more_often(repo: Repo) -> None:
    few = runs(repo)
    released(repo, "2025-03-02", "beta")
    repo.git("tag", "beta/2025-03-02")
    say(repo, "Second.", date="2025-03-03T12:00:00+0000")
    for day, brand in (("2025-03-04", "alpha"), ("2025-03-05", "beta")):
        released(repo, day, brand)
        repo.git("tag", "-a", "-m", brand, f"{brand}/{day}")
    assert runs(repo) == few
