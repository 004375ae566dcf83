"""Finds alterations of anything that was ever committed to the archive."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from publisher.errors import GitFailed
from publisher.repository.git import run, run_lines, unguarded
from publisher.repository.source import TreeSource, Unreadable

if TYPE_CHECKING:
    from publisher.repository.reading import Repository

_STATUS = {"M": "altered", "D": "deleted", "T": "replaced by a link or a submodule"}
_HARMLESS = {"text": ("unset",)}
_FIRST = re.compile(r"/ledger/0001-[^/]+\.json$")
_LEFT = re.compile(r"/\.staging-[^/]*/")
"""The remains of a killed command: not part of the archive, even if committed."""
_NONE = re.compile("(?!)")
_ATTRIBUTES = ("text", "filter", "ident", "working-tree-encoding")


@dataclass(frozen=True, slots=True)
class Alteration:
    """A file that a commit altered, deleted or replaced: `what` says which."""

    commit: str
    path: str
    what: str

    @property
    def deleted(self) -> bool:
        """Whether the file was deleted."""
        return self.what == _STATUS["D"]


@dataclass(frozen=True, slots=True)
class Past:
    """Changes by commits, except additions: to files below a folder, and to some files anywhere.

    `deletions` are files that commits deleted anywhere: the commit, the path in the repository, and
    the file's SHA-256.
    """

    alterations: tuple[Alteration, ...] = ()
    deletions: tuple[tuple[str, str, str], ...] = ()


def past(repository: Repository, commit: str, folder: str, path: re.Pattern[str]) -> Past:
    """Return the changes by commits up to `commit` to files below a folder, except additions.

    A rename counts as a deletion, unless the workspace's own folder was renamed: then the files are
    followed to their old place, if all of them moved. Merges are compared with each parent, so that
    one that drops a file is seen. Deletions are those of files whose whole paths match `path`. Git
    goes through the history once, as each of its commits has a tree of all that was archived.
    """
    line = _line(repository, commit)
    altered, deleted = [], []
    below = f"{repository.path(folder)}/"
    for at, name, before, after, status in _changes(repository, line):
        if name.startswith(below) and (before != after or status == "T"):  # not its mode only
            own = repository.inside(name)
            if not _LEFT.search(own):
                altered.append(Alteration(at, own, _STATUS[status]))
        if status == "D" and path.fullmatch(name):
            deleted.append((at, name, before))
    contents = repository.objects([id for _, _, id in deleted])
    digests = (hashlib.sha256(content).hexdigest() for content in contents)
    return Past(
        tuple(_followed(repository, line, folder, altered)),
        tuple((by, name, sha) for (by, name, _), sha in zip(deleted, digests, strict=True)),
    )


def _line(repository: Repository, commit: str) -> dict[str, list[str]]:
    """Return the ids of all commits up to `commit`, newest first, with those of their parents."""
    lines = map(str.split, run(repository.git, "rev-list --parents", commit).splitlines())
    return {id: parents for id, *parents in lines}


def deletions(
    repository: Repository, commit: str, folders: Sequence[str], path: re.Pattern[str]
) -> Iterator[tuple[str, str, str]]:
    """Yield which files below some folders commits up to `commit` deleted, the newest first.

    That is the commit, one right before it that has the file, and the file's path in the workspace,
    which `path` matches. A merge is compared with each parent.
    """
    places = map(repository.pathspec, folders)
    touching = run(repository.git, "rev-list --full-history", commit, "--", *places).split()
    if not touching:
        return
    for at, name, before, _, _ in _changes(repository, touching, "D"):
        if path.fullmatch(own := repository.inside(name)):
            _, *parents = run(repository.git, "rev-list --no-walk --parents", at).split()
            files = (f"{parent}:{name}" for parent in parents)
            ids = run_lines(repository.git, "cat-file --batch-check=%(objectname)", lines=[*files])
            yield at, parents[ids.index(before)], own


def _changes(
    repository: Repository, ids: Iterable[str], letters: str = "MDT"
) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield which files commits changed, replaced or deleted, compared with each parent.

    That is the commit, the path in the repository, the ids before and after, and git's letter,
    which is among `letters`.
    """
    command = f"diff-tree --stdin -m -r -z --no-renames --diff-filter={letters} --raw --no-abbrev"
    fields = iter(run(repository.git, command, lines=[*ids]).split("\0"))
    at = ""
    for field in fields:
        if field.startswith(":"):
            before, after, status = field.split()[2:5]
            yield at, next(fields), before, after, status
        elif field:
            at = field.strip()


def _followed(
    repository: Repository,
    line: Mapping[str, Sequence[str]],
    folder: str,
    altered: Iterable[Alteration],
) -> Iterator[Alteration]:
    """Yield alterations, but not those of files that moved away with the workspace.

    Those at its places before follow.
    """
    folders = repository.folder_ids(folder, [*line])
    there = {id for id, tree in zip(line, folders, strict=True) if tree is not None}
    left = {
        id: _elsewhere(repository, id, folder)
        for id, parents in line.items()
        if id not in there and not there.isdisjoint(parents)
    }
    for alteration in altered:
        if alteration.path not in left.get(alteration.commit, ()):
            yield alteration
    for id, parents in line.items():
        if id in there and parents and parents[0] not in there:
            for parent in parents:
                yield from _came(repository, id, parent, folder)


def _elsewhere(repository: Repository, commit: str, folder: str) -> frozenset[str]:
    """Return the paths of the files that other workspaces have below a folder in a commit."""
    others = (repository.under(prefix) for prefix in repository.workspaces(commit))
    return frozenset(path for other in others for path in blobs(other, commit, folder))


def _came(repository: Repository, commit: str, parent: str, folder: str) -> Iterator[Alteration]:
    """Yield the changes to files that a commit moved here, by it and by those before it.

    They are those of another workspace, if an entry that begins a ledger is the same.
    """
    others = [prefix for prefix in repository.workspaces(parent) if prefix != repository.prefix]
    now = blobs(repository, commit, folder) if others else {}
    for other in map(repository.under, others):
        then = blobs(other, parent, folder)
        if not any(_FIRST.search(path) and now.get(path) == file for path, file in then.items()):
            continue
        for path, file in then.items():
            if path not in now:
                yield Alteration(commit, path, _STATUS["D"])
            elif now[path][1] != file[1]:
                yield Alteration(commit, path, _STATUS["M"])
        yield from past(other, parent, folder, _NONE).alterations


def blobs(repository: Repository, commit: str, folder: str) -> dict[str, tuple[str, str]]:
    """Return mode and id of every file below a folder in a commit, by its workspace path.

    The remains of killed commands are left out.
    """
    return _blobs(repository, _listed(repository, commit, folder))


def _listed(repository: Repository, commit: str, folder: str) -> Iterator[tuple[str, str, str]]:
    """Yield mode, id and path of every file below a folder in a commit."""
    where = repository.path(folder)
    few = repository.few_below(commit, where)
    if few is not None:
        yield from (entry for entry in few if entry[0] != "40000")
        return
    output = run(repository.git, "ls-tree -r -z --full-tree", commit, "--", where)
    for line in filter(None, output.split("\0")):
        about, _, path = line.partition("\t")
        mode, _, id = about.split()
        yield mode, id, path


def _blobs(
    repository: Repository, files: Iterable[tuple[str, str, str]]
) -> dict[str, tuple[str, str]]:
    return {
        repository.inside(path): (mode, id) for mode, id, path in files if not _LEFT.search(path)
    }


class Committed:
    """The files below each folder of a folder in a commit, which git lists once.

    `only` is the one folder in it that will be asked for; None for any.
    """

    def __init__(
        self, repository: Repository, commit: str, folder: str, only: str | None = None
    ) -> None:
        self.repository = repository
        self._files: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        start = len(repository.path(folder)) + 1
        for file in _listed(repository, commit, f"{folder}/{only}" if only else folder):
            self._files[file[2][start:].partition("/")[0]].append(file)

    def take(self, name: str) -> dict[str, tuple[str, str]]:
        """Return the result of `blobs` for one folder, once."""
        return _blobs(self.repository, self._files.pop(name, ()))


def unmerged(repository: Repository, commit: str, folder: str) -> Iterator[tuple[str, str]]:
    """Yield the references that a commit does not contain: short name, and the commit's id.

    Of those that have the same folder, the first is enough; so are those without the folder left
    out, and those whose folder is that of `commit`.
    """
    places = ("refs/heads", "refs/remotes", "refs/tags")
    form = "--format=%(refname:short)%00%(objectname)"
    listed = run_lines(repository.git, f"for-each-ref --no-merged={commit}", form, *places)
    names = [line.split("\0") for line in listed]
    if not names:
        return
    asked = [f"{id}^{{commit}}" for _, id in names]
    commits = run_lines(repository.git, "cat-file --batch-check=%(objectname)", lines=asked)
    peeled = zip(names, commits, strict=True)
    there = [(name, id) for (name, _), id in peeled if " " not in id]
    own, *trees = repository.folder_ids(folder, [commit, *(id for _, id in there)])
    known = {own}
    for (name, id), tree in zip(there, trees, strict=True):
        if tree is not None and tree not in known:
            yield name, id
        known.add(tree)


def folders(repository: Repository, commit: str, folder: str) -> tuple[str, ...]:
    """Return the names of the folders in a folder of the workspace, in a commit."""
    tree = TreeSource(repository, repository.tree(commit), repository.prefix)
    try:
        return tuple(name[:-1] for name in tree.list(folder) if name.endswith("/"))
    except Unreadable:  # a link
        return ()


def missing(repository: Repository, ids: Iterable[str]) -> frozenset[str]:
    """Return the `ids` that are not commits of this repository."""
    asked = sorted(set(ids))
    if not asked:
        return frozenset()
    kinds = zip(asked, repository.kinds(asked), strict=True)
    return frozenset(id for id, kind in kinds if kind != "commit")


def filtered(repository: Repository, paths: Sequence[str]) -> str | None:
    """Return why git would store or check out files as other bytes, or not at all.

    That is an attribute, as gitattributes(5) knows them, or a line of a ``.gitignore``.
    """
    git = unguarded(repository.folder)
    output = run(git, "check-attr -z", *_ATTRIBUTES, "--", *paths).split("\0")
    for path, attribute, value in zip(output[::3], output[1::3], output[2::3], strict=False):
        if value not in _HARMLESS.get(attribute, ("unset", "unspecified")):
            return f"git's attribute '{attribute}' is {value} for {path}"
    try:
        ignored = run_lines(git, "check-ignore --no-index --", *paths)
    except GitFailed:
        return None  # git ignores none, and reports that by its status
    why = run_lines(git, "check-ignore --no-index --verbose --", ignored[0])
    rule, _, path = why[0].partition("\t")
    return f"git ignores {path} ({rule})"
