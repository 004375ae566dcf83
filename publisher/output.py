"""Writes files so that each is the old one or the new one, whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from publisher.errors import CannotWrite

_STAGING = ".staging-"


def write_all(folder: Path, files: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write `files`, by their paths in `folder`; return where each lies.

    All are written to a staging folder beside them before the first is renamed into place, so that
    a full disk changes nothing. Raises `CannotWrite`.
    """
    staging = folder / f"{_STAGING}{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        for name, data in files.items():
            _write(staging / name, data)
        for name in files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (staging / name).replace(folder / name)
    except OSError as fault:
        where = str(fault.filename or folder)
        raise CannotWrite(where, (fault.strerror or str(fault)).lower()) from fault
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return tuple(folder / name for name in files)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sweep(folder: Path) -> None:
    """Delete what commands that were killed have left behind."""
    for leftover in folder.glob(f"{_STAGING}*"):
        pid = leftover.name.removeprefix(_STAGING)
        if pid.isdigit() and not _alive(int(pid)):
            shutil.rmtree(leftover, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
