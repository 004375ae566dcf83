"""Where git keeps its own files (gitrepository-layout)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_READ_AT_ONCE = (
    *("commondir", "HEAD", "config", "index", "packed-refs", "shallow"),
    *("info/grafts", "info/exclude", "info/sparse-checkout", "objects/info/alternates"),
)


def git_folder(folder: Path) -> Path | None:
    """Return the folder in which git keeps what it knows of the work tree around a folder."""
    git = next((f / ".git" for f in (folder, *folder.parents) if (f / ".git").exists()), None)
    if git is not None and git.is_file():  # of a further work tree
        git = git.parent / os.fsdecode(git.read_bytes()).partition(":")[2].strip()
    return git


def pipes(folder: Path) -> Iterator[Path]:
    """Yield the named pipes in the place of files that git reads first: it would wait for ever."""
    git = git_folder(folder)
    if git is None:
        return
    yield from filter(Path.is_fifo, (git / name for name in _READ_AT_ONCE))
    shared = git
    if (git / "commondir").is_file():
        shared = git / os.fsdecode((git / "commondir").read_bytes()).strip()
        yield from filter(Path.is_fifo, (shared / name for name in _READ_AT_ONCE))
    waiting = [shared / "refs"]
    for place in filter(Path.is_dir, waiting):
        with os.scandir(place) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(Path(entry.path))
                elif not entry.is_file() and Path(entry.path).is_fifo():
                    yield Path(entry.path)
