"""How git is run: by the parts of GitPython that this takes, and what its failures mean."""

import os
import subprocess
import sys

import pytest
from support.workspaces import Repo

from publisher.errors import GitFailed
from publisher.repository.reading import Repository

ASK = """
import sys
{before}
from pathlib import Path
from publisher.repository.git import run, unguarded
print(run(unguarded(Path(sys.argv[1])), "rev-parse HEAD").strip(), "git.repo" in sys.modules)
import git
print(git.Repo(sys.argv[1]).head.commit.hexsha)
"""
OTHERWISE = """
import publisher.repository.git as room
def broken(folders): raise TypeError("put together otherwise")
room._parts = broken
"""


@pytest.mark.parametrize(
    ("before", "whole"), [("", False), ("import git", True), (OTHERWISE, True)]
)
def test_git_runs_whatever_of_gitpython_is_loaded(repo: Repo, before: str, whole: bool) -> None:
    code = ASK.format(before=before)
    command = [sys.executable, "-c", code, str(repo.workspace)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    head = repo.git("rev-parse", "HEAD").strip()
    assert ran.stdout.split() == [head, str(whole), head]


def test_a_search_that_finds_nothing_is_no_failure(repo: Repo) -> None:
    with Repository.find(repo.workspace) as repository:  # type: ignore[union-attr]
        commit = str(repository.head())
        assert repository.naming(commit, ["privacy@alpha.example"], "brands") == (
            "brands/alpha/brand.yaml",
        )
        assert repository.naming(commit, ["a text that nobody has"], "brands") == ()
        with pytest.raises(GitFailed):
            repository.naming("0" * 40, ["a text"], "brands")


@pytest.mark.parametrize("name", ["packed-refs", "shallow", "info/grafts", "commondir"])
def test_a_pipe_at_which_git_waits_is_named(repo: Repo, name: str) -> None:
    place = repo.root / ".git" / name
    place.unlink(missing_ok=True)
    os.mkfifo(place)
    with pytest.raises(GitFailed, match=f"{name} is a pipe, at which git waits. Restore the file"):
        Repository.find(repo.root)
