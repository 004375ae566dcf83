"""Many at once: one release wins, and whoever reads in the meantime sees the old or the new one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from support.archives import archive, released, say
from support.workspaces import Repo

from durability.aftermath import BRAND, versions
from durability.figures import Figure, figure
from publisher.archive.folder import read_document, read_ledger
from publisher.archive.verify.verify import verify
from publisher.errors import PublisherError
from publisher.repository.source import ArchiveFolder

RELEASES = 50
SERIES = 12
"""Releases, one after the other, while others read."""
HELD = "another command is appending to the archive: process"
DONE = "there is nothing to release"


def trials(folder: Path) -> Iterator[Figure]:
    """Yield what becomes of releases at once, and what others see of releases."""
    yield _at_once(archive(folder / "crowd"))
    yield _watched(archive(folder / "watched"))


def _at_once(repo: Repo) -> Figure:
    command = [sys.executable, "-m", "publisher", "release", BRAND]
    environment = {**os.environ, "COLUMNS": "80"}
    crowd = [
        subprocess.Popen(
            command, cwd=repo.workspace, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        for _ in range(RELEASES)
    ]  # fmt: skip
    said = [each.communicate()[0] for each in crowd]
    codes = [each.returncode for each in crowd]
    won = codes.count(0)
    told = ["" if code == 0 else _refused(code, text)
            for code, text in zip(codes, said, strict=True)]  # fmt: skip
    if won != 1 or len(versions(repo.workspace)) != 1:
        told.append(f"{won} releases won, and {versions(repo.workspace)} stand")
    told += [str(each) for each in verify(repo.workspace).findings]
    waited = sum(HELD in text for text in said)
    text = f"releases at once: one wins, the others say why ({waited} found the lock held)"
    return figure("concurrency", told, text)


def _refused(code: int, said: str) -> str:
    """Return what is wrong with how a release was refused, or nothing."""
    known = (code == 4 and HELD in said) or (code == 2 and DONE in said)
    return "" if known and "Traceback" not in said else f"ended with {code}: {said.strip()[-200:]}"


def _watched(repo: Repo) -> Figure:
    context = get_context("fork")
    seen: Any = context.Queue()
    over = context.Event()
    watchers = [context.Process(target=watch, args=(repo.workspace, look, over, seen))
                for look in ("verify", "get")]  # fmt: skip
    for each in watchers:
        each.start()
    now = datetime.now(UTC)
    for number in range(SERIES):
        say(repo, f"Text {number}.", date="2024-02-01T12:00:00+0000")
        released(repo, now + timedelta(minutes=number))
    over.set()
    told = [each for _ in watchers for each in seen.get()]
    for each in watchers:
        each.join()
    said = f"times `verify` and `get` looked while {SERIES} versions were released: none half done"
    return figure("concurrency", told, said)


def watch(root: Path, look: str, over: Event, seen: Any) -> None:
    """Look at an archive until it is `over`; tell what was wrong each time, or nothing."""
    told = []
    while not over.is_set():
        try:
            told.append(_verified(root) if look == "verify" else _got(root))
        except PublisherError as fault:
            told.append(f"{look}: {fault}")
    seen.put(told)


def _verified(root: Path) -> str:
    found = verify(root).findings
    return f"verify: {found[0]}" if found else ""


def _got(root: Path) -> str:
    """Get the newest version, whole; none is there before the first."""
    source = ArchiveFolder(root)
    newest = next(read_ledger(source, BRAND).releases(), None)
    if newest is not None:
        read_document(source, newest, "en/policy.pdf")
    return ""
