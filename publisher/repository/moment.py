"""Opens a workspace at one moment: its files, and the repository around them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from publisher.errors import AskedWrongly, NotAWorkspace, PublisherError, UnknownName
from publisher.repository.source import (
    FOLDER,
    ArchiveFolder,
    FolderSource,
    Source,
    TreeSource,
    bytes_of,
)
from publisher.repository.sparse import left_out_of

if TYPE_CHECKING:
    from publisher.repository.reading import Repository


@dataclass(frozen=True, slots=True)
class Moment:
    """The files of a workspace, and where in history they are.

    `archive` has the files below ``versions/``, of any size. `commit` is the newest commit, whose
    files may differ from `source` unless `committed` says that they were read from it. It is None
    outside git and before the first commit.
    """

    source: Source
    archive: Source
    repository: Repository | None
    commit: str | None
    committed: bool


def find_workspace(start: Path) -> Path:
    """Return the nearest folder from `start` upwards that has ``brands/`` and ``shared/``."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / "brands").is_dir() and (folder / "shared").is_dir():
            return folder
    for folder in (start, *start.parents):
        _refuse_left_out(folder)
    raise NotAWorkspace(str(start))


def named_workspace(folder: Path) -> Path:
    """Return `folder`, which the user named, if it is a workspace; raises `NotAWorkspace`."""
    if (folder / "brands").is_dir() and (folder / "shared").is_dir():
        return folder.resolve()
    _refuse_left_out(folder.resolve())
    raise NotAWorkspace(str(folder))


def _refuse_left_out(folder: Path) -> None:
    """Raise `NotCheckedOut` if a folder is a workspace of which too much is left out."""
    left_out = left_out_of(folder)
    for path in sorted(left_out.files):
        if path.startswith("shared/") and not (folder / "shared").is_dir():
            left_out.refuse(path)
    for name in sorted(left_out.folders):
        if name.startswith("brands/") and not (folder / "brands").is_dir():
            raise left_out.brand(name.removeprefix("brands/"))


def left_out(root: Path, *folders: str) -> frozenset[str]:
    """Return the names of the folders, in some folders of a workspace, that are not checked out.

    They are left out because the checkout is sparse.
    """
    inside = (folder.partition("/") for folder in left_out_of(root).folders)
    return frozenset(name for top, _, name in inside if top in folders)


def not_checked_out(source: Source, *folders: str) -> frozenset[str]:
    """Return what `left_out` does, if a source is the working tree."""
    return left_out(source.root, *folders) if isinstance(source, FolderSource) else frozenset()


def bringing(source: Source, brands: Iterable[str]) -> dict[str, str]:
    """Return the command that checks out each of some brands that are not checked out."""
    if not isinstance(source, FolderSource):
        return {}
    missing, left_out = not_checked_out(source, "brands"), left_out_of(source.root)
    return {name: left_out.command(f"brands/{name}") for name in brands if name in missing}


def unknown_brand(source: Source, brand: str, known: Iterable[str]) -> PublisherError:
    """Return the error for a brand that is not among `known`, or that is not checked out."""
    if isinstance(source, FolderSource) and brand in not_checked_out(source, "brands", FOLDER):
        return left_out_of(source.root).brand(brand)
    return UnknownName("brand", brand, known)


def refuse_left_out(root: Path, brands: Iterable[str]) -> None:
    """Raise `NotCheckedOut` if one of `brands`, or its archive, is not checked out."""
    missing = left_out(root, "brands", FOLDER)
    for brand in brands if missing else ():
        if brand in missing:
            raise left_out_of(root).brand(brand)


def repository_at(repository: Repository, commit: str) -> Repository:
    """Return the repository for the folder in which the workspace was at a commit, by its id.

    That is today's folder. If it was not a workspace at that commit, it is the one folder that was
    a workspace then and no longer is; if there are several such folders, it is unknown.
    """
    tree = TreeSource(repository, repository.tree(commit), repository.prefix)
    if tree.id("brands") is not None and tree.id("shared") is not None:
        return repository
    head = repository.head()
    there = set(repository.workspaces(head)) if head is not None else set()
    former = [folder for folder in repository.workspaces(commit) if folder not in there]
    return repository.under(former[0]) if len(former) == 1 else repository


def source_at(repository: Repository, commit: str, *, past: bool = False) -> TreeSource:
    """Return the files of the workspace at a commit, given by its id, wherever it was then.

    `past` is as in a `TreeSource`.
    """
    then = repository_at(repository, commit)
    return TreeSource(then, then.tree(commit), then.prefix, past=past)


def brand_files(moment: Moment) -> Mapping[str, bytes]:
    """Return the brand.yaml of every folder in ``brands``, by the folder's name.

    They are those of the newest commit, which git returns at once, even in a sparse checkout;
    without one, those of the working tree. Raises `GitFailed` in a partial clone without them.
    """
    if moment.repository is not None and moment.commit is not None:
        return source_at(moment.repository, moment.commit).brand_files()
    inside = (below[:-1] for below in moment.source.list("brands") if below.endswith("/"))
    files = {brand: bytes_of(moment.source, f"brands/{brand}/brand.yaml") for brand in inside}
    return {brand: data for brand, data in files.items() if data is not None}


@contextmanager
def open_workspace(root: Path, at: str | None = None) -> Iterator[Moment]:
    """Open the workspace in `root`: the working tree, or the commit that `at` names."""
    from publisher.repository.reading import Repository

    repository = Repository.find(root)
    if repository is None:
        if at is not None:
            raise AskedWrongly(f"{root} is not in a git repository, so there is no '{at}'")
        yield Moment(FolderSource(root), ArchiveFolder(root), None, None, committed=False)
        return
    with repository:
        yield _working(root, repository) if at is None else committed(repository, at)


def committed(repository: Repository, revision: str) -> Moment:
    """Return the workspace as it was at the commit that a revision names."""
    return commit_at(repository, repository.resolve(revision))


def commit_at(repository: Repository, commit: str) -> Moment:
    """Return the workspace as it was at a commit, given by its id."""
    source = source_at(repository, commit)
    return Moment(source, source, repository_at(repository, commit), commit, committed=True)


def _working(root: Path, repository: Repository) -> Moment:
    folder = FolderSource(root)
    return Moment(folder, ArchiveFolder(root), repository, repository.newest(), committed=False)
