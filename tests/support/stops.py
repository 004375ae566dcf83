"""Appends to an archive again and again, stopped at each of its steps; prints what was left.

Run as ``python stops.py kill|fail FOLDER``: a process that is stopped cannot be a test's own.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
from datetime import date
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

from publisher.archive.entries import Entry, Release, sha256
from publisher.archive.folder import NAME, read_ledger, sums_bytes
from publisher.archive.store import Addition, Store
from publisher.archive.trust.signatures import fingerprint, sign
from publisher.archive.verify.examine import examine
from publisher.archive.verify.findings import Examined
from publisher.errors import CannotArchive
from publisher.repository.source import ArchiveFolder
from support.keys import key_pair
from support.ledgers import entry

FILES = {"en/policy.md": b"words", "en/policy.pdf": b"%PDF"}
STEPS = ("open", "os.mkdir", "os.rename", "os.link", "os.remove", "os.rmdir", "shutil.rmtree")


def append(root: Path, day: date, key: str | None = None) -> Entry:
    """Release a version as the command does: sweep, then append."""
    store = Store(root, "alpha")
    store.sweep(())
    ledger = read_ledger(ArchiveFolder(root), "alpha")
    sums = sums_bytes(FILES)
    signer = fingerprint(key) if key else None
    made = entry("release", day, sums=sha256(sums), signer=signer).model_copy(
        update={"sequence": len(ledger) + 1, "previous": ledger.head}
    )
    store.append(Addition(made, {**FILES, NAME: sums}), partial(sign, key=key) if key else None)
    return made


def stopped(root: Path, at: int, how: str, key: str) -> int:
    """Append in a process that is stopped at its step `at`; return how it ended, 7 for not at all.

    A step is whatever changes what is on the disk: a file opened to be written, a folder made, a
    name given or taken, data brought to the disk.
    """
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    left = at

    def step(path: object) -> None:
        nonlocal left
        left -= 1
        if left == 0 and how == "kill":
            os._exit(9)
        if left == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        read = event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if event in STEPS and not read and str(root) in str(arguments[0]):
            step(arguments[0])

    fsync = os.fsync

    def stopping_fsync(descriptor: int) -> None:
        step(root)
        fsync(descriptor)

    os.fsync = stopping_fsync
    code = 0
    try:
        sys.addaudithook(hook)
        append(root, date(2025, 1, 2), key)
    except CannotArchive:
        code = 4
    except BaseException as fault:  # noqa: BLE001
        print(repr(fault), file=sys.stderr)
        code = 70
    os._exit(7 if left > 0 else code)


def versions(examined: Examined) -> list[str]:
    """Return the ids of the versions that were released, in their order."""
    return [entry.version for entry in examined.entries.values() if isinstance(entry, Release)]


def main(how: str, folder: Path) -> None:
    """Print, for each step, how the process ended and what was left."""
    told = []
    key = str(key_pair(folder / "key"))
    for before_it, at in product((True, False), range(1, 60)):
        root = folder / str(at)
        root.mkdir()
        if before_it:
            append(root, date(2025, 1, 1))
        code = stopped(root, at, how, key)
        if code == 7:
            shutil.rmtree(root)
            continue
        if not (root / "versions" / "alpha").exists():
            shutil.rmtree(root)
            continue
        before = examine(root, "alpha")
        append(root, date(2025, 1, 3))
        after = examine(root, "alpha")
        told.append(
            {
                "step": at,
                "before": ["2025-01-01"] if before_it else [],
                "code": code,
                "findings": [str(each) for each in (*before.findings, *after.findings)],
                "versions": versions(before),
                "later": versions(after),
                "left": [path.name for path in (root / "versions" / "alpha").glob(".*")],
            }
        )
        shutil.rmtree(root)
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
