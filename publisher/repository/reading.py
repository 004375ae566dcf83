"""Reads a repository: commits, trees and blobs by their ids."""

from __future__ import annotations

import copy
import os
import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property, lru_cache, partial
from itertools import chain, repeat
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from publisher.errors import GitFailed, ShallowClone, UnknownRevision
from publisher.repository.git import (
    ask,
    decoded,
    ended,
    guarded,
    opened,
    run,
    run_lines,
    unguarded,
)
from publisher.repository.headers import Difference, differences, parents, tree_of
from publisher.repository.objects import SERVED, ObjectReader, before
from publisher.repository.source import Listed, TreeSource, Unreadable

if TYPE_CHECKING:  # most commands read objects alone, and parse no message of a commit
    from publisher.repository.commit_remarks import Remarks
    from publisher.repository.commits import Commit, Remark
    from publisher.repository.git import Git

_ABOUT = (
    "rev-parse --is-inside-work-tree --is-shallow-repository --show-object-format --show-prefix "
    "--show-object-format --absolute-git-dir --show-object-format --revs-only HEAD^{commit}"
)
_HANDED_ON = r"^((user|author|committer)\..*|commit\.gpgsign|tag\.gpgsign|gpg\..*)$"
_BATCHES = (64, 1024, 16384)
_FEW_BRANDS = 8
_FEW_LOGS = 3
_ID = re.compile(r"[0-9a-f]{40}")
_SUFFIX = re.compile(r"[~^]")
_NO_REPOSITORY = "not a git repository"


class Repository(ObjectReader):
    """The git repository that a workspace lies in; close it, or use it in a ``with``."""

    def __init__(
        self, folder: Path, prefix: str, own: str, git: Git, options: Sequence[str]
    ) -> None:
        super().__init__(git)
        self.folder = folder
        self.prefix = prefix
        self.git_folder = Path(own)
        self._home = prefix
        self._options = options
        self._start = ""
        self._shallow: bool | None = None
        self._compared: dict[tuple[str, ...], dict[str, list[Difference]]] = defaultdict(dict)
        self._logs: dict[tuple[str, ...], list[Log]] = defaultdict(list)
        self.positions = lru_cache(maxsize=8)(self._positions)
        self.remarks = lru_cache(maxsize=64)(self._remarks)

    @classmethod
    def find(cls, workspace: Path) -> Repository | None:
        """Return the repository that `workspace` lies in, or None if it lies in none.

        Raises `GitFailed` if there is one that git cannot, or will not, read.
        """
        try:
            git, options, answer = opened(workspace, _ABOUT)
        except GitFailed as fault:
            around = (folder / ".git" for folder in (workspace, *workspace.parents))
            if _NO_REPOSITORY in str(fault) and not any(os.path.lexists(path) for path in around):
                return None
            if "filesystem boundary" in str(fault):
                raise GitFailed(
                    f"git looks for the repository of {workspace} up to a mount point only. If it "
                    "lies above that, set the variable GIT_DISCOVERY_ACROSS_FILESYSTEM to 1"
                ) from None
            raise
        about, *paths = answer.split("\nsha1\n")
        if not about.startswith(("true\n", "false\n")):
            raise GitFailed("git does not answer as git; check which program `which git` names")
        if about.startswith("false"):
            raise GitFailed(
                "the workspace is not in the work tree of its repository; "
                "unset core.bare and core.worktree, or use a clone of your own"
            )
        if "\nsha256" in about:
            raise GitFailed("this repository keeps SHA-256 objects; convert it to SHA-1")
        if len(paths) != 3 or "\n" in paths[0]:  # git takes paths line by line
            raise GitFailed("a folder around the workspace has a line break in its name; rename it")
        prefix, folder, head = paths
        repository = cls(workspace, prefix.rstrip("/"), folder, git, options)
        repository._start = head.strip()
        repository._shallow = about == "true\ntrue"
        return repository

    @classmethod
    def bare(cls, folder: Path, prefix: str) -> Repository:
        """Return the repository in a folder, with or without a work tree; raises `GitFailed`.

        `prefix` is where in it the workspace lies.
        """
        git, options, answer = opened(folder, "rev-parse --absolute-git-dir")
        return cls(folder, prefix, answer.removesuffix("\n"), git, options)

    def runner(self, options: Iterable[str]) -> Git:
        """Return another runner of git here, with some more options."""
        return guarded(self.folder, [*options, *self._options])

    @cached_property
    def user_settings(self) -> tuple[str, ...]:
        """The user's settings of identity and signing, as options."""
        try:
            output = run(unguarded(self.folder), "config -z --get-regexp", _HANDED_ON)
        except GitFailed:
            return ()  # there are none
        return tuple(setting.replace("\n", "=", 1) for setting in output.split("\0") if setting)

    def under(self, prefix: str) -> Repository:
        """Return this repository for a workspace in another folder of it, `prefix`.

        Both read through the same processes: closing one closes the other.
        """
        if prefix == self.prefix:
            return self
        other = copy.copy(self)
        other.prefix = prefix
        return other

    def __enter__(self) -> Repository:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def newest(self) -> str | None:
        """Return the id of the commit that was checked out when this was found, as `head`."""
        return self._start or self.head()

    def head(self) -> str | None:
        """Return the id of the commit that is checked out; None before the first commit."""
        with suppress(GitFailed):
            kind, _, id = self.served("HEAD")
            if kind == "commit":
                return id
        try:
            return self._commit("HEAD")
        except GitFailed:
            branch = self._branch()
        if not branch:
            raise GitFailed("git cannot read the commit that is checked out; run `git fsck`")
        if (self.shared_folder() / branch).exists() or self._refs(branch):
            raise GitFailed(f"git cannot read the branch {branch}; run `git fsck`")
        return None

    def _branch(self) -> str:
        """Return the full name of the branch that is checked out; nothing if none is."""
        try:
            return run(self.git, "symbolic-ref HEAD").removesuffix("\n")
        except GitFailed:
            return ""

    def resolve(self, revision: str) -> str:
        """Return the id of the commit that a revision names; raises `UnknownRevision`."""
        if revision.startswith("-") or "\0" in revision:
            raise UnknownRevision(revision, "is not the name of a revision")
        names = [f"refs/{kind}/{revision}" for kind in ("heads", "tags", "remotes")]
        whole = _ID.fullmatch(revision)  # git takes it for an id, whatever else has that name
        if whole and self.kinds([revision]) == ["commit"]:
            return revision
        if not whole and len(set(self._refs(*names)) & set(names)) > 1:
            raise UnknownRevision(
                revision, "is ambiguous: there is a branch and a tag of that name"
            )
        try:
            id = self._commit(revision)
        except GitFailed as fault:
            ambiguous = re.search(r"(object ID|refname) .* is ambiguous", str(fault))
            reason = "is ambiguous" if ambiguous else "is not a revision of this repository"
            self._refuse_unreadable(_SUFFIX.split(revision)[0])
            raise UnknownRevision(revision, reason) from None
        if not _ID.fullmatch(id):
            raise UnknownRevision(revision, "is not a revision of this repository")
        return id

    def _refuse_unreadable(self, name: str) -> None:
        """Raise `GitFailed` if git cannot read the commit of a name, or one that it comes from."""
        try:
            id = run(self.git, "rev-parse --verify --end-of-options", name).strip()
        except GitFailed:
            return
        if name != id or self.kinds([id]) != ["missing"]:  # git takes any digits for an id
            run(self.git, "rev-list --quiet", id)

    def _commit(self, revision: str) -> str:
        asked = f"{revision}^{{commit}}"
        return run(self.git, "rev-parse --verify --end-of-options", asked).strip()

    def names(self) -> tuple[str, ...]:
        """Return the names of branches and tags."""
        return tuple(run_lines(self.git, "for-each-ref --format=%(refname:short)"))

    def refuse_shallow(self) -> None:
        """Raise `ShallowClone` if the history has been cut off."""
        if self.shallow():
            raise ShallowClone

    def shallow(self) -> bool:
        """Return whether the history has been cut off."""
        if self._shallow is None:
            answer = run(self.git, "rev-parse --is-shallow-repository")
            self._shallow = answer.strip() == "true"
        return self._shallow

    def shared_folder(self) -> Path:
        """Return the folder that git keeps all its own in, for every work tree.

        A work tree of its own has a file that names it (gitrepository-layout, commondir).
        """
        try:
            shared = os.fsdecode((self.git_folder / "commondir").read_bytes()).rstrip("\n")
        except OSError:
            return self.git_folder
        return self.git_folder / shared

    def git_file(self, name: str) -> bytes:
        """Return a file in git's folder, such as ``index``; nothing if there is none."""
        for folder in (self.git_folder, self.shared_folder()):
            with suppress(OSError):
                return (folder / name).read_bytes()
        return b""

    def merging(self) -> bool:
        """Return whether a merge or cherry-pick is under way: git then commits all or nothing."""
        return self._has("MERGE_HEAD", "CHERRY_PICK_HEAD")

    def lock(self) -> str:
        """Return the file by which a git command, or one that was killed, lets none commit here."""
        branch = self.shared_folder() / f"{self._branch() or 'HEAD'}.lock"
        locks = (self.git_folder / "index.lock", self.git_folder / "HEAD.lock", branch)
        present = (os.path.relpath(lock, self.folder) for lock in locks if os.path.lexists(lock))
        return next(present, "")

    def _has(self, *names: str) -> bool:
        """Return whether git's folder has one of some files."""
        return any((self.git_folder / name).exists() for name in names)

    def substitutes(self) -> tuple[str, ...]:
        """Return what makes this repository show a different history: replace refs and grafts."""
        grafts = self.shared_folder() / "info" / "grafts"
        return (*self._refs("refs/replace/"), *(["info/grafts"] if grafts.exists() else []))

    def staged(self) -> dict[str, tuple[str, str]]:
        """Return mode and id of each of the workspace's files that is staged, by its path."""
        files = {}
        for entry in filter(None, run(self.git, "ls-files --stage --full-name -z").split("\0")):
            about, _, path = entry.partition("\t")
            mode, id, stage = about.split(" ")
            if stage != "0":
                raise GitFailed(f"{path} is in conflict; end the merge, then try again")
            files[self.inside(path)] = (mode, id)
        return files

    def naming(self, commit: str, texts: Iterable[str], folder: str) -> tuple[str, ...]:
        """Return the paths of the files below a folder that have one of some texts in a commit."""
        patterns = chain.from_iterable(("-e", text) for text in texts)
        command = "grep --files-with-matches --full-name --fixed-strings --null"
        where = (commit, "--", self.pathspec(folder))
        try:
            output = decoded(ask(self.git, command, *patterns, *where, failing="{}"))
        except GitFailed as fault:
            if str(fault) != ended(1):  # which means that there are none
                raise
            return ()
        named = filter(None, output.split("\0"))
        return tuple(self.inside(path.partition(":")[2]) for path in named)

    def altered(self, commit: str, *folders: str, to: str | None = None) -> tuple[str, ...]:
        """Return the paths below folders that differ between two commits, sorted.

        `to` may be ``--cached``, for what is staged. Without it, the files here are compared: those
        that git does not track count, and those that a sparse checkout leaves out do not.
        """
        paths = [self.pathspec(folder) for folder in folders]
        differing = "diff --name-only --no-relative --no-renames --no-ext-diff --no-textconv -z"
        changed = run(self.git, differing, *filter(None, (to, commit)), "--", *paths)
        others = ""
        if to is None:
            others = run(self.git, "ls-files --others --full-name -z", "--", *paths)
        listed = filter(None, (changed + others).split("\0"))
        return tuple(sorted({self.inside(path) for path in listed}))

    def staged_file(self, path: str) -> bytes:
        """Return the content of a file of the workspace as git's index has it."""
        return next(iter(self.objects([f":{self.path(path)}"])))

    def fork(self, one: str, other: str) -> str | None:
        """Return the id of the newest commit that two commits, given by their ids, come from."""
        try:
            return run(self.git, "merge-base", one, other).split()[0]
        except GitFailed:
            ours, theirs = (
                set(run(self.git, "rev-list --max-parents=0", commit).split())
                for commit in (one, other)
            )
            if ours.isdisjoint(theirs):
                return None
            raise

    def log(
        self, commit: str, brands: Collection[str] | None = None, head: str | None = None
    ) -> Log:
        """Return the commits on the first-parent line from `commit` back that can matter.

        They are those that touch shared/ or one of `brands`; without brands, all that touch the
        workspace. Each has the remarks of the commits after it, up to `head`; the default is
        `commit`. For many brands, at once or one by one, it is the log of all brands.
        """
        head = head or commit
        logs = self._logs[self.prefix, commit, head]
        many = brands is None or len(brands) > _FEW_BRANDS or len(logs) >= _FEW_LOGS
        own = None if many else frozenset(brands or ())
        log = next((log for log in logs if log.covers(own)), None)
        if log is None:
            log = Log(self._listed(commit, own, head), own, partial(self.log, head=head))
            logs.append(log)
        return log

    def _listed(self, commit: str, brands: frozenset[str] | None, head: str) -> Iterator[Commit]:
        """Yield the commits of a log, newest first; they may be among those of a later one.

        Git lists more and more of them at a time, so that a caller who needs only the newest does
        not wait for the rest.
        """
        later = self._later(commit, brands)
        if later is not None:
            on, (log, older) = self.remarks(head).on, later
            yield from (replace(c, remarks=on.get(c.id, ())) for c in log if c.id in older)
            return
        own = ["brands"] if brands is None else [f"brands/{brand}" for brand in sorted(brands)]
        paths = (*own, "shared")
        only = () if brands is None else paths
        start: str | None = commit
        for size in chain(_BATCHES, repeat(_BATCHES[-1])):
            ids = self.touching(str(start), paths, size)
            commits = self.commits(ids, self.remarks(head).on, composed=True, only=only)
            yield from commits
            start = commits[-1].parent if len(ids) == size else None
            if start is None:
                return

    def _later(
        self, commit: str, brands: frozenset[str] | None
    ) -> tuple[Log, Collection[str]] | None:
        """Return a log that includes the one from `commit` back, and that line's commits."""
        for (prefix, start, _), logs in self._logs.items():
            apart = prefix != self.prefix or start == commit
            at = 0 if apart else self.positions(start).get(commit, 0)
            log = next((log for log in logs if log.covers(brands)), None) if at else None
            if log is not None:
                return log, {id for id, place in self.positions(start).items() if place >= at}
        return None

    def _positions(self, commit: str) -> dict[str, int]:
        """Return how far back on the first-parent line from `commit` each commit of it is."""
        return {id: at for at, id in enumerate(self.line(commit))}

    def line(self, commit: str) -> list[str]:
        """Return the ids of the whole first-parent line from `commit` back, newest first."""
        return run(self.git, "rev-list --first-parent", commit).split()

    def touching(self, commit: str, paths: Iterable[str], most: int) -> list[str]:
        """Return the newest commits from `commit` back that touch some paths, at `most` so many."""
        command = f"rev-list --first-parent --max-count={most}"
        return run(self.git, command, commit, "--", *map(self.pathspec, paths)).split()

    def added(self, commit: str, path: str) -> str | None:
        """Return the oldest of the commits up to `commit` that added a file; None for none."""
        command = "rev-list --full-history"
        commits = run(self.git, command, commit, "--", self.pathspec(path)).split()
        return commits[-1] if commits else None

    def workspaces(self, commit: str) -> tuple[str, ...]:
        """Return the folders that have ``brands/`` and ``shared/`` at a commit, sorted."""
        few = self.few_below(commit, "")
        if few is not None:
            folders = {path for mode, _, path in few if mode == "40000"}
        else:
            output = run(self.git, "ls-tree -r -d -z --full-tree --name-only", commit)
            folders = set(output.split("\0"))
        around = {path.removesuffix("brands") for path in folders}
        prefixes = (path for path in around if {f"{path}brands", f"{path}shared"} <= folders)
        return tuple(sorted(path.rstrip("/") for path in prefixes))

    def folder_ids(self, folder: str, commits: Sequence[str]) -> list[str | None]:
        """Return the ids of a folder of the workspace in commits, in order; None without it."""
        if len(commits) <= SERVED:
            with suppress(GitFailed):
                trees = (TreeSource(self, self.tree(id), self.prefix) for id in commits)
                return [tree.folder_id(folder) for tree in trees]
        names = [f"{id}:{self.path(folder)}" for id in commits]
        form = "--batch-check=%(objecttype) %(objectname)"
        listed = run_lines(self.git, "cat-file", form, lines=names)
        pairs = (line.split(" ")[:2] for line in listed)
        return [id if kind == "tree" else None for kind, id in pairs]

    def few_below(self, commit: str, folder: str) -> Listed | None:
        """Return mode, id and path of all below a folder of the repository; None for too many."""
        with suppress(GitFailed, Unreadable):
            return TreeSource(self, self.tree(commit)).below(folder, SERVED)
        return None

    def path(self, path: str) -> str:
        """Return where a path of the workspace is in the repository."""
        return f"{self.prefix}/{path}" if self.prefix else path

    def inside(self, path: str) -> str:
        """Return a path of the repository as one of the workspace."""
        return path.removeprefix(self.path(""))

    def pathspec(self, path: str) -> str:
        """Return a path of the workspace as git takes it from where it runs."""
        return posixpath.relpath(f"/{self.prefix}/{path}", f"/{self._home}")

    def brought(self, commit: str, merge: Commit) -> list[Commit]:
        """Return the commits that a merge brings to its first parent, newest first.

        Each has the remarks by the commits after it, up to `commit`.
        """
        if not merge.merged:
            return []
        theirs = run(self.git, "rev-list --topo-order", f"{merge.parent}..{merge.id}").split()
        return self.commits([id for id in theirs if id != merge.id], self.remarks(commit).on)

    def since(self, commit: str, source: str) -> frozenset[str] | None:
        """Return the ids of the first-parent line from `commit` back that `source` does not have.

        None if this repository has no commit with the id `source`.
        """
        try:
            if not _ID.fullmatch(source) or self.resolve(source) != source:
                return None
        except UnknownRevision:
            return None
        ids = run(self.git, "rev-list --first-parent", commit, f"^{source}")
        return frozenset(ids.split())

    def beyond(self, source: str, commits: Iterable[str]) -> frozenset[str]:
        """Return the given commits that are neither `source` nor one of its ancestors."""
        asked = frozenset(commits)
        if not asked:
            return asked
        output = run(self.git, "rev-list --stdin", lines=[*asked, f"^{source}"])
        return asked.intersection(output.split())

    def commits(
        self,
        ids: Sequence[str],
        remarks: Mapping[str, tuple[Remark, ...]] = MappingProxyType({}),
        *,
        composed: bool = False,
        only: tuple[str, ...] = (),
    ) -> list[Commit]:
        """Return commits, in order, with the paths in which each differs from its first parent.

        They are all paths in the workspace, or those at or below `only`. If policies are `composed`
        before each of them, in that order, their files are read ahead.
        """
        from publisher.repository.commits import commit as commit_of

        prefix = self.path("")
        contents = dict(zip(ids, self.objects(ids), strict=True))
        changed = self._changed(contents, only)
        if composed:
            own = (f"{prefix}brands", f"{prefix}shared")
            past = {id for content in contents.values() for id in parents(content)[:1]}
            older = [*past.difference(contents)]
            trees = {id: tree_of(data) for id, data in contents.items()}
            trees |= zip(older, map(tree_of, self.objects(older)), strict=True)
            self.expect(before(contents, trees, changed, own))
        return [
            commit_of(
                id,
                content,
                (
                    change.path.removeprefix(prefix)
                    for change in changed.get(id, ())
                    if change.path.startswith(prefix) and not change.folder
                ),
                remarks.get(id, ()),
            )
            for id, content in contents.items()
        ]

    def changed(self, ids: Sequence[str]) -> dict[str, list[str]]:
        """Return the paths, in all the repository, in which commits differ from a first parent."""
        changed = self._changed(dict(zip(ids, self.objects(ids), strict=True)))
        return {
            id: [change.path for change in on if not change.folder] for id, on in changed.items()
        }

    def _changed(
        self, commits: Mapping[str, bytes], only: tuple[str, ...] = ()
    ) -> dict[str, list[Difference]]:
        """Return in which files and folders commits differ; git compares each commit once."""
        known = self._compared[tuple(map(self.pathspec, only))]
        new = {id: content for id, content in commits.items() if id not in known}
        asked = [" ".join((id, *parents(content)[:1])) for id, content in new.items()]
        command = "diff-tree --stdin -r -t -z --root --no-renames --"
        output = ask(self.git, command, *map(self.pathspec, only), lines=asked) if asked else b""
        compared = differences(decoded(output))
        known |= {id: compared.get(id, []) for id in new}
        return {id: known[id] for id in commits}

    def _remarks(self, commit: str) -> Remarks:
        """Return the remarks of a commit, given by its id, and its ancestors on each other."""
        from publisher.repository.commit_remarks import remarks_at

        return remarks_at(self, commit)

    def _refs(self, *patterns: str) -> list[str]:
        return run_lines(self.git, "for-each-ref --format=%(refname)", *patterns)


class Log:
    """Commits, newest first: several searches go through them, and git is asked for them once.

    They are all that touch shared/ or one of `brands`; None stands for all brands. `older` returns
    the log from a commit back that some brands need.
    """

    def __init__(
        self,
        commits: Iterator[Commit],
        brands: frozenset[str] | None,
        older: Callable[[str, frozenset[str]], Log],
    ) -> None:
        self.brands = brands
        self._older = older
        self._commits = commits
        self._taken: list[Commit] = []

    def covers(self, brands: Collection[str] | None) -> bool:
        """Return whether it has all commits that touch some brands; None stands for all."""
        return self.brands is None or (brands is not None and self.brands.issuperset(brands))

    def wider(self, brands: Collection[str], commit: str) -> Log:
        """Return a log from a commit of this one back that has what touches `brands`, too."""
        return self._older(commit, (self.brands or frozenset()).union(brands))

    def __iter__(self) -> Iterator[Commit]:
        at = 0
        while True:
            if at == len(self._taken):
                commit = next(self._commits, None)
                if commit is None:
                    return
                self._taken.append(commit)
            yield self._taken[at]
            at += 1
