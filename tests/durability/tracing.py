"""System calls: which of a command write, and how each is made to fail. By strace(1)."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WRITING = (
    "open", "openat", "creat", "write", "pwrite64", "writev", "mkdir", "mkdirat", "rename",
    "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "unlink", "unlinkat",
    "rmdir", "fsync", "fdatasync", "ftruncate", "truncate", "chmod", "fchmod", "fchmodat",
)  # fmt: skip
"""The system calls by which something on a disk changes."""
FAULTS = {"SIGKILL": "signal=KILL", "EIO": "error=EIO", "ENOSPC": "error=ENOSPC"}
WHO = {"publisher": None, "git add": ("git", "add"), "git commit": ("git", "commit"),
       "ssh-keygen": ("ssh-keygen", "sign")}  # fmt: skip
"""The processes of a release that write, and the program and the word by which each is known."""

_CALL = re.compile(r"(\w+)\((.*)")
_NAMED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_OPENED = re.compile(r"^(?:\d+|AT_FDCWD)<([^>]*)>")
_ELSEWHERE = (
    "/dev/null", "/dev/tty", "/proc/", "pipe:", "socket:", "anon_inode:", "UNIX",
    "/dev/shm/", "/pymp-", "listener-",  # semaphores and sockets of Python's multiprocessing
)  # fmt: skip

WRAPPER = """#!/bin/sh
# Run a program; under strace, if it is the one that is wanted, and it is asked for the word.
for each in "$@"; do
  if [ "$FIRE_PROGRAM" = "{program}" ] && [ "$each" = "$FIRE_WORD" ]; then
    exec strace -o "$FIRE_LOG" -y $FIRE_STRACE "{path}" "$@"
  fi
done
exec "{path}" "$@"
"""


@dataclass(frozen=True)
class Call:
    """A writing system call of a process: the `number`-th of its name, counted from 1."""

    who: str
    name: str
    number: int
    path: str

    def __str__(self) -> str:
        return f"{self.who}: {self.name} {self.number} on {self.path}"


def wrappers(folder: Path) -> Path:
    """Write programs of the same names that can put strace before them; return their folder."""
    folder.mkdir()
    for program in ("git", "ssh-keygen"):
        path = folder / program
        path.write_text(WRAPPER.format(program=program, path=shutil.which(program)))
        path.chmod(0o755)
    return folder


def traced(who: str, log: Path, inject: str, folder: Path) -> tuple[list[str], dict[str, str]]:
    """Return what stands before a command, and its environment, to trace one of its processes.

    `inject` is strace's expression for a fault; empty for none. `folder` has the `wrappers`.
    """
    strace = ["-e", f"trace={','.join(f'?{name}' for name in WRITING)}"]
    strace += ["-e", f"inject={inject}"] if inject else []
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "PYTHONHASHSEED": "0",
                   "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "80"}  # fmt: skip
    wrapped = WHO[who]
    if wrapped is None:
        return ["strace", "-o", str(log), "-y", *strace], environment
    program, word = wrapped
    environment |= {"FIRE_PROGRAM": program, "FIRE_WORD": word, "FIRE_LOG": str(log),
                    "FIRE_STRACE": " ".join(strace)}  # fmt: skip
    return [], environment


def calls(who: str, log: Path, root: Path) -> Iterator[Call]:
    """Yield the calls in a log by which a process writes files, in order.

    Paths are told from `root`, where the process ran.
    """
    numbers: Counter[str] = Counter()
    for line in log.read_text(errors="replace").splitlines():
        found = _CALL.match(line)
        if found is None:
            continue
        name, rest = found[1], found[2]
        numbers[name] += 1
        path = _path(name, rest)
        opens = name in ("open", "openat", "creat")
        if opens and not re.search(r"O_(WRONLY|RDWR|CREAT)|^creat", rest):
            continue
        if path is not None and not any(each in path for each in _ELSEWHERE):
            yield Call(who, name, numbers[name], path.replace(f"{root}/", "", 1))


def _path(name: str, rest: str) -> str | None:
    """Return the path that a call is about."""
    opened, named = _OPENED.match(rest), _NAMED.search(rest)
    by_descriptor = name in ("write", "pwrite64", "writev", "fsync", "fdatasync", "ftruncate",
                             "fchmod")  # fmt: skip
    if by_descriptor:
        return opened[1] if opened else None
    return named[1] if named else None


def injected(log: Path) -> bool:
    """Return whether a fault was injected into the process of a log."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return "(INJECTED)" in text or "+++ killed by SIGKILL" in text
