"""What `publisher doctor` says of clones that leave something out, and of many files in git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.archives import archive
from support.workspaces import Repo

from publisher.cli.doctor import doctor


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A repository with more files than git is quick with, as far as doctor knows."""
    monkeypatch.setattr("publisher.cli.doctor._MANY", 5)
    return archive(tmp_path / "repo")


def said(root: Path, name: str) -> str | None:
    return next((one.found for one in doctor(root) if one.name == name), None)


def test_what_keeps_git_quick_is_told_until_it_is_done(repo: Repo) -> None:
    number = len(repo.git("ls-files").splitlines())
    commands = (
        "commit-graph write --reachable --changed-paths",
        "update-index --index-version 4",
        "update-index --untracked-cache",
        "sparse-checkout set shared brands/alpha versions/alpha",
    )
    for done in range(len(commands)):
        found = said(repo.root, "Files in git") or ""
        assert found.startswith(f"{number}; to speed git up, run `git ")
        missing = [command.replace("alpha", "BRAND") for command in commands[done:]]
        assert found.split("run ")[1] == ", ".join(f"`git {command}`" for command in missing)
        repo.git(*commands[done].split())
    assert "speed" not in (said(repo.root, "Files in git") or "")
    assert "leaves out those that are not checked out" in (said(repo.root, "Sparse checkout") or "")


def test_few_files_are_no_news(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.cli.doctor._MANY", 5_000)
    names = {one.name for one in doctor(repo.root)}
    assert not names & {"Files in git", "Sparse checkout", "Partial clone"}


def test_a_partial_clone_is_told_how_to_get_all_objects(repo: Repo, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    command = ["git", "clone", "-q", "--filter=blob:none", f"file://{repo.root}", str(clone)]
    subprocess.run(command, check=True)
    assert "git fetch --refetch --no-filter" in (said(clone, "Partial clone") or "")
