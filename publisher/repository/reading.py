"""A repository as it is read: commits, trees and blobs by their ids."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, repeat
from pathlib import Path

from publisher.errors import GitFailed, ShallowClone, UnknownRevision
from publisher.model.dating import Commit, Stamp
from publisher.repository.runner import Git, ask, decoded, guarded, own_environment, run

_BATCHES = (64, 1024, 16384)
_ID = re.compile(r"[0-9a-f]{40}")
_PARENT = re.compile(rb"tree [0-9a-f]{40}\nparent ([0-9a-f]{40})\n")
_COMMITTER = re.compile(rb"^committer .*> (-?[0-9]{1,12}) [-+][0-9]+$", re.MULTILINE)
_TRAILER = re.compile(r"^policy-change[ \t]*:(.*)$", re.IGNORECASE | re.MULTILINE)
_NO_REPOSITORY = "not a git repository"


class Repository:
    """The git repository that a workspace lies in; close it, or use it in a ``with``."""

    def __init__(self, folder: Path, prefix: str, git: Git) -> None:
        self.folder = folder
        self.prefix = prefix
        self.git = git
        self._serving = False
        self.object = lru_cache(maxsize=16384)(self._object)

    @classmethod
    def find(cls, workspace: Path) -> Repository | None:
        """Return the repository that `workspace` lies in, or None if it lies in none.

        Raises `GitFailed` where there is one that git cannot, or will not, read.
        """
        git = guarded(workspace)
        try:
            inside = run(git, "rev-parse", "--is-inside-work-tree").strip()
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
        if run(git, "rev-parse", "--show-object-format").strip() != "sha1":
            raise GitFailed("this repository keeps SHA-256 objects; convert it to SHA-1")
        prefix = run(git, "rev-parse", "--show-prefix").strip("\n")
        return cls(workspace, prefix.rstrip("/"), git)

    def __enter__(self) -> Repository:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes that serve objects."""
        self.git.clear_cache()

    def head(self) -> str | None:
        """Return the id of the commit that is checked out; None before the first commit."""
        try:
            return self.resolve("HEAD")
        except UnknownRevision:
            branch = run(self.git, "symbolic-ref", "HEAD").strip()
        common = self.folder / run(self.git, "rev-parse", "--git-common-dir").strip()
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
            found = run(
                self.git, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}"
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
        if run(self.git, "rev-parse", "--is-shallow-repository").strip() == "true":
            raise ShallowClone

    def substitutes(self) -> tuple[str, ...]:
        """Return what in this repository pretends another history: replace refs and grafts."""
        common = Path(run(self.git, "rev-parse", "--git-common-dir").strip())
        grafts = self.folder / common / "info" / "grafts"
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
            ids = run(
                self.git, "rev-list", "--first-parent", f"--max-count={size}", str(start),
                "--", "brands", "shared",
            ).split()  # fmt: skip
            said = dict(zip(ids, self._objects(ids), strict=True))
            parents = {id: _parent(content) for id, content in said.items()}
            changed = self._changed(list(parents.items()))
            for id, parent in parents.items():
                yield Commit(id, parent, frozenset(changed.get(id, ())), _stamp(said[id]))
            start = parents[ids[-1]] if len(ids) == size else None
            if start is None:
                return

    def _changed(self, commits: Sequence[tuple[str, str | None]]) -> dict[str, list[str]]:
        """Return the paths in which each commit differs from a parent, or from nothing."""
        asked = [f"{id} {parent or ''}".rstrip() for id, parent in commits]
        said = decoded(
            ask(self.git, "diff-tree", "--stdin", "-r", "-z", "--root", "--no-renames",
                 lines=asked)
        )  # fmt: skip
        changed: dict[str, list[str]] = {}
        paths: list[str] = []
        fields = iter(said.split("\0"))
        prefix = f"{self.prefix}/" if self.prefix else ""
        for field in fields:
            if field.startswith(":"):
                path = next(fields)
                if path.startswith(prefix):
                    paths.append(path.removeprefix(prefix))
            elif field:
                paths = changed.setdefault(field, [])
        return changed

    def _refs(self, *patterns: str) -> list[str]:
        return run(self.git, "for-each-ref", "--format=%(refname)", *patterns).split()

    def _object(self, id: str) -> bytes:
        """Return the content of a commit, tree or blob."""
        try:
            if self._serving:
                return bytes(self.git.get_object_data(id)[3])
            with own_environment():  # that of the process, which serves all objects from now on
                data = bytes(self.git.get_object_data(id)[3])
        except (ValueError, OSError):
            raise _no_object(id) from None
        self._serving = True
        return data

    def _objects(self, ids: Sequence[str]) -> Iterator[bytes]:
        """Yield the content of many objects, in order."""
        said = ask(self.git, "cat-file", "--batch", lines=ids)
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


def _parent(commit: bytes) -> str | None:
    """Return the id of the first parent in a commit's object."""
    found = _PARENT.match(commit)
    return found[1].decode() if found else None


def _stamp(commit: bytes) -> Stamp:
    """Return the date and the trailers in a commit's object."""
    header, _, message = commit.partition(b"\n\n")
    times = _COMMITTER.findall(header)
    last = message.decode("utf-8", "replace").rstrip().rpartition("\n\n")[2]
    return Stamp(
        time=int(times[0]) if len(times) == 1 else None,
        policy_change=tuple(value.strip().lower() for value in _TRAILER.findall(last)),
    )
