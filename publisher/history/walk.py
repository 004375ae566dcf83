"""Walks back in time with one policy: commits → the policy before and after each.

A commit is editorial if it says so; a merge is, if all that it brings say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from publisher.errors import InvalidPolicy
from publisher.policy.dating import Place
from publisher.policy.tree import Policy
from publisher.policy.words import same_words
from publisher.problem import Problem
from publisher.repository.commits import Commit
from publisher.repository.reading import Log
from publisher.workspace.names import brand_file, brands_of

ComposeAt = Callable[[str], Policy | None]
"""Returns the policy at a commit, None if it is missing; raises `InvalidPolicy` for errors."""

Brought = Callable[[Commit], Iterable[Commit]]
"""The commits that a merge brings to its first parent, newest first."""


def editorial(
    commit: Commit, brought: Brought, compose_at: ComposeAt, in_reach: Callable[[str], bool]
) -> bool:
    """Return whether a commit that changes a policy's words does not change their meaning.

    It is editorial if it says so, or if a later commit says so. A merge without such a statement is
    editorial if it brings commits that change the policy's words, and all of these are editorial.
    Each is compared with its own first parent; a commit whose workspace does not load counts as a
    change. A merge among them counts only if a later commit classifies it, or if it brings no
    change itself: its commits are brought here too, or were in the line before.

    `in_reach` returns whether the policy can have read a path.
    """
    if commit.change is not None or not commit.merged:
        return commit.editorial
    at = lru_cache(maxsize=64)(compose_at)

    def changes(other: Commit) -> bool:
        return any(map(in_reach, other.changed)) and _changes_words(other, at)

    explained = False
    for part in sorted(brought(commit), key=lambda part: part.editorial):
        if not changes(part) or (not part.remarks and any(map(changes, brought(part)))):
            continue
        if not part.editorial:
            return False
        explained = True
    return explained


def _changes_words(commit: Commit, at: ComposeAt) -> bool:
    """Return whether the words before a commit differ from those after it, or may differ."""
    try:
        return _differ(None if commit.parent is None else at(commit.parent), at(commit.id))
    except InvalidPolicy:
        return True


@dataclass(frozen=True, slots=True)
class Step:
    """A policy before and after `span`: neighbouring commits on the line, newest first.

    There are several if the policy was broken, or commits were skipped, between them. `differs`
    says that the words differ, `material` that their meaning does: not all of `span` is editorial,
    or the policy appeared or disappeared. The policy is None if it is missing; `cut` then says that
    it may have had another name. `problems` are those of the oldest commit between them that has
    errors: from the last of `span` until before the first, nobody knows what the policy said.
    """

    span: tuple[Commit, ...]
    before: Policy | None
    after: Policy | None
    differs: bool
    material: bool
    cut: Problem | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Former:
    """The place of a policy before a commit, and how to follow it from there.

    `policy` is None if the policy had been removed already. `log` are the older commits, None in
    the same workspace. `known` is as in a `Subject`.
    """

    place: Place
    policy: Policy | None
    compose_at: ComposeAt
    brought: Brought
    trace: Trace
    known: Callable[[str], Any]
    log: Log | None = None


Trace = Callable[[Commit, Policy | None, Policy], Former | Problem | None]
"""Returns the earlier place of a policy, if its place had another policy or none before a commit.

It takes the policies before and after. It returns a problem if the place is unknown.
"""


def untraced(*_: object) -> None:
    """Trace no policy to another place."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A commit whose workspace does not load, or whose policy has errors, and the problems."""

    commit: str
    problems: tuple[Problem, ...]


class Walk:
    """Walks back with one policy.

    `policy` is the one before the commits seen so far, None if it was missing; `files` are the
    paths that composing it read, even if it failed: a commit that touches none of them changes
    nothing. With `skipping`, editorial commits are not composed, unless a neighbour fails to load;
    before those `skipped`, `policy` and `files` are unknown.

    The caller supplies the commits of `log`. Where `trace` finds the policy in another place, the
    walk continues there, and `former` says how, until the caller has read it. Where a policy needs
    commits that `log` leaves out, `elsewhere` are those with which the caller then continues.
    """

    def __init__(  # noqa: PLR0913 - it is all that a walk needs
        self,
        policy: Policy,
        compose_at: ComposeAt,
        brought: Brought,
        trace: Trace = untraced,
        log: Iterable[Commit] = (),
        *,
        skipping: bool,
    ) -> None:
        self.brand = policy.brand.id
        self.policy: Policy | None = policy
        self.files = policy.files
        self.compose_at = compose_at
        self.brought = brought
        self.trace = trace
        self.log = log
        self.former: Former | None = None
        self.elsewhere: Log | None = None
        self.skipping = skipping
        self.skipped: list[Commit] = []
        self.gap: list[Commit] = []
        self.problems: tuple[Problem, ...] = ()

    def step(self, commit: Commit) -> Iterator[Step | Gap]:
        """Take the next older commit; yield the steps and gaps that it completes."""
        if not self.concerned(commit):
            return
        if self.harmless(commit):
            self.skipped.append(commit)
            return
        yield from self.finish(commit.id)
        yield from self.look(commit)
        self.widen(commit)

    def widen(self, commit: Commit) -> None:
        """Continue with another log where this one leaves out what can matter before a commit."""
        needed = {self.brand, *brands_of(self.files)}
        log = self.log
        if commit.parent is not None and isinstance(log, Log) and not log.covers(needed):
            self.log = self.elsewhere = log.wider(needed, commit.parent)

    def concerned(self, commit: Commit) -> bool:
        """Return whether the next older commit can have changed the policy.

        Those skipped left the brand's file alone: the brand has the sisters whose files it read.
        """
        own = (f"brands/{self.brand}/", "shared/")
        shared = bool(self.skipped) and any(path.startswith(own) for path in commit.changed)
        return shared or self.touched_by(commit)

    def finish(self, commit: str | None = None) -> Iterator[Step | Gap]:
        """Yield the step of the skipped commits; `commit` is the next older one, if any."""
        if self.skipped:
            yield from self.catch_up(commit or str(self.skipped[-1].parent))

    def touched_by(self, commit: Commit) -> bool:
        """Return whether a commit changes a file that the policy read, or one of its brand."""
        own = f"brands/{self.brand}/{'clauses/' if self.policy else ''}"
        return not self.files.isdisjoint(commit.changed) or any(
            path.startswith(own) for path in commit.changed
        )

    def in_reach(self, path: str) -> bool:
        """Return whether the policy can have read a path at any commit."""
        own = path.startswith(f"brands/{self.brand}/")
        return own or not path.startswith("brands/") or path.endswith("/brand.yaml")

    def harmless(self, commit: Commit) -> bool:
        """Return whether a commit cannot be material, whatever words it changed.

        With such a commit, the policy does not appear, and no neighbour is broken.
        """
        return (
            self.skipping
            and self.policy is not None
            and commit.editorial
            and commit.parent is not None
            and brand_file(self.brand) not in commit.changed
            and not self.gap
        )

    def catch_up(self, commit: str) -> Iterator[Step | Gap]:
        """Compose the policy at `commit`, before those skipped."""
        try:
            policy = self.compose_at(commit)
        except InvalidPolicy:
            policy = None
        skipped, self.skipped = tuple(self.skipped), []
        if policy is not None:
            after, self.policy, self.files = self.policy, policy, policy.files
            yield Step(skipped, policy, after, _differ(policy, after), material=False)
            return
        for skipped_commit in skipped:  # one of them fixed the policy
            yield from self.look(skipped_commit)

    def look(self, commit: Commit) -> Iterator[Step | Gap]:
        """Compare the words before a commit with those after it."""
        if not self.touched_by(commit):
            return
        self.gap.append(commit)
        try:
            before = None if commit.parent is None else self.compose_at(commit.parent)
        except InvalidPolicy as fault:
            self.files |= fault.files  # composing may have stopped before it read all files
            self.problems = fault.problems
            yield Gap(str(commit.parent), fault.problems)
            return
        span, self.gap = tuple(self.gap), []
        problems, self.problems = self.problems, ()
        after = self.policy
        traced = self.trace(commit, before, after) if after and commit.parent else None
        if isinstance(traced, Former):
            before = traced.policy
        differs = _differ(before, after)
        material = differs and (before is None or after is None or not self.all_editorial(span))
        if isinstance(traced, Former):
            self.go_on(traced)
        self.policy = before
        self.files = before.files if before else frozenset(["brands"])
        if before or after:
            cut = traced if isinstance(traced, Problem) else None
            yield Step(span, before, after, differs, material, cut, problems)

    def go_on(self, former: Former) -> None:
        """Follow the policy where it was before."""
        self.brand = former.place.brand
        self.compose_at, self.brought, self.trace = (
            former.compose_at,
            former.brought,
            former.trace,
        )
        self.former = former
        if former.log is not None:
            self.log = self.elsewhere = former.log

    def all_editorial(self, span: tuple[Commit, ...]) -> bool:
        """Return whether none of some commits changes the meaning."""
        return all(editorial(one, self.brought, self.compose_at, self.in_reach) for one in span)


def _differ(before: Policy | None, after: Policy | None) -> bool:
    if before is None or after is None:
        return before is not after
    return not same_words(before, after)
