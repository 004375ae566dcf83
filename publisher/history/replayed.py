"""The commits of several searches, read from git once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from publisher.repository.commits import Commit


class Replayed(Iterable[Commit]):
    """An iterable that reads an iterator once, and keeps its commits for the next search."""

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
