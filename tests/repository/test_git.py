"""How git is run: with the parts of GitPython that this takes."""

from __future__ import annotations

import subprocess
import sys

import pytest

OURS = "import publisher.repository.git as ours, sys; ours._gitpython()\n"
THEIRS = "import git; git.Repo, git.cmd.Git, git.exc.GitCommandError\n"


@pytest.mark.parametrize(
    ("code", "whole"),
    [
        (f"{OURS}print('git' in sys.modules)", "False"),
        (f"{OURS}{THEIRS}print(git.cmd.Git.GIT_PYTHON_GIT_EXECUTABLE)", "git"),
        (f"{THEIRS}{OURS}print(ours._gitpython().runner is git.cmd.Git)", "True"),
        (f"{OURS}{THEIRS}print(ours._gitpython().runner('.').version()[:11])", "git version"),
    ],
)
def test_whoever_imports_gitpython_gets_all_of_it(code: str, whole: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == (whole, "")
