"""Git, asked safely. The only module that imports GitPython.

Every name of a revision is resolved to an id first. Replace refs, grafts, hooks, the file-system
monitor, external diffs, text conversion and other people's configuration are off, so that git says
what is in its objects and runs nothing. Nothing here writes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from publisher.errors import GitFailed, ShallowClone, UnknownRevision
from publisher.model.dating import Commit

# Else GitPython fails while it is imported, where git is missing.
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")

from git.cmd import Git
from git.exc import GitCommandError, GitCommandNotFound

_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
# Set where a hook of git runs us: they would make git read the caller's repository and index.
_CALLERS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE",
            "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_EXTERNAL_DIFF")  # fmt: skip
_LOG = "commit %H %P%x00%ct%x00%(trailers:key=Policy-Change,valueonly,separator=%x20)"
_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


class Repository:
    """The git repository that a workspace lies in; close it, or use it in a ``with``."""

    def __init__(self, folder: Path, prefix: str, git: Git) -> None:
        self._folder = folder
        self.prefix = prefix
        self._git = git
        self.object = lru_cache(maxsize=16384)(self._object)

    @classmethod
    def find(cls, workspace: Path) -> Repository | None:
        """Return the repository that `workspace` lies in, or None if it lies in none.

        Raises `GitFailed` where there is one that git refuses to read.
        """
        git = _guarded(workspace)
        try:
            prefix = _run(git, "rev-parse", "--show-prefix").strip("\n")
        except GitFailed as fault:
            if "not a git repository" in str(fault):
                return None
            raise
        if _run(git, "rev-parse", "--show-object-format").strip() != "sha1":
            raise GitFailed("this repository keeps SHA-256 objects; convert it to SHA-1")
        return cls(workspace, prefix.rstrip("/"), git)

    def __enter__(self) -> Repository:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes that serve objects."""
        self._git.clear_cache()

    def head(self) -> str | None:
        """Return the id of the commit that is checked out; None before the first commit."""
        try:
            return self.resolve("HEAD")
        except UnknownRevision:
            return None

    def resolve(self, revision: str) -> str:
        """Return the id of the commit that a revision names; raises `UnknownRevision`."""
        if revision.startswith("-") or not revision.isprintable():
            raise UnknownRevision(revision, "is no name of a revision")
        try:
            return _run(
                self._git, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}"
            ).strip()
        except GitFailed as fault:
            reason = (
                "is ambiguous" if "ambiguous" in str(fault) else "is no revision of this repository"
            )
            raise UnknownRevision(revision, reason) from None

    def refuse_shallow(self) -> None:
        """Raise `ShallowClone` if the history has been cut off."""
        if _run(self._git, "rev-parse", "--is-shallow-repository").strip() == "true":
            raise ShallowClone

    def substitutes(self) -> tuple[str, ...]:
        """Return what in this repository pretends another history: replace refs and grafts."""
        refs = _run(self._git, "for-each-ref", "--format=%(refname)", "refs/replace/").split()
        common = Path(_run(self._git, "rev-parse", "--git-common-dir").strip())
        grafts = self._folder / common / "info" / "grafts"
        return (*refs, *(["info/grafts"] if grafts.exists() else []))

    def tree(self, commit: str) -> str:
        """Return the id of the tree of a commit, given by its id."""
        found = re.match(rb"tree ([0-9a-f]{40})\n", self.object(commit))
        if found is None:
            raise GitFailed(f"{commit} is not a commit")
        return found[1].decode()

    def log(self, commit: str) -> Iterator[Commit]:
        """Yield the first-parent line from `commit` back, newest first, as git hands it out.

        Each commit has the paths that differ from its first parent, relative to the workspace.
        """
        process: Any = self._git.log(
            "-z", "--first-parent", "-m", "--root", "--raw", "--no-renames", "--no-abbrev",
            "--no-ext-diff", "--no-textconv", f"--format={_LOG}", commit, "--", "brands", "shared",
            as_process=True,
        )  # fmt: skip
        try:
            yield from _commits(process.stdout, self.prefix)
        finally:
            process.stdout.close()
            process.proc.terminate()
            process.proc.wait()

    def _object(self, id: str) -> bytes:
        """Return the content of a commit, tree or blob."""
        if id == _EMPTY_TREE:
            return b""
        try:
            return bytes(self._git.get_object_data(id)[3])
        except (ValueError, OSError) as fault:
            raise GitFailed(
                f"git has no object {id} ({fault}); run `git fsck`, or, in a partial clone, "
                "`git fetch --refetch`"
            ) from None


def _guarded(folder: Path) -> Git:
    """Return a runner of git that reads no configuration but the repository's own."""
    for name in _CALLERS:
        os.environ.pop(name, None)
    git = Git(str(folder))
    trusted = _safe_directories(folder)
    git.update_environment(**_ENVIRONMENT)
    options = ["core.fsmonitor=false", f"core.hooksPath={os.devnull}", "core.quotePath=false",
               "diff.renames=false", "log.showSignature=false", *trusted]  # fmt: skip
    git.set_persistent_git_options(c=options)
    return git


def _safe_directories(folder: Path) -> list[str]:
    """Return what the user trusts, from the user's own configuration, which we ignore else."""
    try:
        listed = Git(str(folder)).config("--get-all", "-z", "safe.directory")
    except GitCommandError:
        return []
    except GitCommandNotFound as fault:
        raise GitFailed("git is not installed; run `publisher doctor`") from fault
    return [f"safe.directory={each}" for each in str(listed).split("\0") if each]


def _run(git: Git, command: str, *arguments: str) -> str:
    """Return what git prints; raises `GitFailed` with what is to be done."""
    try:
        return str(
            getattr(git, command.replace("-", "_"))(*arguments, strip_newline_in_stdout=False)
        )
    except GitCommandNotFound as fault:
        raise GitFailed("git is not installed; run `publisher doctor`") from fault
    except GitCommandError as fault:
        said = str(fault.stderr).strip().removeprefix("stderr: '").rstrip("'").strip()
        if "dubious ownership" in said:
            raise GitFailed(
                "this repository belongs to another user, and git refuses to read it; if you trust "
                f"it, run `git config --global --add safe.directory {git.working_dir}`"
            ) from None
        raise GitFailed(f"git {command} failed: {said or fault.status}") from None


def _commits(stream: Any, prefix: str) -> Iterator[Commit]:
    """Yield the commits in what `git log` prints: three fields each, then two for each path."""
    fields = _fields(stream)
    skip = len(prefix) + 1 if prefix else 0
    header = next(fields, None)
    while header is not None:
        time, trailer = next(fields), next(fields)
        changed = []
        while (field := next(fields, None)) is not None and field.lstrip("\n").startswith(":"):
            changed.append(next(fields)[skip:])
        yield _commit(header, time.strip(), trailer.strip().lower(), changed)
        header = field


def _fields(stream: Any) -> Iterator[str]:
    """Yield the pieces of a stream of bytes between its NULs."""
    rest = b""
    while chunk := stream.read(1 << 16):
        *whole, rest = (rest + chunk).split(b"\0")
        for field in whole:
            yield field.decode("utf-8", "surrogateescape")
    if rest:
        yield rest.decode("utf-8", "surrogateescape")


def _commit(header: str, time: str, trailer: str, changed: list[str]) -> Commit:
    _, id, *parents = header.split()
    return Commit(
        id=id,
        parent=parents[0] if parents else None,
        time=int(time) if re.fullmatch(r"-?\d{1,12}", time) else None,
        policy_change=trailer,
        changed=frozenset(changed),
    )
