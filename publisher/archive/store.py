"""Appends to the archive: all of a version or nothing, and one writer at a time.

A version's folder is made beside its place, brought to the disk, and renamed into place. The entry
is then linked under its name, which fails if that exists: this is the moment of the release.
``ledger.head`` is replaced after that, and may lag behind: the next entry corrects it. The remains
of a killed command are known by its staging folder, which names the entry that it was making; the
next command deletes them.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from publisher.archive.entries import (
    VERSIONS,
    Entry,
    Newer,
    Redact,
    entry_bytes,
    entry_name,
    read_entry,
    sha256,
)
from publisher.archive.ledger import ATTACHED, head_bytes, head_path, ledger_folder
from publisher.errors import ArchiveLocked, CannotArchive, NotDeleted
from publisher.files.named import Unread, refuse_special
from publisher.files.output import sync, sync_tree, write_file
from publisher.repository.source import FOLDER, read_plain
from publisher.repository.writing import committing

STAGING = ".staging-"
"""The name of the folder in which a command prepares an entry, before its process id."""
INTENT = "intent"
"""The file in that folder that names the entry."""
VERSION = "version"
"""The folder in that folder with the files of the entry's version."""

Sign = Callable[[Path], None]
"""Writes the signature of a file beside the file, as ``NAME.sig``."""


@dataclass(frozen=True, slots=True)
class Addition:
    """An entry, the files of its version, and an authority's reply to be attached to it."""

    entry: Entry
    files: Mapping[str, bytes] = field(default_factory=dict)
    reply: bytes | None = None


def refuse_locked(lock: Path) -> None:
    """Raise what `locked` would raise now, and leave everything as it is."""
    if not lock.exists():
        _refuse_unwritable(lock.parent)
        return
    _refuse_unwritable(lock)
    with _opened(lock) as file:
        _take(file)


@contextmanager
def locked(lock: Path) -> Iterator[None]:
    """Hold the lock file; raises `ArchiveLocked` if another process does.

    The system frees it when its holder ends, however that happens; the file stays, and names the
    last holder.
    """
    with _opened(lock) as file:
        _take(file)
        file.seek(0)
        file.truncate()
        file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        file.flush()
        yield


def _opened(lock: Path) -> TextIO:
    """Return the lock file, open; raises `CannotArchive`."""
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        if lock.exists():
            refuse_special(lock)
        return lock.open("a+", encoding="utf-8", errors="backslashreplace")
    except Unread as fault:
        raise CannotArchive(str(lock), f"it {fault}: delete it") from fault
    except OSError as fault:
        raise CannotArchive(str(lock), (fault.strerror or str(fault)).lower()) from fault


def _take(file: TextIO) -> None:
    """Lock an open file until it is closed; raises `ArchiveLocked`."""
    if not _taken(file.fileno()):
        file.seek(0)
        raise ArchiveLocked(file.read().strip() or "another process")


def _taken(descriptor: int) -> bool:
    """Lock an open file; return whether nobody else has."""
    if os.name == "nt":
        import msvcrt

        try:
            os.lseek(descriptor, 1 << 20, os.SEEK_SET)  # far behind the holder's name
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class Store:
    """The archive of one brand in the workspace in `root`, while its lock is held."""

    def __init__(self, root: Path, brand: str) -> None:
        self.root = root
        self.folder = root / FOLDER / brand
        self.ledger = root / ledger_folder(brand)
        self.head = root / head_path(brand)
        self.staging = self.folder / f"{STAGING}{os.getpid()}"

    def refuse_unwritable(self) -> None:
        """Raise `CannotArchive` if the user may not write an entry, or a version, here."""
        for folder in (self.folder, self.ledger):
            _refuse_unwritable(folder)

    def sweep(self, committed: Collection[str]) -> None:
        """Delete the remains of killed commands, except the workspace's paths in `committed`.

        Raises `CannotArchive`.
        """
        try:
            for leftover in leftovers(self.folder):
                if leftover.redacted is not None:
                    _take_away(leftover.redacted)
                for path in (*leftover.placed, leftover.staging):
                    name = f"{path.relative_to(self.root).as_posix()}"
                    if not any(f"{kept}/".startswith(f"{name}/") for kept in committed):
                        _delete(path)
        except OSError as fault:
            raise _cannot(fault, self.folder) from fault

    def append(self, addition: Addition, sign: Sign | None) -> list[Path]:
        """Put an entry and its files in place; return the paths that changed.

        Raises `CannotArchive`, or what `sign` raises; the archive is then as it was. Raises
        `NotDeleted` if the entry was recorded, but a file that it redacts could not be deleted.
        """
        placed: list[Path] = []
        try:
            self._stage(addition, sign)
            self._put(addition, placed)
        except BaseException as fault:
            with suppress(OSError):
                for path in reversed(placed):  # the entry first: without it, nothing is recorded
                    _delete(path)
                _delete(self.staging)
            if isinstance(fault, OSError):
                raise _cannot(fault, self.folder) from fault
            raise
        pointed = self._point()
        redacted = self._redact(addition.entry)
        with suppress(OSError):
            _delete(self.staging)  # or the next command does
        return [
            *(placed[0] / path for path in sorted(addition.files)),
            *(path for path in placed if path.parent == self.ledger),
            *pointed,
            *redacted,
        ]

    def _stage(self, addition: Addition, sign: Sign | None) -> None:
        """Write all new files into the staging folder, and sync them to the disk."""
        entry = addition.entry
        write_file(self.staging / INTENT, f"{entry.name}\n".encode())
        sync(self.staging, self.folder, self.folder.parent, self.root)
        for path, data in addition.files.items():
            write_file(self.staging / VERSION / path, data)
        data = entry_bytes(entry)
        write_file(self.staging / entry.name, data)
        write_file(self.staging / self.head.name, head_bytes(entry.name, sha256(data)))
        if addition.reply is not None:
            write_file(self.staging / f"{entry.name}.tsr", addition.reply)
        if sign is not None:
            sign(self.staging / entry.name)
            sync(self.staging / f"{entry.name}.sig")  # which ssh-keygen does not
        sync_tree(self.staging)

    def _put(self, addition: Addition, placed: list[Path]) -> None:
        """Put the staged files in place, the entry last; add their paths to `placed`."""
        entry = addition.entry
        if addition.files:
            target = self.folder / entry.about
            if os.path.lexists(target):
                raise FileExistsError(17, "exists already, but is in no entry", str(target))
            placed.append(target)
            (self.staging / VERSION).rename(target)
        self.ledger.mkdir(exist_ok=True)
        sync(self.folder)
        for name in (*(f"{entry.name}{ending}" for ending in ATTACHED), entry.name):
            if (self.staging / name).exists():
                _link(self.staging / name, self.ledger / name)
                placed.append(self.ledger / name)
                sync(self.ledger)  # each before the next: a disk may keep the later one alone

    def _point(self) -> list[Path]:
        """Let the head name the newest entry; return its path, or nothing if it lags."""
        try:
            (self.staging / self.head.name).replace(self.head)
        except OSError:
            return []
        with suppress(OSError):
            sync(self.folder)  # or it may lag behind after a power cut
        return [self.head]

    def _redact(self, entry: Entry) -> list[Path]:
        """Delete the file that an entry redacts, if it does; return its path."""
        path = redacted_by(self.folder, entry)
        if path is None:
            return []
        try:
            _take_away(path)
        except OSError as fault:
            where = path.relative_to(self.root).as_posix()
            reason = (fault.strerror or str(fault)).lower()
            command = committing(self.root, f"{FOLDER}/{entry.brand}")
            raise NotDeleted(entry.name, where, reason, command) from fault
        return [path]


@dataclass(frozen=True, slots=True)
class Leftover:
    """The remains of a killed command: its staging folder, and what it had put in place.

    Nothing is in `placed` if its entry was recorded: then it was nearly done. `redacted` is the
    file that it had yet to delete.
    """

    staging: Path
    placed: tuple[Path, ...]
    redacted: Path | None = None


def leftovers(folder: Path) -> Iterator[Leftover]:
    """Yield the remains of killed commands in a brand's folder of the archive."""
    for staging in sorted(folder.glob(f"{STAGING}*")):
        name = (read_plain(staging / INTENT) or b"").decode("ascii", "replace").strip()
        parsed = entry_name(name)
        entry = folder / "ledger" / name
        placed: list[Path] = []
        redacted = None
        if parsed is not None and not os.path.lexists(entry):
            placed += (entry.with_name(f"{name}{ending}") for ending in ATTACHED)
            stands = any(folder.glob(f"ledger/*-{parsed.kind}-{parsed.about}.json"))
            if parsed.kind in VERSIONS and not stands:
                placed.append(folder / parsed.about)
        elif parsed is not None and parsed.kind == "redact":
            with suppress(ValueError):
                redacted = redacted_by(folder, read_entry(read_plain(entry) or b""))
        yield Leftover(staging, tuple(placed), redacted)


def redacted_by(folder: Path, entry: Entry | Newer) -> Path | None:
    """Return the file, in a brand's folder, that an entry removes from the archive, if any."""
    return folder / entry.path if isinstance(entry, Redact) else None


def _link(source: Path, target: Path) -> None:
    """Give a file a second name; fails if the name is taken."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without links: the lock keeps others away
        if os.path.lexists(target):
            raise
        source.rename(target)


def _take_away(path: Path) -> None:
    """Delete a file, and its folder with the last one; sync that to the disk."""
    path.unlink(missing_ok=True)
    with suppress(OSError):
        path.parent.rmdir()
    sync(path.parent if path.parent.exists() else path.parent.parent)


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _refuse_unwritable(path: Path) -> None:
    """Raise `CannotArchive` if the user may not write to a path, or make it where it belongs."""
    there = next(place for place in (path, *path.parents) if os.path.lexists(place))
    needed = os.W_OK | (os.X_OK if there.is_dir() else 0)
    if not os.access(there, needed):
        raise CannotArchive(str(there), "permission denied")


def _cannot(fault: OSError, folder: Path) -> CannotArchive:
    reason = (fault.strerror or str(fault)).lower()
    if isinstance(fault, FileExistsError):
        reason = "it exists already, but is in no entry: move it away"
    return CannotArchive(str(fault.filename or folder), reason)
