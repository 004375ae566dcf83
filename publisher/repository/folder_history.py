"""The history of a folder of the archive: its commits, and the branches that have them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from publisher.errors import UnknownRevision
from publisher.repository.git import run, run_lines
from publisher.repository.reading import Repository

_UNDER_WAY = ("MERGE_HEAD", "REBASE_HEAD", "CHERRY_PICK_HEAD")


def heads(repository: Repository) -> tuple[str, ...]:
    """Return the newest commit, and the one that is being merged or put on top of it."""
    commits = (under_way(repository, name) for name in ("HEAD", *_UNDER_WAY))
    return tuple(dict.fromkeys(filter(None, commits)))


def under_way(repository: Repository, name: str) -> str | None:
    """Return the commit of an unfinished merge, by a name such as ``MERGE_HEAD``, if any."""
    try:
        return repository.resolve(name)
    except UnknownRevision:
        return None


def touching(
    repository: Repository, commits: Sequence[str], folder: str
) -> dict[str, tuple[str, ...]]:
    """Return the commits up to `commits` that change a folder, or merge, each before its parents.

    Each has its parents, without those that leave the folder alone.
    """
    command = "rev-list --topo-order --full-history --parents"
    output = run(repository.git, command, *commits, "--", folder)
    lines = (line.split() for line in output.splitlines())
    return {commit: tuple(parents) for commit, *parents in lines}


def ids(
    repository: Repository, commits: Iterable[str], paths: Iterable[str]
) -> dict[tuple[str, str], str]:
    """Return the ids of files and folders, by commit and path; missing ones are left out.

    So are those with a line break in their names: no archive has one, and git takes lines.
    """
    commits = tuple(commits)
    asked = [(commit, path) for path in paths if "\n" not in path for commit in commits]
    names = [f"{commit}:{repository.path(path)}" for commit, path in asked]
    listed = run_lines(repository.git, "cat-file --batch-check=%(objectname)", lines=names)
    pairs = zip(asked, listed, strict=True)
    return {about: id for about, id in pairs if not id.endswith(" missing")}


def blob_id(data: bytes) -> str:
    """Return the id that git gives to a file: SHA-1, with a header (gitformat-loose)."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def pushed(repository: Repository, commit: str) -> bool:
    """Return whether a remote-tracking branch has a commit, as of the last fetch."""
    return bool(run(repository.git, "for-each-ref --contains", commit, "refs/remotes").strip())


def branch(repository: Repository) -> tuple[str | None, str]:
    """Return the branch that is checked out, and the reference that it is to follow, if any.

    There is none while HEAD is detached.
    """
    command = "for-each-ref --points-at=HEAD --format=%(HEAD)%(refname)%00%(upstream)"
    for line in run_lines(repository.git, command, "refs/heads"):
        name, _, upstream = line.partition("\0")
        if name.startswith("*"):
            return name.removeprefix("*refs/heads/"), upstream
    return None, ""


def upstream(repository: Repository, name: str) -> tuple[str, str] | None:
    """Return the short name and the newest commit of a remote-tracking branch, if it is one.

    It is the copy in this clone: no remote is asked.
    """
    if not name.startswith("refs/remotes/"):
        return None
    try:
        return name.removeprefix("refs/remotes/"), repository.resolve(name)
    except UnknownRevision:
        return None


def apart(repository: Repository, one: str, other: str) -> tuple[int, int]:
    """Return how many commits each of two has that the other has not."""
    counts = run(repository.git, "rev-list --left-right --count", f"{one}...{other}").split()
    return int(counts[0]), int(counts[1])
