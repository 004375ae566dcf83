"""Writes folders so that a reader, or a power cut, meets the whole old one or the whole new one.

Each step is on the disk before the next, so that files survive a power cut.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from publisher.errors import AskedWrongly, CannotWrite


def write_file(path: Path, data: bytes) -> None:
    """Write a new file, with the folders above it, and sync it to the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync(*paths: Path) -> None:
    """Sync folders, with the names in them, and files to the disk."""
    if os.name == "nt":
        return  # Windows cannot, and need not
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Sync the names in a folder, and in all folders below it, to the disk."""
    sync(*(Path(path) for path, _, _ in os.walk(folder)))


def alive(pid: int) -> bool:
    """Return whether a process of this machine exists, as far as one can know."""
    if os.name == "nt":
        return True  # where asking would end the process
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


_OURS = ("brands", "shared", "versions", ".git")
_SLASHES = tuple(filter(None, (os.sep, os.altsep)))
_STAGING = ".staging-"
PATIENCE = 5.0
"""Seconds for which a pipe may have no reader yet."""


def cannot_write(fault: Exception, path: str | Path) -> CannotWrite:
    """Return the error for a path that the system refused to write."""
    number, path = getattr(fault, "errno", None), Path(path)
    if number in (errno.EEXIST, errno.ENOTDIR):
        places = (place for place in (path, *path.parents) if os.path.lexists(place))
        file = next((place for place in places if not place.is_dir()), path)
        fix = "Choose another place, or move it away"
        return CannotWrite(str(file), "it is a file, not a folder", fix)
    reason = (getattr(fault, "strerror", None) or str(fault)).lower()
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return CannotWrite(str(path), reason, "Fix the permissions, or choose another place")
    if number == errno.ENOENT:
        return CannotWrite(str(path), reason, "Choose another place")
    return CannotWrite(str(path), reason)


def write_folder(folder: Path, files: Mapping[str, bytes], removed: Iterable[str] = ()) -> None:
    """Put `files`, by their paths in it, into a folder in one step, and take `removed` out of it.

    Other files in the folder stay, including those that others write at the same time. A copy with
    the new files is written beside it, synced to the disk, and exchanged with it by one rename. No
    link is followed: one on the way to a file is replaced by a folder. Raises `CannotWrite`, also
    if the folder is a link; the folder is then unchanged.
    """
    if folder.is_symlink():
        raise CannotWrite(str(folder), "it is a link, which must be deleted first")
    parent = folder.parent
    staging = parent / f"{_STAGING}{_writer()}"
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with _alone(parent):
            _sweep(parent)
            new = _copied(folder, staging)
            for name in (*removed, *files):
                _unlink(new, name)
            for name, data in files.items():
                write_file(new / name, data)
            sync_tree(new)
            _put(new, folder)
            sync(parent)
    except (OSError, shutil.Error) as fault:
        raise cannot_write(fault, getattr(fault, "filename", None) or folder) from fault
    finally:
        shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Give a folder to fill, beside `folder`, which is renamed to it at the end.

    `folder` is new, or empty. Raises `CannotWrite`, and `AskedWrongly` for a folder with files. If
    the work fails, nothing is left.
    """
    folder = folder.absolute()
    staging = folder.parent / f"{_STAGING}{_writer()}"
    new = staging / (folder.name or "new")
    try:
        refuse_filled(folder)
        if folder.parent.is_dir():
            _sweep(folder.parent)
        new.mkdir(parents=True)
        yield new
        sync_tree(new)
        if os.name == "nt" and folder.is_dir():
            folder.rmdir()
        new.rename(folder)  # which the system refuses if files were put there in the meantime
        sync(folder.parent)
    except OSError as fault:
        raise cannot_write(fault, fault.filename or folder) from fault
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def refuse_filled(folder: Path) -> None:
    """Raise `AskedWrongly` if a folder that should be new has files, and `CannotWrite`."""
    try:
        filled = os.path.lexists(folder) and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as fault:
        raise cannot_write(fault, folder) from fault
    if filled:
        folder = folder.absolute()
        raise AskedWrongly(f"{folder} exists already, and is not empty; name a new folder")


def refuse_own(root: Path, path: Path) -> None:
    """Raise `AskedWrongly` for a place among the company's own files, or below a link beside them.

    The author of a proposed change could put the link there, to redirect files.
    """
    inside = root.resolve()
    place = Path(os.path.abspath(path))  # noqa: PTH100 - links must stay to be seen
    if place.is_relative_to(inside):
        for folder in (place, *place.parents):
            if folder == inside:
                break
            if folder.is_symlink():
                raise AskedWrongly(f"{folder} is a link. Delete it, or name another place")
    real = Path(os.path.realpath(path))  # not resolve(), which raises for links in a circle
    for own in _OURS:
        if real.is_relative_to(inside / own):
            raise AskedWrongly(
                f"{path} is among the company's own files, in {own}/. Name another place"
            )


def refuse_read(path: Path, read: Iterable[str | None]) -> None:
    """Raise `AskedWrongly` for a place that has a file which the command reads: it would be lost.

    `read` are words of a user's, some of which may name a file.
    """
    for name in read:
        if name and os.path.exists(name) and path.exists() and path.samefile(name):  # noqa: PTH110
            raise AskedWrongly(f"{path} is what is read here, and would be lost. Name another file")


def is_folder(output: Path | str) -> bool:
    """Return whether a path means a folder: it is one, or ends in a slash."""
    return Path(output).is_dir() or str(output).endswith(_SLASHES)


def file_in(root: Path, output: Path | str | None, name: str) -> Path:
    """Return the path of a file, which has `name` if `output` is a folder, or is left out.

    A missing folder is made with the file. Raises `AskedWrongly` for a place among the company's
    own files.
    """
    path = Path(name if output is None else output)
    if output is not None and is_folder(output):
        path /= name
    refuse_own(root, path)
    return path


def write_document(path: Path, data: bytes) -> None:
    """Write one file in one step, or feed a pipe or device. Raises `CannotWrite`.

    Also for a pipe that nobody opens to read within a few seconds: the system would wait for ever.
    """
    staging = path.with_name(f".{path.name}.{_writer()}")
    try:
        if path.is_fifo():
            _feed(path, data)
        elif path.exists() and not path.is_file():
            path.write_bytes(data)
        else:
            write_file(staging, data)
            staging.replace(path)
    except OSError as fault:
        with suppress(OSError):
            staging.unlink()
        raise cannot_write(fault, path) from fault


def _feed(pipe: Path, data: bytes) -> None:
    """Write into a pipe; raises `CannotWrite` if nobody reads it."""
    until = monotonic() + PATIENCE
    while True:
        try:
            descriptor = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
            break
        except OSError as fault:
            if fault.errno != errno.ENXIO:
                raise
            if monotonic() > until:
                fix = "Start the program that reads it first, or name a file"
                raise CannotWrite(str(pipe), "nobody reads from this pipe", fix) from fault
        sleep(0.02)
    os.set_blocking(descriptor, True)
    with open(descriptor, "wb") as file:  # noqa: PTH123
        file.write(data)


def write_files(folder: Path, files: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write files into a shared folder, each in one step; return their paths.

    Raises `CannotWrite`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise cannot_write(fault, folder) from fault
    for name, data in files.items():
        write_document(folder / name, data)
    return tuple(folder / name for name in files)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other commands and threads from writing in a folder, if the system can lock it."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _copied(folder: Path, staging: Path) -> Path:
    """Return the folder for new files: a copy of the folder, if that exists."""
    new = staging / folder.name
    if folder.is_dir():
        shutil.copytree(folder, new, symlinks=True, copy_function=_link)
    elif os.path.lexists(folder):
        raise NotADirectoryError(20, "not a directory", str(folder))
    return new


def _unlink(folder: Path, name: str) -> None:
    """Delete a file by its path in a folder; where a link is on the way there, delete the link."""
    path = folder / name
    way = [above for above in reversed(path.parents) if above.is_relative_to(folder)]
    link = next((above for above in way if above.is_symlink()), path)
    link.unlink(missing_ok=True)


def _writer() -> str:
    """Return a name for this writer: the process, and the thread in it."""
    return f"{os.getpid()}-{threading.get_ident()}"


def _link(source: str, target: str) -> None:
    """Give a file that stays a second name; copy it if the file system has no links."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def _put(new: Path, folder: Path) -> None:
    """Exchange `new` and `folder`, or move `new` there where `folder` is missing."""
    if not folder.exists():
        new.rename(folder)
    elif not _exchange(new, folder):
        aside = new.with_name(f"{new.name}.old")
        folder.rename(aside)
        new.rename(folder)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; return whether the system can (Linux: renameat2)."""
    if sys.platform != "linux":
        return False
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    at_cwd, exchange = -100, 2
    return bool(renameat2(at_cwd, os.fsencode(one), at_cwd, os.fsencode(other), exchange) == 0)


def _sweep(parent: Path) -> None:
    """Delete the remains of killed commands, and put back the folders that they had moved."""
    for leftover in parent.glob(f"{_STAGING}*"):
        pid = leftover.name.removeprefix(_STAGING).partition("-")[0]
        if not (pid.isascii() and pid.isdecimal()) or alive(int(pid)):
            continue
        for aside in leftover.glob("*.old"):
            folder = parent / aside.name.removesuffix(".old")
            if not folder.exists():
                aside.rename(folder)
        shutil.rmtree(leftover, ignore_errors=True)
