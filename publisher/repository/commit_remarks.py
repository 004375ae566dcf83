"""Remarks of commits on earlier ones: ``Policy-Change: editorial COMMIT``, in a later commit.

They depend only on the ancestors of a commit: a short id is looked up among the ancestors of the
commit that names it, not among all commits of a clone.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from publisher.repository.commits import Commit, Remark, trailers
from publisher.repository.git import run
from publisher.repository.trailers import LIKE, Change, Fault, Trailers, reviewed

if TYPE_CHECKING:
    from publisher.repository.git import Git


class History(Protocol):
    """The parts of a repository that remarks need."""

    git: Git

    def objects(self, ids: Sequence[str]) -> Iterator[bytes]:
        """Yield the content of many objects, in order."""

    def commits(self, ids: Sequence[str]) -> list[Commit]:
        """Return commits, in order."""

    def changed(self, ids: Sequence[str]) -> dict[str, list[str]]:
        """Return the paths in which commits differ from their first parent."""


@dataclass(frozen=True)
class Remarks:
    """The remarks of a commit's ancestors on each other.

    `on` has the remarks on each commit: first the one that counts, then the newest. `faults` are
    the mistakes in the trailers of commits, except those that a later commit corrected.
    """

    on: Mapping[str, tuple[Remark, ...]] = field(default_factory=dict)
    faults: tuple[tuple[Commit, Fault], ...] = ()

    @property
    def any(self) -> bool:
        """Whether there are any remarks or faults."""
        return bool(self.on or self.faults)

    @cached_property
    def digest(self) -> str:
        """A digest of the remarks that count; empty if there are none."""
        holding = sorted(f"{id} {remarks[0].change}" for id, remarks in self.on.items())
        return hashlib.sha256("\n".join(holding).encode()).hexdigest() if holding else ""


def remarks_at(repository: History, commit: str) -> Remarks:
    """Return the remarks of a commit, given by its id, and its ancestors on each other."""
    search = "rev-list --topo-order --regexp-ignore-case --extended-regexp --encoding=UTF-8"
    ids = run(repository.git, search, f"--grep={LIKE}", commit).split()
    contents = zip(ids, repository.objects(ids), strict=True)
    by_commit = {id: trailers(content) for id, content in contents}
    faults = [(by, fault) for by, trailer in by_commit.items() for fault in trailer.faults]
    on: dict[str, tuple[Remark, ...]] = {}
    if any(trailer.remarks for trailer in by_commit.values()):
        graph = _Graph(run(repository.git, "rev-list --topo-order --parents", commit))
        for by, change, name in _names(by_commit):
            named = graph.named(by, name)
            if isinstance(named, Fault):
                faults.append((by, replace(named, meant=change)))
            else:
                on[named] = (*on.get(named, ()), Remark(change, by))
        on = {named: tuple(graph.in_order(remarks)) for named, remarks in on.items()}
        faults += _pointless(repository, on)
        faults += _torn(graph, on)
    faults = [(by, fault) for by, fault in dict.fromkeys(faults) if by not in on]
    about = {faulty.id: faulty for faulty in repository.commits([by for by, _ in faults])}
    return Remarks(on, tuple((about[by], fault) for by, fault in faults))


def reviews_at(repository: History, commit: str) -> dict[str, tuple[str, ...]]:
    """Return the commits that say that a file was reviewed, by its path in the workspace.

    They are those on the first-parent line from `commit` back: a merge says what it brings.
    """
    asked = ("--topo-order", "--regexp-ignore-case", "--grep=^reviewed[[:space:]]*:", commit)
    reviewing = run(repository.git, "rev-list", *asked).split()
    line = run(repository.git, "rev-list", "--first-parent", commit).split() if reviewing else []
    reviews: dict[str, tuple[str, ...]] = {}
    for id, content in zip(reviewing, repository.objects(reviewing), strict=True):
        paths = reviewed(content.partition(b"\n\n")[2].decode("utf-8", "replace"))
        by = _bringing(repository, id, line) if paths else id
        for path in paths:
            reviews[path] = (*reviews.get(path, ()), by)
    return reviews


def _bringing(repository: History, id: str, line: Sequence[str]) -> str:
    """Return the commit on a first-parent line, newest first, that is, or brought, another one."""
    if id in line:
        return id
    output = run(repository.git, "rev-list", "--ancestry-path", f"{id}..{line[0]}")
    later = frozenset(output.split())
    return next(commit for commit in reversed(line) if commit in later)


class _Graph:
    """Commits and their parents, from what ``git rev-list --topo-order --parents`` lists."""

    def __init__(self, listed: str) -> None:
        rows = (row.split() for row in listed.splitlines())
        self.parents = {id: parents for id, *parents in rows}
        self.places = {id: at for at, id in enumerate(self.parents)}
        self.ids = sorted(self.parents)

    def named(self, by: str, name: str) -> str | Fault:
        """Return the id of the ancestor of a commit whose id begins with `name`; or why not."""
        start, end = bisect_left(self.ids, name), bisect_left(self.ids, f"{name}g")
        fitting = [id for id in self.ids[start:end] if self.descends(by, id)]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            many = " and ".join(id[: len(name) + 4] for id in fitting)
            what = f"names the commit '{name}', which may be {many}"
            return Fault(what, about="")
        what = f"names the commit '{name}', which is not among the commits before it"
        return Fault(what, about="")

    def descends(self, commit: str, other: str) -> bool:
        """Return whether a commit comes from another one."""
        bound = self.places[other]
        waiting, seen = [commit], {commit}
        while waiting:
            for parent in self.parents[waiting.pop()]:
                if parent == other:
                    return True
                if parent not in seen and self.places[parent] < bound:
                    seen.add(parent)
                    waiting.append(parent)
        return False

    def in_order(self, remarks: tuple[Remark, ...]) -> list[Remark]:
        """Return remarks on one commit: first the one that counts, then the newest.

        The last one counts; of two on branches side by side, the one that says material.
        """
        if len({remark.change for remark in remarks}) == 1:
            return [*remarks]
        last = self.last(remarks)
        return sorted(
            remarks,
            key=lambda remark: (remark not in last, remark in last and remark.change != "material"),
        )

    def last(self, remarks: tuple[Remark, ...]) -> list[Remark]:
        """Return the remarks without a later remark."""
        return [
            remark
            for remark in remarks
            if not any(
                self.descends(other.by, remark.by) for other in remarks if other.by != remark.by
            )
        ]


def _names(by_commit: Mapping[str, Trailers]) -> Iterator[tuple[str, Change, str]]:
    """Yield each remark: the commit that has it, the change, and the id that it gives."""
    for by, trailer in by_commit.items():
        for change, name in dict.fromkeys(trailer.remarks):
            yield by, change, name


def _pointless(
    repository: History, on: Mapping[str, tuple[Remark, ...]]
) -> Iterator[tuple[str, Fault]]:
    """Yield the remarks on commits that changed no policy, wherever the workspace was."""
    changed = repository.changed(list(on))
    for named, remarks in on.items():
        folders = {part for path in changed.get(named, ()) for part in path.split("/")[:-1]}
        if folders.isdisjoint(("brands", "shared")):
            message = f"names the commit {named[:10]}, which changed nothing in brands/ or shared/"
            yield from ((remark.by, Fault(message, remark.change, about="")) for remark in remarks)


def _torn(graph: _Graph, on: Mapping[str, tuple[Remark, ...]]) -> Iterator[tuple[str, Fault]]:
    """Yield the remarks that contradict one on another branch, or in the same commit."""
    for named, remarks in on.items():
        last = graph.last(remarks)
        if len({remark.change for remark in last}) > 1:
            by = next(remark.by for remark in last if remark.change == "editorial")
            other = next(remark.by for remark in last if remark.change == "material")
            message = (
                f"says that {named[:10]} is editorial, and {other[:10]} that it is material, which "
                "holds, as neither comes after the other"
            )
            yield by, Fault(message, about=named)
