"""Commits that several searches go through, read from git once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from publisher.repository.commits import Commit


class Replayed(Iterable[Commit]):
    """An iterator that can be gone through again: what was taken once is kept."""

    def __init__(self, commits: Iterator[Commit]) -> None:
        self.commits = commits
        self.taken: list[Commit] = []

    def __iter__(self) -> Iterator[Commit]:
        at = 0
        while True:
            if at == len(self.taken):
                commit = next(self.commits, None)
                if commit is None:
                    return
                self.taken.append(commit)
            yield self.taken[at]
            at += 1
