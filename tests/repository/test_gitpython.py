"""GitPython, of which a command loads the parts that run git, and all where that is not possible."""

import subprocess
import sys

import pytest
from support.workspaces import Repo

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
