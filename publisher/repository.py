"""Git, asked safely. The only module that imports GitPython.

Every name of a revision is resolved to an id first. Replace refs, grafts, hooks, the file-system
monitor, external diffs, text conversion and other people's configuration are off, so that git says
what is in its objects and runs nothing. Nothing here writes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain, repeat
from pathlib import Path
from tempfile import TemporaryFile

from publisher.errors import GitFailed, ShallowClone, UnknownRevision
from publisher.model.commits import changed_paths, parents
from publisher.model.commits import commit as commit_of
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
_OPTIONS = ("core.fsmonitor=false", f"core.hooksPath={os.devnull}", "core.quotePath=false")
_KEPT = ("GIT_ASKPASS", "GIT_AUTHOR_", "GIT_COMMITTER_", "GIT_CONFIG", "GIT_EXEC_PATH",
         "GIT_PYTHON_", "GIT_SSH")  # fmt: skip
_BATCHES = (64, 1024, 16384)
_ID = re.compile(r"[0-9a-f]{40}")
_NO_REPOSITORY = "not a git repository"


class Repository:
    """The git repository that a workspace lies in; close it, or use it in a ``with``."""

    def __init__(self, folder: Path, prefix: str, git: Git) -> None:
        self._folder = folder
        self.prefix = prefix
        self._git = git
        self._serving = False
        self.object = lru_cache(maxsize=16384)(self._object)

    @classmethod
    def find(cls, workspace: Path) -> Repository | None:
        """Return the repository that `workspace` lies in, or None if it lies in none.

        Raises `GitFailed` where there is one that git cannot, or will not, read.
        """
        git = _guarded(workspace)
        try:
            inside = _run(git, "rev-parse", "--is-inside-work-tree").strip()
        except GitFailed as fault:
            around = (folder / ".git" for folder in (workspace, *workspace.parents))
            if _NO_REPOSITORY in str(fault) and not any(os.path.lexists(path) for path in around):
                return None
            raise
        if inside != "true":
            raise GitFailed(
                "the workspace is not in the work tree of its repository; "
                "unset core.bare and core.worktree, or use a clone of your own"
            )
        if _run(git, "rev-parse", "--show-object-format").strip() != "sha1":
            raise GitFailed("this repository keeps SHA-256 objects; convert it to SHA-1")
        prefix = _run(git, "rev-parse", "--show-prefix").strip("\n")
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
            branch = _run(self._git, "symbolic-ref", "HEAD").strip()
        common = self._folder / _run(self._git, "rev-parse", "--git-common-dir").strip()
        if (common / branch).exists() or self._refs(branch):
            raise GitFailed(f"git cannot read the branch {branch}; run `git fsck`")
        return None

    def resolve(self, revision: str) -> str:
        """Return the id of the commit that a revision names; raises `UnknownRevision`."""
        if revision.startswith("-") or not revision.isprintable():
            raise UnknownRevision(revision, "is no name of a revision")
        names = [f"refs/{kind}/{revision}" for kind in ("heads", "tags", "remotes")]
        if len(set(self._refs(*names)) & set(names)) > 1:
            raise UnknownRevision(
                revision, "is ambiguous: there is a branch and a tag of that name"
            )
        try:
            found = _run(
                self._git, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}"
            ).strip()
        except GitFailed as fault:
            ambiguous = re.search(r"(object ID|refname) .* is ambiguous", str(fault))
            reason = "is ambiguous" if ambiguous else "is no revision of this repository"
            raise UnknownRevision(revision, reason) from None
        if not _ID.fullmatch(found):
            raise UnknownRevision(revision, "is no revision of this repository")
        return found

    def refuse_shallow(self) -> None:
        """Raise `ShallowClone` if the history has been cut off."""
        if _run(self._git, "rev-parse", "--is-shallow-repository").strip() == "true":
            raise ShallowClone

    def substitutes(self) -> tuple[str, ...]:
        """Return what in this repository pretends another history: replace refs and grafts."""
        common = Path(_run(self._git, "rev-parse", "--git-common-dir").strip())
        grafts = self._folder / common / "info" / "grafts"
        return (*self._refs("refs/replace/"), *(["info/grafts"] if grafts.exists() else []))

    def tree(self, commit: str) -> str:
        """Return the id of the tree of a commit, given by its id."""
        found = re.match(rb"tree ([0-9a-f]{40})\n", self.object(commit))
        if found is None:
            raise GitFailed(f"{commit} is not a commit")
        return found[1].decode()

    def log(self, commit: str) -> Iterator[Commit]:
        """Yield the first-parent line from `commit` back, newest first.

        Commits that leave the workspace alone are left out. Git is asked for more and more of them
        at a time, so that whoever needs only the newest does not wait for the rest.
        """
        start: str | None = commit
        for size in chain(_BATCHES, repeat(_BATCHES[-1])):
            ids = _run(
                self._git, "rev-list", "--first-parent", f"--max-count={size}", str(start),
                "--", "brands", "shared",
            ).split()  # fmt: skip
            commits = self._commits(ids)
            yield from commits
            start = commits[-1].parent if len(ids) == size else None
            if start is None:
                return

    def brought(self, merge: Commit) -> list[Commit]:
        """Return the commits that a merge brings to its first parent, newest first."""
        if not merge.merged:
            return []
        theirs = _run(self._git, "rev-list", "--topo-order", f"{merge.parent}..{merge.id}").split()
        return self._commits([id for id in theirs if id != merge.id])

    def since(self, commit: str, source: str) -> frozenset[str] | None:
        """Return the ids of the first-parent line from `commit` back that `source` does not have.

        None where this repository has no commit with the id `source`.
        """
        try:
            if not _ID.fullmatch(source) or self.resolve(source) != source:
                return None
        except UnknownRevision:
            return None
        ids = _run(self._git, "rev-list", "--first-parent", commit, f"^{source}")
        return frozenset(ids.split())

    def _commits(self, ids: Sequence[str]) -> list[Commit]:
        """Return commits, in order, with the paths in which each differs from its first parent."""
        said = dict(zip(ids, self._objects(ids), strict=True))
        changed = self._changed([(id, *parents(content)[:1]) for id, content in said.items()])
        return [commit_of(id, content, changed.get(id, ())) for id, content in said.items()]

    def _changed(self, commits: Sequence[tuple[str, ...]]) -> dict[str, list[str]]:
        """Return the paths in which each commit differs from a parent, or from nothing."""
        asked = [" ".join(commit) for commit in commits]
        said = _decoded(
            _ask(self._git, "diff-tree", "--stdin", "-r", "-z", "--root", "--no-renames",
                 lines=asked)
        )  # fmt: skip
        prefix = f"{self.prefix}/" if self.prefix else ""
        return {
            id: [path.removeprefix(prefix) for path in paths if path.startswith(prefix)]
            for id, paths in changed_paths(said).items()
        }

    def _refs(self, *patterns: str) -> list[str]:
        return _run(self._git, "for-each-ref", "--format=%(refname)", *patterns).split()

    def _object(self, id: str) -> bytes:
        """Return the content of a commit, tree or blob."""
        try:
            if self._serving:
                return bytes(self._git.get_object_data(id)[3])
            with _own_environment():  # that of the process, which serves all objects from now on
                data = bytes(self._git.get_object_data(id)[3])
        except (ValueError, OSError):
            raise _no_object(id) from None
        self._serving = True
        return data

    def _objects(self, ids: Sequence[str]) -> Iterator[bytes]:
        """Yield the content of many objects, in order."""
        said = _ask(self._git, "cat-file", "--batch", lines=ids)
        at = 0
        for id in ids:
            end = said.index(b"\n", at)
            header = said[at:end].split()
            if len(header) != 3:
                raise _no_object(id)
            at = end + 1 + int(header[2]) + 1
            yield said[end + 1 : at - 1]


def _no_object(id: str) -> GitFailed:
    return GitFailed(
        f"git has no object {id}; run `git fsck`, or, if this clone is partial, "
        "`git fetch --refetch --no-filter`"
    )


def _guarded(folder: Path) -> Git:
    """Return a runner of git that reads no configuration but the repository's own."""
    git = Git(str(folder))
    trusted = _safe_directories(git)
    git.update_environment(**_ENVIRONMENT)
    git.set_persistent_git_options(c=[*_OPTIONS, *trusted])
    return git


@contextmanager
def _own_environment() -> Iterator[None]:
    """Hide from git what a hook that runs us, or a curious user, has told it to do otherwise."""
    hidden = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("GIT_") and not name.startswith(_KEPT)
    }
    for name in hidden:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(hidden)


def _safe_directories(git: Git) -> list[str]:
    """Return what the user trusts, from the user's own configuration, which we ignore else.

    What a repository says of itself there does not count, and an empty value takes back what stands
    before it (git-config, safe.directory).
    """
    try:
        listed = _run(git, "config", "--show-scope", "--get-all", "-z", "safe.directory")
    except GitFailed as fault:
        if "not installed" in str(fault):
            raise
        return []
    fields = iter(listed.split("\0"))
    trusted: list[str] = []
    for scope, value in zip(fields, fields, strict=False):
        if scope in ("system", "global", "command"):
            trusted = [*trusted, value] if value else []
    return [f"safe.directory={value}" for value in trusted]


def _run(git: Git, command: str, *arguments: str) -> str:
    """Return what git prints; raises `GitFailed` with what is to be done."""
    return _decoded(_ask(git, command, *arguments))


def _decoded(said: bytes) -> str:
    return said.decode("utf-8", "surrogateescape")


def _ask(git: Git, command: str, *arguments: str, lines: Sequence[str] = ()) -> bytes:
    """Return what git prints when it is given `lines` to read; raises `GitFailed`."""
    run = getattr(git, command.replace("-", "_"))
    try:
        with TemporaryFile() as file, _own_environment():
            file.writelines(f"{line}\n".encode() for line in lines)
            file.seek(0)
            return bytes(
                run(
                    *arguments,
                    istream=file,
                    stdout_as_string=False,
                    strip_newline_in_stdout=False,
                )
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
        raise GitFailed(f"git cannot read this repository: {said or fault.status}") from None
