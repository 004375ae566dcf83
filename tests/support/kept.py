"""Steps of repositories that many tests take alike: carried out once in a run, then copied.

What a step leaves depends on what the repository holds, and on what the step is. The files that it
leaves are kept under the digest of both, in a folder that all processes of a run share. So are PDFs,
under the digest of what they are made from: the same manuscript gives the same bytes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from publisher.render.worker import Outcome, work

FOLDER: list[Path] = []
"""Where this run keeps what steps left; without a folder, every step is carried out."""
_DATED = ("objects", "logs", "index", "hooks")
"""What git keeps beside its references: other bytes at another time, or the same in each."""


def step(root: Path, what: str, carry_out: Callable[[], object]) -> None:
    """Carry out a step in a repository, or bring what the same step left in one like it."""
    if not FOLDER or not (root / ".git").is_dir():
        carry_out()
        return
    before = _files(root)
    kept = FOLDER[0] / _digest(root, before, what)
    if not kept.is_dir():
        carry_out()
        after = _files(root)
        if before.keys() <= after.keys():  # else it is more than to copy what it left
            _keep(root, [path for path in after if before.get(path) != after[path]], kept)
        return
    shutil.copytree(kept, root, symlinks=True, dirs_exist_ok=True)


def typeset_once(submit: Callable[..., Future[Any]]) -> Callable[..., Future[Any]]:
    """Return what hands on calls to a process, but no manuscript that this run has typeset."""

    def kept_or_submitted(pool: object, function: object, *arguments: Any) -> Future[Any]:
        if function is not work or len(arguments) > 1 or not FOLDER:
            return submit(pool, function, *arguments)
        path = FOLDER[0] / f"{hashlib.sha256(repr(arguments).encode()).hexdigest()}.pdf"
        future: Future[Outcome] = Future()
        if path.exists():
            future.set_result(path.read_bytes())
            return future
        future = submit(pool, function, *arguments)
        future.add_done_callback(lambda ended: _keep_pdf(ended, path))
        return future

    return kept_or_submitted


def _keep_pdf(ended: Future[Outcome], path: Path) -> None:
    if not ended.cancelled() and not ended.exception() and isinstance(ended.result(), bytes):
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as staging:
            staging.write(ended.result())
        Path(staging.name).rename(path)


def _keep(root: Path, paths: list[Path], kept: Path) -> None:
    staging = Path(tempfile.mkdtemp(dir=kept.parent))
    for path in paths:
        (staging / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / path, staging / path, follow_symlinks=False)
    try:
        staging.rename(kept)
    except OSError:  # another process has just kept it
        shutil.rmtree(staging)


def _files(root: Path) -> dict[Path, bytes]:
    """Return what stands in a folder: files with their mode, links with their target."""
    found = {}
    for folder, folders, names in os.walk(root):
        for name in [*names, *(each for each in folders if Path(folder, each).is_symlink())]:
            path = Path(folder, name)
            content = bytes(path.readlink()) if path.is_symlink() else path.read_bytes()
            found[path.relative_to(root)] = b"%o " % path.lstat().st_mode + content
    return found


def _digest(root: Path, files: dict[Path, bytes], what: str) -> str:
    """Return the digest of a step, and of all that it sees wherever the repository stands."""
    digest = hashlib.sha256(what.encode())
    for name in sorted(os.environ):
        if name.startswith(("GIT_", "LC_", "LANG", "TZ")):
            digest.update(f"\0{name}={os.environ[name]}".encode())
    for path in sorted(files):
        if path.parts[0] != ".git" or path.parts[1] not in _DATED:
            digest.update(f"\0{path}\0".encode() + files[path])
    staged = subprocess.run(
        ["git", "ls-files", "--stage"], cwd=root, capture_output=True, check=True
    )
    digest.update(staged.stdout)
    return digest.hexdigest()
