"""Sources of a workspace's files: the working tree, the tree of a commit, and what is staged.

Everything after a source is a pure function of it, so "the policy as it was at commit X" and "as it
would be with my edits" are the same code.

All other rooms see them as a `Source`.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Protocol

from publisher.errors import NotFetched
from publisher.policy.characters import LARGEST
from publisher.repository.sparse import LeftOut, left_out_of

_DEEPEST = 64
"""The most folders around a folder of a workspace."""


class Unreadable(Exception):
    """A path of the workspace that exists, but is not an ordinary file."""

    def __init__(self, reason: str, fix: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fix = fix


class Source(Protocol):
    """Two calls; paths are relative to the workspace, with forward slashes."""

    def read(self, path: str) -> bytes | None:
        """Return the file's bytes, or None if there is none; raise `Unreadable` for the rest."""

    def list(self, folder: str) -> tuple[str, ...]:
        """Return the names in a folder, sorted, folders with a slash at the end; empty if none.

        Raise `Unreadable` for anything that exists, but is not an ordinary folder.
        """


def bytes_of(source: Source, path: str) -> bytes | None:
    """Return the content of a file, None for one that is missing or cannot be read."""
    try:
        return source.read(path)
    except Unreadable:
        return None


FOLDER = "versions"
_AT_ONCE = getattr(os, "O_NONBLOCK", 0)  # without it, opening a pipe waits for a writer
_BINARY = getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_NO_FAULT_OF_THE_FILE = (errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE, errno.ENOMEM)


class ArchiveFolder:
    """A `Source` of what lies in the folder `root`: ordinary files of any size, no links.

    It lists what a sparse checkout leaves out of it, and raises `NotCheckedOut` where that is read.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._plain: dict[str, bool] = {}

    @cached_property
    def _left_out(self) -> LeftOut:
        return left_out_of(self.root)

    def read(self, path: str) -> bytes | None:  # noqa: D102 - see Source
        folder = path.rpartition("/")[0]
        data = read_plain(f"{self.root}/{path}") if self._is_plain(folder) else None
        if data is None:
            self._left_out.refuse(path)
        return data

    def list(self, folder: str) -> tuple[str, ...]:  # noqa: D102 - see Source
        left_out = self._left_out.names.get(folder, frozenset())
        try:
            (self.root / folder).lstat()
        except (FileNotFoundError, NotADirectoryError):
            return tuple(sorted(left_out))  # an unreadable folder is not an empty one
        if not self._is_plain(folder):
            raise Unreadable("is a link, or not a folder", "restore it from git")
        with os.scandir(self.root / folder) as entries:
            names = {e.name + "/" * e.is_dir(follow_symlinks=False) for e in entries}
        return tuple(sorted(names | left_out))

    def _is_plain(self, folder: str) -> bool:
        """Return whether a folder is one, and no link leads to it."""
        if folder not in self._plain:
            path = self.root / folder
            self._plain[folder] = path.is_dir() and Path(os.path.realpath(path)) == path
        return self._plain[folder]


class NotedFolder(ArchiveFolder):
    """A folder that notes a digest of everything read and listed in it, in `seen`, by path."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.seen: dict[str, str] = {}

    def read(self, path: str) -> bytes | None:  # noqa: D102 - see Source
        data = super().read(path)
        self.seen[path] = _digest(data)
        return data

    def list(self, folder: str) -> tuple[str, ...]:  # noqa: D102 - see Source
        names = super().list(folder)
        self.seen[f"{folder}/"] = _digest(names)
        return names

    def has(self, seen: Mapping[str, str]) -> bool:
        """Return whether everything that another noted is the same here and now."""
        for path in seen:
            with suppress(Unreadable):
                _ = self.list(path[:-1]) if path.endswith("/") else self.read(path)
        return seen.items() <= self.seen.items()


def _digest(content: object) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()


def read_plain(path: str | Path) -> bytes | None:
    """Return the bytes of an ordinary file; None for a link, a folder, nothing, or a bad disk.

    Raises `OSError` where this user may not read it, or the system has too few resources: that is
    no fault of the file.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | _NO_LINK | _AT_ONCE | _BINARY)
    except OSError as fault:
        if fault.errno in _NO_FAULT_OF_THE_FILE:
            raise
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None
        data = os.read(descriptor, status.st_size + 1)
        if len(data) == status.st_size:  # as nearly always: one call reads it all
            return data
        with open(descriptor, "rb", buffering=0, closefd=False) as file:
            return data + file.readall()
    except OSError as fault:
        if fault.errno == errno.EIO:  # by which a disk says that it cannot read the file
            return None
        fault.filename = str(path)
        raise
    finally:
        os.close(descriptor)


def read_output(path: Path) -> bytes | None:
    """Return the bytes of a file that is written again where they differ; None if unreadable."""
    with suppress(OSError):
        return read_plain(path)
    return None


def symlink() -> Unreadable:
    """Return why a symbolic link is refused: its target can change unnoticed."""
    return Unreadable("is a symbolic link", "copy the file itself in")


def _unreadable(fault: OSError) -> Unreadable:
    reason = (fault.strerror or str(fault)).lower()
    return Unreadable(f"cannot be read: {reason}", "fix its permissions")


def _fetched(path: str, data: bytes) -> bytes:
    """Return the content of a file; raises `NotFetched` if it is only a pointer."""
    if data.startswith(_POINTER):
        raise NotFetched(path)
    return data


class FolderSource:
    """The files of a workspace as they lie in a folder.

    It lists what a sparse checkout leaves out of it, and raises `NotCheckedOut` where that is read.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    @cached_property
    def _left_out(self) -> LeftOut:
        return left_out_of(self.root)

    def read(self, path: str) -> bytes | None:  # noqa: D102 - see Source
        full = self.root / path
        try:
            status = full.lstat()
            if stat.S_ISLNK(status.st_mode) or Path(os.path.realpath(full.parent)) != full.parent:
                raise symlink()
            if not stat.S_ISREG(status.st_mode):
                raise Unreadable("is not an ordinary file", "put a text file in its place")
            if status.st_size > LARGEST:
                raise Unreadable("is larger than 1 MB", "split it into several")
            descriptor = os.open(full, os.O_RDONLY | _NO_LINK | _AT_ONCE | _BINARY)
            with open(descriptor, "rb") as file:  # noqa: PTH123 - a pipe put there meanwhile may wait
                return _fetched(path, file.read(LARGEST + 1))
        except (FileNotFoundError, NotADirectoryError):
            self._left_out.refuse(path)
            return None
        except OSError as fault:
            raise _unreadable(fault) from fault

    def list(self, folder: str) -> tuple[str, ...]:  # noqa: D102 - see Source
        _refuse_deep(folder)
        full = self.root / folder
        if full.is_symlink():
            raise symlink()
        left_out = self._left_out.names.get(folder, frozenset())
        if not full.is_dir():
            return tuple(sorted(left_out))
        try:
            with os.scandir(full) as entries:
                names = {e.name + "/" * e.is_dir(follow_symlinks=False) for e in entries}
                return tuple(sorted(names | left_out))
        except OSError as fault:
            raise _unreadable(fault) from fault


_FOLDER = "40000"
_FILES = ("100644", "100755", "100664")
_POINTER = b"version https://git-lfs.github.com/spec/"
Entries = Mapping[str, tuple[str, str]]
"""The mode and id of each name in a folder."""
Listed = list[tuple[str, str, str]]
"""The mode, the id and the path of each of many."""
_ENTRY = re.compile(rb"([0-7]+) ([^\0]+)\0(.{20})", re.DOTALL)
_LARGE = 20_000
"""In a folder of this many bytes, about 400 names, one is found without reading the others."""


def _refuse(mode: str) -> None:
    """Raise `Unreadable` for anything in git that is neither a file nor a folder."""
    if mode == "120000":
        raise symlink()
    if mode == "160000":
        raise Unreadable("is a submodule", "put the files themselves in its place")


class Objects(Protocol):
    """Where a `TreeSource` gets git's objects."""

    def object(self, id: str) -> bytes:
        """Return the content of the blob or tree with this hexadecimal id."""

    def kept_objects(self, ids: Sequence[str]) -> Iterable[bytes]:
        """Return the contents of many, in order, which stay in memory."""


class TreeSource:
    """The files of a workspace in a tree of git; `prefix` is where in it the workspace lies.

    If it is asked for as a `past`, rules that are younger than its files refuse none of them, as
    far as the words of policies follow from them.
    """

    def __init__(
        self, objects: Objects, tree: str, prefix: str = "", *, past: bool = False
    ) -> None:
        self.objects = objects
        self.tree = tree
        self.past = past
        self._contents: dict[str, bytes | None] = {}
        self._folders: dict[str, Entries | None] = {}
        self._prefix = f"{prefix}/" if prefix else ""

    def read(self, path: str) -> bytes | None:  # noqa: D102 - see Source
        mode, id = self._find(self._prefix + path)
        if not mode or mode == _FOLDER:
            return None
        return _fetched(path, self.objects.object(id))

    def list(self, folder: str) -> tuple[str, ...]:  # noqa: D102 - see Source
        entries = self._entries(self._prefix + folder)
        if entries is None:
            return ()
        return tuple(sorted(f"{n}/" if m == _FOLDER else n for n, (m, _) in entries.items()))

    def id(self, path: str) -> str | None:
        """Return git's id of a file or folder, which depends on its content; None without one."""
        try:
            return self._find(self._prefix + path)[1] or None
        except Unreadable:
            return None

    def folder_id(self, path: str) -> str | None:
        """Return git's id of a folder; None without one."""
        with suppress(Unreadable):
            return self.id(path) if self.is_folder(path) else None
        return None

    def edited(self, before: TreeSource, folder: str) -> tuple[str, ...] | None:
        """Return the files below a folder whose bytes are not those in the tree `before`.

        None if there is another name, or another kind of file.
        """
        if self.id(folder) is None or before.id(folder) is None:
            return None
        now, then = (tree._entries(tree._prefix + folder) or {} for tree in (self, before))
        edited = [name for name, entry in now.items() if entry != then.get(name)]
        if now.keys() != then.keys() or any(now[name][0] != then[name][0] for name in edited):
            return None
        paths: tuple[str, ...] = ()
        for name in edited:
            path, mode = f"{folder}/{name}", now[name][0]
            inside = self.edited(before, path) if mode == _FOLDER else (path,)
            if inside is None or mode not in (_FOLDER, *_FILES):
                return None
            paths += inside
        return paths

    def below(self, folder: str, most: int) -> Listed | None:
        """Return mode, id and path of everything below a folder, sorted by path.

        None for too many folders, and for anything but a folder; raises `Unreadable`.
        """
        mode = self._find(self._prefix + folder)[0] if folder else _FOLDER
        if mode != _FOLDER:
            return None if mode else []
        entries, waiting = [], [folder]
        for place in waiting:
            if len(waiting) > most:
                return None
            for name, (mode, id) in (self._entries(self._prefix + place) or {}).items():
                path = f"{place}/{name}" if place else name
                entries.append((mode, id, path))
                waiting += [path] if mode == _FOLDER else []
        return sorted(entries, key=lambda entry: entry[2])

    def is_folder(self, path: str) -> bool:
        """Return whether a path is a folder; raises `Unreadable` for a link, or below one."""
        return self._find(self._prefix + path)[0] == _FOLDER

    def brand_files(self) -> dict[str, bytes]:
        """Return the brand.yaml of every folder in ``brands``, by the folder's name.

        Git returns all of them at once, so that ten thousand take as long as a `git ls-files`.
        """
        entries = self._entries(f"{self._prefix}brands") or {}
        trees = {brand: id for brand, (mode, id) in entries.items() if mode == _FOLDER}
        contents = zip(trees, self.objects.kept_objects([*trees.values()]), strict=True)
        inside = ((brand, _entry(content, "brand.yaml")) for brand, content in contents)
        files = {brand: entry[1] for brand, entry in inside if entry and entry[0] in _FILES}
        return dict(zip(files, self.objects.kept_objects([*files.values()]), strict=True))

    def _find(self, path: str) -> tuple[str, str]:
        """Return mode and id of a path in the tree, or nothing."""
        folder, _, name = path.rpartition("/")
        content = self._content(folder)
        if folder not in self._folders and content is not None and len(content) > _LARGE:
            entry = _entry(content, name)
        else:
            entry = (self._entries(folder) or {}).get(name)
        mode, id = entry or ("", "")
        _refuse(mode)
        return mode, id

    def _entries(self, folder: str) -> Entries | None:
        """Return the entries of a folder; None if it is missing."""
        if folder not in self._folders:
            content = self._content(folder)
            read = _few_entries if content is not None and len(content) < _LARGE else _entries
            self._folders[folder] = read(content) if content is not None else None
        return self._folders[folder]

    def _content(self, folder: str) -> bytes | None:
        """Return a folder as git stores it; None if it is missing."""
        if folder not in self._contents:
            _refuse_deep(folder)
            mode, id = self._find(folder) if folder else (_FOLDER, self.tree)
            self._contents[folder] = self.objects.object(id) if mode == _FOLDER else None
        return self._contents[folder]


class IndexSource:
    """The files of a workspace as they are staged: `entries` has mode and id of each, by path."""

    def __init__(self, objects: Objects, entries: Mapping[str, tuple[str, str]]) -> None:
        self.objects = objects
        self.entries = entries
        self._folders: dict[str, set[str]] = defaultdict(set)
        for path in entries:
            below = path
            while below:
                folder, _, name = below.rpartition("/")
                self._folders[folder].add(name if below == path else f"{name}/")
                below = folder

    def read(self, path: str) -> bytes | None:  # noqa: D102 - see Source
        mode, id = self.entries.get(path, ("", ""))
        _refuse(mode)
        return _fetched(path, self.objects.object(id)) if mode else None

    def list(self, folder: str) -> tuple[str, ...]:  # noqa: D102 - see Source
        _refuse(self.entries.get(folder, ("", ""))[0])
        return tuple(sorted(self._folders.get(folder, ())))


@lru_cache(maxsize=2048)
def _refuse_deep(folder: str) -> None:
    """Raise `Unreadable` for a folder in more folders than any workspace needs."""
    if folder.count("/") > _DEEPEST:
        raise Unreadable(f"lies in more than {_DEEPEST} folders", "move it up, or delete it")


def _entries(tree: bytes) -> Entries:
    """Return mode and id by name, from a tree object as git stores it."""
    entries = _ENTRY.findall(tree)
    return {_name(name): (mode.decode(), id.hex()) for mode, name, id in entries}


_few_entries = lru_cache(maxsize=256)(_entries)
"""The same of a small folder: neighbouring commits share most of their folders."""


def _entry(tree: bytes, name: str) -> tuple[str, str] | None:
    """Return mode and id of one name in a tree object, without a look at the names after it."""
    wanted = re.escape(name.encode("utf-8", "surrogateescape")) + rb"\0"
    before = rb"(?>[0-7]+ (?!" + wanted + rb")[^\0]+\0.{20})*+"
    match = re.match(before + rb"([0-7]+) " + wanted + rb"(.{20})", tree, re.DOTALL)
    return (match[1].decode(), match[2].hex()) if match is not None else None


def _name(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
