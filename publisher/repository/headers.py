"""Headers of commits, and what differs between them, as git prints both.

The parts that people write are in `commits`: most commands do not read them.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_FOLDER = "040000"
_TREE = re.compile(rb"tree ([0-9a-f]{40})\n")
_PARENTS = re.compile(rb"tree [0-9a-f]{40}\n((?:parent [0-9a-f]{40}\n)*)")
_COMMITTER = re.compile(rb"^committer .*> (-?[0-9]{1,12}) [-+][0-9]+$", re.MULTILINE)


def parents(content: bytes) -> tuple[str, ...]:
    """Return the ids of a commit's parents."""
    header = _PARENTS.match(content)
    return tuple(header[1].decode().split()[1::2]) if header else ()


def tree_of(content: bytes) -> str | None:
    """Return the id of a commit's tree; None for what is not a commit."""
    header = _TREE.match(content)
    return header[1].decode() if header else None


def time_of(content: bytes) -> int | None:
    """Return the committer's time, in seconds since 1970 UTC; None if it cannot be read."""
    times = _COMMITTER.findall(content.partition(b"\n\n")[0])
    return int(times[0]) if len(times) == 1 else None


class Difference(NamedTuple):
    """A file or folder in which a commit differs, and its object before; `folder` for a folder."""

    path: str
    before: str
    folder: bool


def differences(output: str) -> dict[str, list[Difference]]:
    """Return the paths in which each commit differs, from the output of `git diff-tree -z`."""
    changed: dict[str, list[Difference]] = {}
    current: list[Difference] = []
    fields = iter(output.split("\0"))
    for field in fields:
        if field.startswith(":"):
            before, after, id, *_ = field[1:].split(" ")
            current.append(Difference(next(fields), id, _FOLDER in (before, after)))
        elif field:
            current = changed.setdefault(field, [])
    return changed
