"""Clones of one repository, on this disk: what two people do who do not know of each other."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

from publisher.archive.verify.verify import verify
from publisher.errors import PublisherError
from support.archives import archive, released, say
from support.workspaces import Repo

WHEN = "2025-05-06T12:00:00+0000"
"""When commits are made that no command of the toolkit makes."""
DATES = {"GIT_AUTHOR_DATE": WHEN, "GIT_COMMITTER_DATE": WHEN}
_COMMAND = re.compile(r"`(git [^`]*)`")


def origin(root: Path) -> Path:
    """Return a bare repository with two versions of `alpha`, and words committed since."""
    repo = archive(root / "first")
    released(repo, "2025-01-10")
    say(repo, "Second.", date="2025-01-11T12:00:00+0000")
    released(repo, "2025-01-20")
    say(repo, "Third.", date="2025-02-01T12:00:00+0000")
    repo.pack()
    bare = root / "origin.git"
    repo.git("clone", "-q", "--bare", str(repo.root), str(bare))
    return bare


def clone(source: Path, target: Path) -> Repo:
    """Return a clone, in which somebody can commit."""
    subprocess.run(["git", "clone", "-q", str(source), str(target)], check=True)
    repo = Repo.of(target)
    repo.git("config", "user.name", "Ops")
    repo.git("config", "user.email", "ops@acme.example")
    return repo


def pull(repo: Repo) -> bool:
    """Fetch and merge; return whether git could, without a conflict."""
    try:
        repo.git("pull", "-q", "--no-rebase", "--no-edit", **DATES)
    except subprocess.CalledProcessError:
        return False
    return True


def keep_both(repo: Repo) -> None:
    """End a merge as somebody does who wants the conflict gone: with the files of both."""
    unmerged = repo.git("diff", "--name-only", "--diff-filter=U").splitlines()
    repo.git("checkout", "--ours", "--", *unmerged)
    repo.git("add", "-A")
    repo.git("commit", "-q", "--no-edit", **DATES)


def obey(repo: Repo, message: str, keep: int = 0) -> None:
    """Run the git commands of a message; where it leaves a choice, take the one numbered `keep`."""
    commands = _COMMAND.findall(message)
    ways = [command for command in commands if command.startswith("git checkout")]
    for command in commands:
        if command not in ways or command == ways[keep]:
            repo.git(*shlex.split(command)[1:], **DATES)


def findings(repo: Repo) -> list[str]:
    """Return what `verify` finds in a clone."""
    return [str(finding) for finding in verify(repo.workspace).findings]


def fault(function: object, *arguments: object, **named: object) -> PublisherError:
    """Return the error that a task raises."""
    try:
        function(*arguments, **named)  # type: ignore[operator]
    except PublisherError as error:
        return error
    raise AssertionError("it was not refused")
