"""What a sparse checkout leaves out of a workspace (git-sparse-checkout)."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from publisher.errors import GitFailed, NotCheckedOut
from publisher.repository.layout import git_folder

_OF_BRANDS = ("brands", "versions")
_FOLDERS = (*_OF_BRANDS, "shared")


def sparse(root: Path) -> bool:
    """Return whether the checkout around `root` may be sparse.

    Git is not asked: this is for commands that need no git, and stay quick without it.
    """
    git = git_folder(root)
    return git is not None and (git / "info" / "sparse-checkout").exists()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a sparse checkout leaves out of the workspace in `root`, by git's index.

    `folders` are those of a brand, or of its archive, of which it has no file. `files` are the
    files that it leaves out of all others, and `names` their names, and those of the folders that
    lead to them, by the folder that they are in. In a `cone`, it leaves out whole folders only.
    """

    root: Path
    folders: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    names: Mapping[str, frozenset[str]] = field(default_factory=dict)
    cone: bool = False

    def missing(self, path: str) -> bool:
        """Return whether a file is left out, and nothing is in its place."""
        return path in self.files and not os.path.lexists(self.root / path)

    def below(self, folder: str) -> tuple[str, ...]:
        """Return the paths of the files in a folder that are missing, sorted."""
        inside = (path for path in self.files if path.startswith(f"{folder}/"))
        return tuple(sorted(path for path in inside if self.missing(path)))

    def refuse(self, path: str) -> None:
        """Raise `NotCheckedOut` if a file is missing."""
        if self.missing(path):
            raise NotCheckedOut(f"{path} is not", self.command(_folder(path)))

    def brand(self, brand: str) -> NotCheckedOut:
        """Return the error for a brand, or an archive, of which nothing is checked out."""
        command = self.command(*(f"{folder}/{brand}" for folder in _OF_BRANDS))
        return NotCheckedOut(f"not all of the brand '{brand}' is", command)

    def command(self, *folders: str) -> str:
        """Return the command that checks folders out: nothing can be added to other patterns."""
        return f"git sparse-checkout {' '.join(('add', *folders)) if self.cone else 'disable'}"


def left_out_of(root: Path) -> LeftOut:
    """Return what a sparse checkout leaves out of the workspace in `root`; nothing if git fails."""
    with suppress(GitFailed, OSError):
        if sparse(root):
            index = ((git_folder(root) or root) / "index").stat()
            return _by_index(root, index.st_ino, index.st_mtime_ns, index.st_size)
    return LeftOut(root)


@lru_cache(maxsize=4)
def _by_index(root: Path, *_state: int) -> LeftOut:
    """Return what is left out by the index in this state, which git may take long to read."""
    from publisher.repository.git import opened, run

    git, _, listed = opened(root, f"ls-files -t -z -- {' '.join(_FOLDERS)}")
    try:
        cone = run(git, "config --get core.sparseCheckoutCone").strip() == "true"
    except GitFailed:
        cone = False  # it is not set
    skipped = {
        line[2:]: line.startswith("S ")
        for line in listed.split("\0")
        if line.count("/") > (0 if line[2:].startswith("shared/") else 1)
    }
    there = {_folder(path) for path, left_out in skipped.items() if not left_out} | {"shared"}
    files = frozenset(path for path, left_out in skipped.items() if left_out)
    partly = frozenset(path for path in files if _folder(path) in there)
    names: dict[str, set[str]] = defaultdict(set)
    for path in partly:
        name = path
        while "/" in name.rstrip("/"):
            folder, _, last = name.rstrip("/").rpartition("/")
            if folder not in _OF_BRANDS:
                names[folder].add(f"{last}/" if name.endswith("/") else last)
            name = f"{folder}/"
    folders = frozenset(map(_folder, files - partly))
    return LeftOut(
        root, folders, partly, {where: frozenset(inside) for where, inside in names.items()}, cone
    )


def _folder(path: str) -> str:
    """Return the folder of a brand, or of its archive, that a path lies in, or ``shared``."""
    top, _, below = path.partition("/")
    return f"{top}/{below.partition('/')[0]}" if top in _OF_BRANDS else top
