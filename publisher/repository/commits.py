"""What git says of a commit: its parents, date, trailers, author, subject, and what it changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from publisher.repository.trailers import Change, Trailers, read_trailers


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a commit says of itself.

    `time` is the committer's, in seconds since 1970 UTC, or None where it cannot be read;
    `policy_change` are the values of the trailer ``Policy-Change`` that are about this commit,
    lower case.
    """

    time: int | None
    policy_change: tuple[str, ...]

    @property
    def change(self) -> Change | None:
        """The change that the commit says it is; None if it says nothing that can be understood."""
        if set(self.policy_change) == {"editorial"}:
            return "editorial"
        return "material" if "material" in self.policy_change else None


@dataclass(frozen=True, slots=True)
class Remark:
    """What a commit, whose id is `by`, says that an earlier one is."""

    change: Change
    by: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit.

    `changed` are the workspace paths that differ from `parent`, its first parent; `stamp` is what
    it says of itself. A merge has further parents: `merged`. `remarks` are those of later commits
    on it: first the one that counts, then the newest.
    """

    id: str
    parent: str | None
    changed: frozenset[str]
    stamp: Stamp
    merged: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def change(self) -> Change | None:
        """The change that the commit is: as later commits say, or as it says itself."""
        return self.remarks[0].change if self.remarks else self.stamp.change

    @property
    def editorial(self) -> bool:
        """Whether the commit is said to leave the meaning of policies alone."""
        return self.change == "editorial"


class Log:
    """Commits, newest first: several searches go through them, and git is asked for them once.

    They are all that touch shared/ or one of `brands`; None stands for all brands. `older` returns
    the log from a commit back that some brands need.
    """

    def __init__(
        self,
        commits: Iterator[Commit],
        brands: frozenset[str] | None,
        older: Callable[[str, frozenset[str]], Log],
    ) -> None:
        self.brands = brands
        self._older = older
        self._commits = commits
        self._taken: list[Commit] = []

    def covers(self, brands: Collection[str] | None) -> bool:
        """Return whether it has all commits that touch some brands; None stands for all."""
        return self.brands is None or (brands is not None and self.brands.issuperset(brands))

    def wider(self, brands: Collection[str], commit: str) -> Log:
        """Return a log from a commit of this one back that has what touches `brands`, too."""
        return self._older(commit, (self.brands or frozenset()).union(brands))

    def __iter__(self) -> Iterator[Commit]:
        at = 0
        while True:
            if at == len(self._taken):
                commit = next(self._commits, None)
                if commit is None:
                    return
                self._taken.append(commit)
            yield self._taken[at]
            at += 1


@dataclass(frozen=True, slots=True)
class Signature:
    """Who wrote a commit, and what its first line says."""

    author: str
    subject: str


_TREE = re.compile(rb"tree ([0-9a-f]{40})\n")
_FOLDER = "040000"
_PARENTS = re.compile(rb"tree [0-9a-f]{40}\n((?:parent [0-9a-f]{40}\n)*)")
_COMMITTER = re.compile(rb"^committer .*> (-?[0-9]{1,12}) [-+][0-9]+$", re.MULTILINE)
_AUTHOR = re.compile(rb"^author (.*?) ?<", re.MULTILINE)
_ENCODING = re.compile(rb"^encoding (\S+)$", re.MULTILINE)


def commit(
    id: str, content: bytes, changed: Iterable[str], remarks: tuple[Remark, ...] = ()
) -> Commit:
    """Return a commit: its object, the paths that it changed, and later commits' remarks on it."""
    line = parents(content)
    first = line[0] if line else None
    return Commit(id, first, frozenset(changed), stamp(content), line[1:], remarks)


def parents(content: bytes) -> tuple[str, ...]:
    """Return the ids of a commit's parents."""
    header = _PARENTS.match(content)
    return tuple(header[1].decode().split()[1::2]) if header else ()


def tree_of(content: bytes) -> str | None:
    """Return the id of a commit's tree; None for what is not a commit."""
    header = _TREE.match(content)
    return header[1].decode() if header else None


def stamp(content: bytes) -> Stamp:
    """Return the date of a commit, and what it says of itself."""
    times = _COMMITTER.findall(content.partition(b"\n\n")[0])
    return Stamp(
        time=int(times[0]) if len(times) == 1 else None,
        policy_change=trailers(content).values,
    )


def trailers(content: bytes) -> Trailers:
    """Return what the trailers of a commit say."""
    return read_trailers(content.partition(b"\n\n")[2].decode("utf-8", "replace"))


def signature(content: bytes) -> Signature:
    """Return who wrote a commit, and its subject: the first paragraph of its message, on one line.

    They are read in the encoding that the commit names, or in UTF-8; bytes that are neither show as
    �.
    """
    header, _, message = content.partition(b"\n\n")
    named = _ENCODING.search(header)
    encoding = named[1].decode("ascii", "replace") if named else "utf-8"
    author = _AUTHOR.search(header)
    subject = message.strip().partition(b"\n\n")[0]
    return Signature(_decoded(author[1] if author else b"", encoding), _decoded(subject, encoding))


@dataclass(frozen=True, slots=True)
class Difference:
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


def _decoded(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding, "replace")
    except (LookupError, ValueError):  # an unknown encoding, or one that is not of text
        text = data.decode("utf-8", "replace")
    return " ".join(text.split())
