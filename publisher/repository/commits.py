"""The parts of commits that people write: trailers, author and subject."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from publisher.repository.headers import parents, time_of
from publisher.repository.trailers import Change, Trailers, read_trailers


@dataclass(frozen=True, slots=True)
class Stamp:
    """A commit's own statements.

    `time` is the committer's, in seconds since 1970 UTC, or None if it cannot be read;
    `policy_change` are the values of the trailer ``Policy-Change`` that are about this commit,
    lower case.
    """

    time: int | None
    policy_change: tuple[str, ...]

    @property
    def change(self) -> Change | None:
        """The kind of change by the commit itself; None if it has no valid trailer."""
        if set(self.policy_change) == {"editorial"}:
            return "editorial"
        return "material" if "material" in self.policy_change else None


@dataclass(frozen=True, slots=True)
class Remark:
    """The kind of change that a commit, whose id is `by`, gives an earlier one."""

    change: Change
    by: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit.

    `changed` are the workspace paths that differ from `parent`, its first parent; `stamp` has its
    own statements. A merge has further parents: `merged`. `remarks` are by later commits: first the
    one that counts, then the newest.
    """

    id: str
    parent: str | None
    changed: frozenset[str]
    stamp: Stamp
    merged: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def change(self) -> Change | None:
        """The kind of change of the commit: by later commits, or by itself."""
        return self.remarks[0].change if self.remarks else self.stamp.change

    @property
    def editorial(self) -> bool:
        """Whether the commit is said to leave the meaning of policies alone."""
        return self.change == "editorial"


@dataclass(frozen=True, slots=True)
class Signature:
    """The author of a commit, and its subject."""

    author: str
    subject: str


_AUTHOR = re.compile(rb"^author (.*?) ?<", re.MULTILINE)
_ENCODING = re.compile(rb"^encoding (\S+)$", re.MULTILINE)


def commit(
    id: str, content: bytes, changed: Iterable[str], remarks: tuple[Remark, ...] = ()
) -> Commit:
    """Return a commit: its object, the paths that it changed, and later commits' remarks on it."""
    line = parents(content)
    first = line[0] if line else None
    return Commit(id, first, frozenset(changed), stamp(content), line[1:], remarks)


def stamp(content: bytes) -> Stamp:
    """Return the date of a commit, and its own statements."""
    return Stamp(time_of(content), trailers(content).values)


def trailers(content: bytes) -> Trailers:
    """Return the trailers of a commit."""
    return read_trailers(content.partition(b"\n\n")[2].decode("utf-8", "replace"))


def signature(content: bytes) -> Signature:
    """Return the author of a commit, and its subject: the first paragraph, on one line.

    They are read in the encoding that the commit names, or in UTF-8; bytes that are neither show as
    �.
    """
    header, _, message = content.partition(b"\n\n")
    named = _ENCODING.search(header)
    encoding = named[1].decode("ascii", "replace") if named else "utf-8"
    author = _AUTHOR.search(header)
    subject = message.strip().partition(b"\n\n")[0]
    return Signature(_decoded(author[1] if author else b"", encoding), _decoded(subject, encoding))


def _decoded(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding, "replace")
    except (LookupError, ValueError):  # an unknown encoding, or one that is not of text
        text = data.decode("utf-8", "replace")
    return " ".join(text.split())
