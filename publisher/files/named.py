"""Reads files that users name: no pipe, socket or device, which may never end, and no huge file.

The pipe of a shell, as in ``--list <(…)``, has a writer, so it is read.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

_BYTES = os.O_RDONLY | getattr(os, "O_BINARY", 0)
_AT_ONCE = getattr(os, "O_NONBLOCK", 0)
_HANDED_OVER = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")
_MB = 1_000_000
LARGEST = 64 * _MB


class Unread(Exception):
    """A file that is not read; `str()` is the reason, to be put after its path."""


def read_named(path: Path, largest: int = LARGEST) -> bytes:
    """Return the bytes of the file that a user named, or that a link there leads to.

    Raises `Unread` for a file of more than `largest` bytes, and for what is not a file.
    """
    handed_over = str(path).startswith(_HANDED_OVER)
    try:
        if not (handed_over and path.is_fifo()):
            refuse_special(path)
        with open(os.open(path, _BYTES | (0 if handed_over else _AT_ONCE)), "rb") as file:  # noqa: PTH123
            data = file.read(largest + 1)
    except OSError as fault:
        reason = (fault.strerror or str(fault)).lower()
        raise Unread(f"cannot be read: {reason}") from fault
    if len(data) > largest:
        raise Unread(f"is larger than {largest // _MB} MB")
    return data


def refuse_special(path: Path) -> None:
    """Raise `Unread` for a folder, pipe, socket or device, and `OSError` for a missing file."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a pipe, a socket or a device"
        raise Unread(f"is not a file, but {kind}")
