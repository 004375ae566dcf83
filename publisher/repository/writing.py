"""Commits and tags the files of a release; everything else in git is only read.

Git runs with the user's identity and signing key, and with no hook.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from shlex import quote

from publisher.errors import GitFailed
from publisher.policy.characters import DROPPED, FORBIDDEN
from publisher.repository.git import ask, guarded, run
from publisher.repository.reading import Repository
from publisher.repository.sparse import sparse

_NAMED = "run `git config --global user.name NAME` and `git config --global user.email ADDRESS`"
_TO_THE_DISK = "core.fsync=all"
"""Has git sync everything that it writes to the disk, so that a power cut loses no commit."""


def create(folder: Path) -> None:
    """Make a repository in a folder, with the branch ``main`` and nothing of the user's in it."""
    ask(guarded(folder), "init --quiet --template= --initial-branch=main", failing="{}")


def identity(repository: Repository) -> str:
    """Return who commits here, as ``Name <address>``.

    Raises `GitFailed` if that is not set, or has a character that no entry or document may have.
    """
    git = repository.runner([*repository.user_settings, "user.useConfigOnly=true"])
    try:
        output = run(git, "var GIT_COMMITTER_IDENT")
    except GitFailed:
        raise GitFailed(f"git does not know who you are; {_NAMED}") from None
    name = output.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    known = " ".join(name.rpartition(">")[0].split()) + ">"
    if FORBIDDEN.search(DROPPED.sub("", known)):
        raise GitFailed(f"git's name or address for you has an invisible character; {_NAMED}")
    return known


def commit(
    repository: Repository,
    paths: Sequence[str],
    message: str,
    now: datetime,
    author: str | None = None,
) -> None:
    """Commit the files at `paths`, and no other files that are staged.

    `author`, as ``Name <address>``, commits in place of the user, and signs nothing.
    """
    settings = repository.user_settings if author is None else ()
    git = repository.runner([*settings, _TO_THE_DISK])
    ask(git, f"{_add(repository.folder)} --", *paths, failing="{}")
    command = "commit --quiet --only --no-verify"
    environment = _dates(now) | _named(author)
    ask(git, command, f"--message={message}", "--", *paths, environment=environment, failing="{}")


def committing(root: Path, folder: str) -> str:
    """Return the command that commits a folder of the archive, as typed in the working folder.

    `root` is the workspace's folder. The remains of killed commands are left out.
    """
    there = "" if Path.cwd().resolve() == root.resolve() else f" -C {quote(os.path.relpath(root))}"
    add = f"git{there} {_add(root)} {folder} ':!*/.staging-*'"
    return f"{add} && git{there} commit -m 'Record {folder}' -- {folder}"


def _add(root: Path) -> str:
    """Return git's command that adds files, also those that a sparse checkout leaves out."""
    whole = sparse(root) and guarded(root).version_info >= (2, 34)
    return "add --sparse --force" if whole else "add --force"


def tag(repository: Repository, name: str, message: str, key: str | None, now: datetime) -> None:
    """Tag the newest commit, signed with an SSH key if one is given."""
    ssh = ["gpg.format=ssh", f"user.signingkey={key}"] if key else []
    git = repository.runner([*repository.user_settings, *ssh])
    command = "tag --sign" if key else "tag --annotate"
    arguments = (f"--message={message}", "--end-of-options", name)
    ask(git, command, *arguments, environment=_dates(now), failing="{}")


def _dates(now: datetime) -> dict[str, str]:
    when = now.strftime("%Y-%m-%dT%H:%M:%S%z")
    return {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}


def _named(author: str | None) -> dict[str, str]:
    if author is None:
        return {}
    name, _, address = author.removesuffix(">").partition(" <")
    values = {"NAME": name, "EMAIL": address}
    return {f"GIT_{who}_{key}": values[key] for who in ("AUTHOR", "COMMITTER") for key in values}
