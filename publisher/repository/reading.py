"""A repository as it is read: commits, trees and blobs by their ids."""

from __future__ import annotations

import copy
import os
import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from itertools import chain, repeat
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from publisher.errors import GitFailed, ShallowClone, UnknownRevision
from publisher.repository.git import ask, decoded, guarded, own_environment, run

if TYPE_CHECKING:
    from publisher.repository.commit_remarks import Remarks
    from publisher.repository.commits import Commit, Difference, Log, Remark, Stamp
    from publisher.repository.git import Git

_BATCHES = (64, 1024, 16384)
_FEW_BRANDS = 8
_FEW_LOGS = 3
_ID = re.compile(r"[0-9a-f]{40}")
_NOTHING = "0" * 40
_NO_REPOSITORY = "not a git repository"
_DISTRUST = "belongs to another user"


class Repository:
    """The git repository that a workspace lies in; close it, or use it in a ``with``."""

    def __init__(self, folder: Path, prefix: str, git: Git) -> None:
        self.folder = folder
        self.prefix = prefix
        self._home = prefix
        self.git = git
        self._start = ""
        self._shallow: bool | None = None
        self._serving = False
        self._ahead = _Ahead()
        self._compared: dict[tuple[str, ...], dict[str, list[Difference]]] = defaultdict(dict)
        self._logs: dict[tuple[str, ...], list[Log]] = defaultdict(list)
        self._kept: dict[str, bytes] = {}
        self.positions = lru_cache(maxsize=8)(self._positions)
        self.object = lru_cache(maxsize=4096)(self._object)
        self.remarks = lru_cache(maxsize=64)(self._remarks)

    @classmethod
    def find(cls, workspace: Path) -> Repository | None:
        """Return the repository that `workspace` lies in, or None if it lies in none.

        Raises `GitFailed` where there is one that git cannot, or will not, read.
        """
        try:
            git, answer = _opened(workspace)
        except GitFailed as fault:
            around = (folder / ".git" for folder in (workspace, *workspace.parents))
            if _NO_REPOSITORY in str(fault) and not any(os.path.lexists(path) for path in around):
                return None
            raise
        inside, objects, shallow, answer = answer.split("\n", 3)
        if inside != "true":
            raise GitFailed(
                "the workspace is not in the work tree of its repository; "
                "unset core.bare and core.worktree, or use a clone of your own"
            )
        if objects != "sha1":
            raise GitFailed("this repository keeps SHA-256 objects; convert it to SHA-1")
        prefix, _, head = answer.removesuffix("\n").rpartition("\n")
        if not _ID.fullmatch(head):  # before the first commit, or git cannot read it
            prefix, head = answer.removesuffix("\n"), ""
        repository = cls(workspace, prefix.rstrip("/"), git)
        repository._start = head
        repository._shallow = shallow == "true"
        return repository

    @classmethod
    def bare(cls, folder: Path, prefix: str) -> Repository:
        """Return the repository in a folder, with or without a work tree; raises `GitFailed`.

        `prefix` is where in it the workspace lies.
        """
        git = guarded(folder)
        run(git, "rev-parse --git-dir")
        return cls(folder, prefix, git)

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

    def close(self) -> None:
        """End the processes that serve objects."""
        self.git.clear_cache()

    def newest(self) -> str | None:
        """Return the id of the commit that was checked out when this was found, as `head`."""
        return self._start or self.head()

    def head(self) -> str | None:
        """Return the id of the commit that is checked out; None before the first commit."""
        try:
            return self.resolve("HEAD")
        except UnknownRevision:
            branch = run(self.git, "symbolic-ref", "HEAD").strip()
        if (self.shared_folder() / branch).exists() or self._refs(branch):
            raise GitFailed(f"git cannot read the branch {branch}; run `git fsck`")
        return None

    def resolve(self, revision: str) -> str:
        """Return the id of the commit that a revision names; raises `UnknownRevision`."""
        if revision.startswith("-") or not revision.isprintable():
            raise UnknownRevision(revision, "is not the name of a revision")
        names = [f"refs/{kind}/{revision}" for kind in ("heads", "tags", "remotes")]
        whole = _ID.fullmatch(revision)  # git takes it for an id, whatever else has that name
        if not whole and len(set(self._refs(*names)) & set(names)) > 1:
            raise UnknownRevision(
                revision, "is ambiguous: there is a branch and a tag of that name"
            )
        try:
            id = run(
                self.git, "rev-parse --verify --end-of-options", f"{revision}^{{commit}}"
            ).strip()
        except GitFailed as fault:
            ambiguous = re.search(r"(object ID|refname) .* is ambiguous", str(fault))
            reason = "is ambiguous" if ambiguous else "is not a revision of this repository"
            raise UnknownRevision(revision, reason) from None
        if not _ID.fullmatch(id):
            raise UnknownRevision(revision, "is not a revision of this repository")
        return id

    def names(self) -> tuple[str, ...]:
        """Return the names of branches and tags."""
        return tuple(run(self.git, "for-each-ref --format=%(refname:short)").split())

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
        """Return the folder that git keeps all its own in, for every work tree."""
        return self.folder / run(self.git, "rev-parse --git-common-dir").strip()

    def git_file(self, name: str) -> bytes:
        """Return a file in git's folder, such as ``index``; nothing where there is none."""
        path = run(self.git, "rev-parse --path-format=absolute --git-path", name).rstrip("\n")
        try:
            return Path(path).read_bytes()
        except OSError:
            return b""

    def merging(self) -> bool:
        """Return whether a merge or cherry-pick is under way: git then commits all or nothing."""
        return self._has("MERGE_HEAD", "CHERRY_PICK_HEAD")

    def locked(self) -> bool:
        """Return whether a git command writes here, or was killed while it did: none can commit."""
        return self._has("index.lock")

    def _has(self, *names: str) -> bool:
        """Return whether git's folder has one of some files."""
        paths = (run(self.git, "rev-parse --git-path", name).strip() for name in names)
        return any((self.folder / path).exists() for path in paths)

    def stamp(self, commit: str) -> Stamp:
        """Return what a commit, given by its id, says of itself."""
        from publisher.repository.commits import stamp

        return stamp(self.object(commit))

    def substitutes(self) -> tuple[str, ...]:
        """Return what makes this repository show a different history: replace refs and grafts."""
        grafts = self.shared_folder() / "info" / "grafts"
        return (*self._refs("refs/replace/"), *(["info/grafts"] if grafts.exists() else []))

    def tree(self, commit: str) -> str:
        """Return the id of the tree of a commit, given by its id."""
        from publisher.repository.commits import tree_of

        tree = tree_of(self.object(commit))
        if tree is None:
            raise GitFailed(f"{commit} is not a commit")
        return tree

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
            if str(fault) != "1":  # which says that there are none
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

    def left_out(self, *folders: str) -> list[str]:
        """Return the paths of the files below folders that a sparse checkout leaves out."""
        paths = [self.pathspec(folder) for folder in folders]
        listed = run(self.git, "ls-files -t --full-name -z", "--", *paths).split("\0")
        return [self.inside(path[2:]) for path in listed if path.startswith("S ")]

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
        `commit`. Who asks for many brands, at once or one by one, gets the one log of all.
        """
        from publisher.repository.commits import Log

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
        """Return a log that has what one from `commit` back needs, and that line's commits."""
        for (prefix, start, _), logs in self._logs.items():
            at = self.positions(start).get(commit, 0) if prefix == self.prefix else 0
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
        output = run(self.git, "ls-tree -r -d -z --full-tree --name-only", commit)
        folders = set(output.split("\0"))
        around = {path.removesuffix("brands") for path in folders}
        prefixes = (path for path in around if {f"{path}brands", f"{path}shared"} <= folders)
        return tuple(sorted(path.rstrip("/") for path in prefixes))

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

        Each has the remarks of the commits after it, up to `commit`.
        """
        if not merge.merged:
            return []
        theirs = run(self.git, "rev-list --topo-order", f"{merge.parent}..{merge.id}").split()
        return self.commits([id for id in theirs if id != merge.id], self.remarks(commit).on)

    def since(self, commit: str, source: str) -> frozenset[str] | None:
        """Return the ids of the first-parent line from `commit` back that `source` does not have.

        None where this repository has no commit with the id `source`.
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
        from publisher.repository.commits import parents, tree_of

        prefix = self.path("")
        contents = dict(zip(ids, self.objects(ids), strict=True))
        changed = self._changed(contents, only)
        if composed:
            own = (f"{prefix}brands", f"{prefix}shared")
            past = {id for content in contents.values() for id in parents(content)[:1]}
            older = [*past.difference(contents)]
            trees = {id: tree_of(data) for id, data in contents.items()}
            trees |= zip(older, map(tree_of, self.objects(older)), strict=True)
            self._ahead.expect(_before(contents, trees, changed, own))
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
        from publisher.repository.commits import differences, parents

        known = self._compared[tuple(map(self.pathspec, only))]
        new = {id: content for id, content in commits.items() if id not in known}
        asked = [" ".join((id, *parents(content)[:1])) for id, content in new.items()]
        command = "diff-tree --stdin -r -t -z --root --no-renames --"
        output = ask(self.git, command, *map(self.pathspec, only), lines=asked) if asked else b""
        compared = differences(decoded(output))
        known |= {id: compared.get(id, []) for id in new}
        return {id: known[id] for id in commits}

    def _remarks(self, commit: str) -> Remarks:
        """Return what a commit, given by its id, and its ancestors say of each other."""
        from publisher.repository.commit_remarks import remarks_at

        return remarks_at(self, commit)

    def _refs(self, *patterns: str) -> list[str]:
        return run(self.git, "for-each-ref --format=%(refname)", *patterns).split()

    def _object(self, id: str) -> bytes:
        """Return the content of a commit, tree or blob."""
        ahead = self._ahead.take(id, self.objects)
        if ahead is not None:
            return ahead
        try:
            if self._serving:
                return bytes(self.git.get_object_data(id)[3])
            with own_environment():  # for the process that serves all objects from now on
                data = bytes(self.git.get_object_data(id)[3])
        except (ValueError, OSError):
            raise _no_object(id) from None
        self._serving = True
        return data

    def kept_objects(self, ids: Sequence[str]) -> Iterator[bytes]:
        """Yield the content of many small objects, in order, most of which are asked for again."""
        new = [id for id in ids if id not in self._kept]
        self._kept |= zip(new, self.objects(new), strict=True)
        return map(self._kept.__getitem__, ids)

    def objects(self, ids: Sequence[str]) -> Iterator[bytes]:
        """Yield the content of many objects, in order."""
        output = ask(self.git, "cat-file --batch", lines=ids)
        at = 0
        for id in ids:
            end = output.index(b"\n", at)
            header = output[at:end].split()
            if len(header) != 3:
                raise _no_object(id)
            at = end + 1 + int(header[2]) + 1
            yield output[end + 1 : at - 1]


def _opened(workspace: Path) -> tuple[Git, str]:
    """Return what runs git in a workspace, and its answer to all that `Repository.find` asks.

    Which folders the user trusts is asked where git refuses to read this one.
    """
    asked = "--is-inside-work-tree --show-object-format --is-shallow-repository --show-prefix"
    asked = f"rev-parse {asked} --revs-only HEAD^{{commit}}"
    git = guarded(workspace, trusting=False)
    try:
        return git, run(git, asked)
    except GitFailed as fault:
        if _DISTRUST not in str(fault):
            raise
    git = guarded(workspace)
    return git, run(git, asked)


class _Ahead:
    """Objects that will be asked for in about that order: git hands out many at a time.

    Where most of them are asked for by nobody, as in a repository of many brands, it ends.
    """

    def __init__(self) -> None:
        self.expect(())

    def expect(self, ids: Iterable[str]) -> None:
        """Have these objects read ahead, in place of those before."""
        self._ids = tuple(dict.fromkeys(ids))
        self._at = {id: at for at, id in enumerate(self._ids)}
        self._read: dict[str, bytes] = {}
        self._start = 0
        self._size = 16

    def take(self, id: str, objects: Callable[[Sequence[str]], Iterator[bytes]]) -> bytes | None:
        """Return an object, and read some after it by `objects`; None if it is not among them."""
        at = self._at.get(id)
        if at is not None and at < self._start:
            return None  # what is asked for together is asked for in any order
        if at is not None and id not in self._read:
            if len(self._read) > self._size // 4:  # half of what was read last
                self._at.clear()
                return None
            self._start = at
            wanted = self._ids[at : at + self._size]
            for other in wanted:
                self._at.pop(other, None)
            self._size = min(2 * self._size, 512)
            try:
                self._read = dict(zip(wanted, objects(wanted), strict=True))
            except GitFailed:
                self._at.clear()  # one of them is missing: who asks for that is told
        return self._read.pop(id, None)


def _before(
    commits: Mapping[str, bytes],
    trees: Mapping[str, str | None],
    changed: Mapping[str, Sequence[Difference]],
    folders: Sequence[str],
) -> Iterator[str]:
    """Yield the ids of what each commit changed in some folders as it was before, and its parent.

    That is what composing a policy before the commit reads, and a search after it has not read yet.
    """
    from publisher.repository.commits import parents

    inside = tuple(f"{folder}/" for folder in folders)
    for id, content in commits.items():
        parent = parents(content)[:1]
        yield from parent
        yield from (str(trees[id]) for id in parent)
        for change in changed.get(id, ()):
            if change.path.startswith(inside) or change.path in folders:
                yield from [change.before] if change.before != _NOTHING else ()


def _no_object(id: str) -> GitFailed:
    return GitFailed(
        f"git has no object {id}; run `git fsck`, or, if this clone is partial, "
        "`git fetch --refetch --no-filter`"
    )
