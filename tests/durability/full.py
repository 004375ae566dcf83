"""A file system that is really full: with whatever room is left, the archive is old or new."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from support.archives import archive, released, say
from support.workspaces import Repo

from durability.aftermath import BRAND, aftermath, versions
from durability.figures import Figure, figure

SIZE = 16 << 20
"""Bytes that the file system holds."""
STEP = 8192
"""By how much more room is left each time: two pages."""


def trials(folder: Path) -> Iterator[Figure]:
    """Yield what becomes of releases with more and more room, until one succeeds."""
    repo = archive(folder / "repo")
    released(repo, "2024-03-01")
    say(repo, "More.", date="2024-03-02T12:00:00+0000")
    disk = folder / "disk"
    disk.mkdir()
    if os.geteuid() != 0:
        yield Figure("full", 0, 1, wrong=("only root can mount a file system that is small",))
        return
    told, room = [], 0
    while True:
        code, wrong = _tried(repo, disk, room)
        told.append(wrong)
        if code == 0 or (wrong and len(told) > 3):
            break
        room += STEP
    said = f"releases onto a full disk, with 0 to {room >> 10} KiB left: the old archive or the new one"
    yield figure("full", told, said)


def _tried(repo: Repo, disk: Path, room: int) -> tuple[int, str]:
    """Release with some room left; return how that ended, and what is wrong afterwards."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", str(disk)], check=True)
    try:
        root = disk / "repo"
        shutil.copytree(repo.root, root, symlinks=True)
        filler = disk / "filler"
        with filler.open("wb") as file:
            free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
            os.posix_fallocate(file.fileno(), 0, max(free - room, 1))
        before = versions(root)
        done = subprocess.run(
            [sys.executable, "-m", "publisher", "release", BRAND],
            cwd=root, env={**os.environ, "COLUMNS": "80"}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        filler.unlink()
        said = done.stdout + done.stderr
        wrong = aftermath(Repo.of(root), before, done.returncode, said)
        if not wrong and done.returncode not in (0, 4):
            wrong = f"ended with {done.returncode}: {said.strip()[-200:]}"
        return done.returncode, f"{room} bytes left: {wrong}" if wrong else ""
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)
