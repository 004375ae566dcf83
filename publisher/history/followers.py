"""Texts that must follow others, and what has changed in those since the last review.

A text counts as reviewed at the newest commit on the first-parent line that changed it, or that
has, or brings, the trailer ``Reviewed: PATH``. Editorial changes of the followed text do not count.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Protocol

from publisher.history.age import day_of
from publisher.history.places import tree_at
from publisher.policy.tree import BrandName, Clause, Controller, Paragraph, Policy, Text
from publisher.redline import redline
from publisher.redline.values import Redline
from publisher.repository.commit_remarks import reviews_at
from publisher.repository.commits import Commit, signature, stamp
from publisher.repository.moment import Moment
from publisher.repository.reading import Log, Repository
from publisher.repository.source import Source
from publisher.workspace.names import brands_of


@dataclass(frozen=True, slots=True)
class Seen:
    """A commit, the day on which it was made, in a brand's time zone, and its subject.

    A change that is not committed has none of them.
    """

    commit: str = ""
    day: date | None = None
    subject: str = ""


class Follower(Protocol):
    """A text in the file `path` that follows one in the file `followed`.

    `own` returns the text in a source, and `text` the paragraphs that it follows.
    """

    @property
    def path(self) -> str: ...  # noqa: D102
    @property
    def followed(self) -> str: ...  # noqa: D102
    @property
    def locale(self) -> str: ...  # noqa: D102
    def own(self, source: Source) -> object: ...  # noqa: D102
    def text(self, source: Source) -> tuple[str, ...]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Since:
    """When a text was reviewed, and what has changed since in the text that it follows.

    `reviewed` is None for a text that is not committed as it is. `changed` is the newest commit
    after it that changed the followed text, and `redline` shows that change; they are None if
    nothing has changed.
    """

    reviewed: Seen | None = None
    changed: Seen | None = None
    redline: Redline | None = None


UNKNOWN = Since()
"""The value without a history."""


def since_review(moment: Moment) -> FirstParentLine | None:
    """Return the history before a moment; None without commits. Raises `GitFailed`."""
    if moment.repository is None or moment.commit is None:
        return None
    return FirstParentLine(moment.repository, moment.commit, moment.source)


Before = Callable[[Moment], "FirstParentLine | None"]
"""The type of `since_review`, or of a function that remembers its results."""


class FirstParentLine:
    """The first-parent line from `head` back, as far as it matters for texts that follow others.

    `places` say how far back a commit is, and `touching` which commits of a log changed each file;
    `source` has the files as they are now.
    """

    def __init__(self, repository: Repository, head: str, source: Source) -> None:
        self.repository = repository
        self.commit = head
        self.head = tree_at(repository, head)
        self.source = source
        self.places = repository.positions(head)
        self.reviews = reviews_at(repository, head)
        self.touching = lru_cache(maxsize=4)(_by_path)
        self.changed = lru_cache(maxsize=4)(self._all_changed)

    def since(self, follower: Follower, zone: str) -> Since:
        """Return what has changed since a text was reviewed; days count in `zone`."""
        if follower.own(self.source) != follower.own(self.head):
            return UNKNOWN
        commits = self._reviewed(follower, follower.path)
        reviewed = min(commits, key=self.places.__getitem__, default=None)
        if reviewed is None:
            return UNKNOWN
        before = follower.text(tree_at(self.repository, reviewed))
        after = follower.text(self.source)
        if after != follower.text(self.head):
            newest: Seen | None = Seen()
        else:
            changed = self._changed(follower, self.places[reviewed])
            newest = self._seen(changed, zone) if changed is not None else None
        seen = self._seen(reviewed, zone)
        if newest is None or before == after:
            return Since(seen)
        sides = (_policy(follower, paragraphs) for paragraphs in (before, after))
        return Since(seen, newest, redline(*sides))

    def _reviewed(self, follower: Follower, path: str, before: int = -1) -> Iterator[str]:
        """Yield commits further back than `before` that reviewed a text, under any brand."""
        yield from (id for id in self.reviews.get(path, ()) if self.places[id] > before)
        for commit in self._touching(path):
            if self.places[commit.id] > before:
                former = self._former(commit, path)
                if former is not None:
                    yield from self._reviewed(follower, former, self.places[commit.id])
                    return
                if path != follower.path or self._differs(follower.own, commit):
                    yield commit.id
                    return

    def _touching(self, path: str) -> Sequence[Commit]:
        """Return the commits that changed a file, newest first."""
        return self.touching(self.repository.log(self.commit, brands_of([path]))).get(path, ())

    def _former(self, commit: Commit, path: str) -> str | None:
        """Return where a file was before a commit that only moved it to another brand."""
        name = path.partition("/clauses/")[2]
        if not name or commit.parent is None:
            return None
        before, after = (tree_at(self.repository, id) for id in (commit.parent, commit.id))
        blob = after.id(path)
        if blob is None or before.id(path) is not None:
            return None
        others = [other for other in self.changed(commit.id) if other.endswith(f"/clauses/{name}")]
        removed = (other for other in others if after.id(other) is None)
        return next((other for other in removed if before.id(other) == blob), None)

    def _all_changed(self, commit: str) -> frozenset[str]:
        """Return the paths that a commit changed, of whatever brand."""
        (known,) = self.repository.commits([commit])
        return known.changed

    def _changed(self, follower: Follower, since: int) -> str | None:
        """Return the newest commit after a place that materially changed the followed text."""
        for commit in self._touching(follower.followed):
            if self.places[commit.id] >= since:
                return None
            material = not commit.editorial and commit.parent is not None
            if material and self._differs(follower.text, commit):
                return commit.id
        return None

    def _differs(self, reading: Reading, commit: Commit) -> bool:
        """Return whether a commit changed a text; the first commit made all of it."""
        if commit.parent is None:
            return True
        before, after = (tree_at(self.repository, id) for id in (commit.parent, commit.id))
        return reading(before) != reading(after)

    def _seen(self, id: str, zone: str) -> Seen:
        """Return a commit in a form for people."""
        content = self.repository.object(id)
        commit = Commit(id, None, frozenset(), stamp(content))
        return Seen(id, day_of(commit, zone), signature(content).subject)


def _by_path(log: Log) -> Mapping[str, Sequence[Commit]]:
    """Return the commits that changed each file, newest first."""
    commits: dict[str, list[Commit]] = defaultdict(list)
    for commit in log:
        for path in commit.changed:
            commits[path].append(commit)
    return commits


class Reading(Protocol):
    """Reads something from a source."""

    def __call__(self, source: Source, /) -> object: ...  # noqa: D102


def paragraphs_of(texts: Iterator[str]) -> tuple[str, ...]:
    """Return the paragraphs and items of texts, each on one line."""
    parts = (part for text in texts for part in re.split(r"\n\s*\n|\n(?=\s*[-*] )", text))
    return tuple(filter(None, (" ".join(part.split()) for part in parts)))


def _policy(follower: Follower, paragraphs: tuple[str, ...]) -> Policy:
    """Return the followed text as a policy with one clause, to be compared."""
    blocks = tuple(Paragraph((Text(text),)) for text in paragraphs)
    clause = Clause("text", "text", blocks, (), (), follower.followed)
    brand = BrandName("text", "text", "")
    return Policy(brand, follower.locale, "", Controller("", ()), (clause,), (), frozenset())
