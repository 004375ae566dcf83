"""Files brought to the disk, so that they are still there after a power cut."""

from __future__ import annotations

import os
from pathlib import Path


def write_file(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, with the folders above it, and bring it to the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync(*paths: Path) -> None:
    """Bring the names in folders, and what is in files, to the disk."""
    if os.name == "nt":
        return  # Windows cannot, and need not
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Bring the names in a folder, and in all folders below it, to the disk."""
    sync(*(Path(path) for path, _, _ in os.walk(folder)))


def alive(pid: int) -> bool:
    """Return whether a process of this machine is there, as far as can be told."""
    if os.name == "nt":
        return True  # where asking would end the process
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
