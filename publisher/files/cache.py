"""Remembers results, each under a key made from everything that it depends on.

Safe to delete at any time. An entry has a digest of its content: a damaged entry counts as missing
and is made again. Errors of reading and writing are ignored: without the cache, everything works,
only slower.
"""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from publisher.files.named import Unread, read_named

LARGEST = 1 << 30
"""The most bytes in the cache; above, the least recently used entries go, down to half."""

VARIABLE = "PUBLISHER_CACHE"


def cache_folder() -> Path | None:
    """Return the user's cache: ``$PUBLISHER_CACHE``, or the system's folder for caches.

    None for a user without a home.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    try:
        return _systems_folder()
    except RuntimeError:
        return None


def _systems_folder() -> Path:
    match sys.platform:
        case "darwin":
            return Path.home() / "Library" / "Caches" / "policy-publisher"
        case "win32":
            return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "policy-publisher" / "Cache"
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    # A relative path there is invalid, and to be ignored (XDG Base Directory Specification).
    return (named if named.is_absolute() else Path.home() / ".cache") / "policy-publisher"


def key(*parts: str | bytes) -> str:
    """Return the key of a result that depends on `parts`: a SHA-256, 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        digest.update(f"{len(data)}\n".encode() + data)
    return digest.hexdigest()


class Cache:
    """The store in a folder; without a folder it is always empty."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.grown = False

    @property
    def empty(self) -> bool:
        """Whether it has no folder yet, and so no entries."""
        return self.folder is None or not os.path.isdir(self.folder)  # noqa: PTH112 - never raises

    def get(self, key: str) -> bytes | None:
        """Return the data stored under a key; None if it is missing or damaged."""
        if self.folder is None:
            return None
        path = self._path(self.folder, key)
        try:
            stored = read_named(path, LARGEST)
        except Unread:
            return None
        data = stored[32:]
        if stored[:32] != _digest(key, data):
            return None
        with suppress(OSError):
            os.utime(path)
        return data

    def put(self, key: str, data: bytes) -> None:
        """Store `data` under a key, in one step."""
        if self.folder is None:
            return
        path = self._path(self.folder, key)
        with suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
                try:
                    file.write(_digest(key, data) + data)
                    file.close()
                    Path(file.name).replace(path)
                except BaseException:
                    Path(file.name).unlink(missing_ok=True)
                    raise
        self.grown = True

    def keep(self, data: bytes) -> str:
        """Store a file by its content; return its SHA-256, 64 hexadecimal digits."""
        digest = hashlib.sha256(data).hexdigest()
        if self.find(digest) is None:
            self.put(key("file", digest), data)
        return digest

    def find(self, digest: str) -> bytes | None:
        """Return the file with a SHA-256, if it is stored."""
        return self.get(key("file", digest))

    def trim(self, largest: int = LARGEST) -> None:
        """Delete the least recently used entries, if the cache has become too large."""
        if self.folder is None or not self.grown:
            return
        with suppress(OSError):
            stored = [(path, path.stat()) for path in self.folder.glob("??/*")]
            size = sum(stat.st_size for _, stat in stored)
            if size <= largest:
                return
            for path, stat in sorted(stored, key=lambda entry: entry[1].st_mtime_ns):
                path.unlink(missing_ok=True)
                size -= stat.st_size
                if size <= largest / 2:
                    break

    @staticmethod
    def _path(folder: Path, key: str) -> Path:
        return folder / key[:2] / key[2:]


def _digest(key: str, data: bytes) -> bytes:
    return hashlib.sha256(key.encode() + data).digest()
