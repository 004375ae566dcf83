"""The archive as it lies on the disk, or in any other `Source`."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from publisher.archive.fork import parted
from publisher.archive.ledger import Ledger, Record, ledger_folder, lies_beside
from publisher.archive.sums import NAME, read_sums
from publisher.errors import ArchiveDamaged, Forked, Redacted
from publisher.model.ledger import Redact, Version, sha256
from publisher.model.source import Source, Unreadable

FOLDER = "versions"
_AT_ONCE = getattr(os, "O_NONBLOCK", 0)  # else opening a pipe waits for a writer
_BINARY = getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


class ArchiveFolder:
    """A `Source` of what lies in the folder `root`: ordinary files of any size, no links."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._plain: dict[str, bool] = {}

    def read(self, path: str) -> bytes | None:  # noqa: D102 - see Source
        folder = path.rpartition("/")[0]
        return read_plain(f"{self.root}/{path}") if self._is_plain(folder) else None

    def list(self, folder: str) -> tuple[str, ...]:  # noqa: D102 - see Source
        if not os.path.lexists(self.root / folder):
            return ()
        if not self._is_plain(folder):
            raise Unreadable("is a link, or no folder", "restore it from git")
        with os.scandir(self.root / folder) as entries:
            names = [e.name + "/" * e.is_dir(follow_symlinks=False) for e in entries]
        return tuple(sorted(names))

    def _is_plain(self, folder: str) -> bool:
        """Return whether a folder is one, and no link leads to it."""
        if folder not in self._plain:
            path = self.root / folder
            self._plain[folder] = path.is_dir() and Path(os.path.realpath(path)) == path
        return self._plain[folder]


def read_plain(path: str | Path) -> bytes | None:
    """Return the bytes of an ordinary file; None for a link, a folder, or nothing."""
    try:
        descriptor = os.open(path, os.O_RDONLY | _NO_LINK | _AT_ONCE | _BINARY)
    except OSError:
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    with open(descriptor, "rb", buffering=0) as file:  # noqa: PTH123 - it is open already
        return file.readall()


def archived_brands(archive: Source) -> tuple[str, ...]:
    """Return the brands that have a folder in the archive."""
    try:
        names = archive.list(FOLDER)
    except Unreadable as fault:
        raise ArchiveDamaged(f"{FOLDER} {fault.reason}") from fault
    return tuple(name.removesuffix("/") for name in names if name.endswith("/"))


def version_folder(brand: str, version: str) -> str:
    """Return the path of a version's folder in the workspace."""
    return f"{FOLDER}/{brand}/{version}"


def read_ledger(archive: Source, brand: str, *, before_fork: bool = False) -> Ledger:
    """Return a brand's ledger; raises `ArchiveDamaged`, `NewerArchive`, `Forked`.

    With `before_fork`, one that two clones went on with is returned as it was before that.
    """
    folder = ledger_folder(brand)
    try:
        names = sorted(archive.list(folder), key=by_number)
    except Unreadable as fault:
        raise ArchiveDamaged(f"{folder} {fault.reason}") from fault
    records = []
    for name in names:
        if lies_beside(name):
            continue
        data = _read(archive, f"{folder}/{name}")
        if data is None:
            raise ArchiveDamaged(f"{folder}/{name} is no ordinary file")
        records.append(Record(name, data))
    trunk, fork = parted(brand, records)
    if fork is not None and not before_fork:
        raise Forked(fork)
    return Ledger(brand, trunk, fork)


def read_document(archive: Source, version: Version, path: str) -> bytes:
    """Return a file of a version, proven to be as it was archived.

    Raises `ArchiveDamaged`, and `Redacted` for one that was taken out of the archive.
    """
    folder = version_folder(version.brand, version.version)
    where = f"{folder}/{path}"
    sums = _read(archive, f"{folder}/{NAME}")
    if sums is None or sha256(sums) != version.sums:
        raise ArchiveDamaged(f"{folder}/{NAME} is {'missing' if sums is None else 'altered'}")
    digest = (read_sums(sums) or {}).get(path)
    data = _read(archive, where)
    if digest is None:
        raise ArchiveDamaged(f"{where} is not in the version's {NAME}")
    if data is None:
        _refuse_redacted(archive, version, path)
        raise ArchiveDamaged(f"{where} is missing, or no ordinary file")
    if sha256(data) != digest:
        raise ArchiveDamaged(f"{where} is altered")
    return data


def document_names(archive: Source, version: Version) -> tuple[str, ...]:
    """Return the paths of a version's files, by its SHA256SUMS.

    There are none where that is not as it was archived: `read_document` tells what is wrong.
    """
    sums = _read(archive, f"{version_folder(version.brand, version.version)}/{NAME}")
    if sums is None or sha256(sums) != version.sums:
        return ()
    return tuple(read_sums(sums) or {})


def _refuse_redacted(archive: Source, version: Version, path: str) -> None:
    """Raise `Redacted` if an entry of the ledger took a file of a version out of the archive."""
    ledger = read_ledger(archive, version.brand)
    for entry in ledger.of(Redact):
        if (entry.version, entry.file) == (version.version, path):
            where = f"{version_folder(version.brand, version.version)}/{path}"
            raise Redacted(where, entry.name, entry.reason, entry.authority)


def by_number(name: str) -> tuple[int, str]:
    """Return what sorts the names of entries: 10000 behind 9999."""
    number = name.partition("-")[0]
    return (int(number) if number.isascii() and number.isdecimal() else 0, name)


def _read(archive: Source, path: str) -> bytes | None:
    try:
        return archive.read(path)
    except Unreadable:
        return None
