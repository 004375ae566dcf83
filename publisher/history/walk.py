"""Walks back in time with one policy: commits → what the policy was before and after each.

A commit is editorial if it says so; a merge, if those that it brings do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from publisher.errors import InvalidPolicy
from publisher.policy.dating import Place
from publisher.policy.tree import Policy
from publisher.policy.words import words
from publisher.problem import Problem
from publisher.repository.commits import Commit
from publisher.workspace.parsed import brand_file

ComposeAt = Callable[[str], Policy | None]
"""The policy at a commit, None where there is none; raises `InvalidPolicy` where it is broken."""

Brought = Callable[[Commit], Iterable[Commit]]
"""The commits that a merge brings to its first parent, newest first."""


def editorial(
    commit: Commit, brought: Brought, compose_at: ComposeAt, in_reach: Callable[[str], bool]
) -> bool:
    """Return whether a commit that changes a policy's words leaves their meaning alone.

    It does if it says so, or a later commit says so of it. A merge of which nothing is said also
    does if it brings a commit that changes the policy's words, and every such commit is. Each
    that it brings is compared with its own first parent; one that cannot be compared, because its
    workspace does not load, counts as changing them. A merge among them counts for itself only
    where a later commit says what it is, or where it brings no commit that changes the words: what
    it brings is either brought here too, and judged by itself, or was there before.

    `in_reach` tells the paths that the policy can have looked up.
    """
    if commit.change is not None or not commit.merged:
        return commit.editorial
    at = lru_cache(maxsize=64)(compose_at)

    def changes(each: Commit) -> bool:
        return any(map(in_reach, each.changed)) and _changes_words(each, at)

    explained = False
    for each in sorted(brought(commit), key=lambda each: each.editorial):
        if not changes(each) or (not each.remarks and any(map(changes, brought(each)))):
            continue
        if not each.editorial:
            return False
        explained = True
    return explained


def _changes_words(commit: Commit, at: ComposeAt) -> bool:
    """Return whether the words before a commit are others than after it, or may be."""
    try:
        before = None if commit.parent is None else at(commit.parent)
        after = at(commit.id)
    except InvalidPolicy:
        return True
    if before is None or after is None:
        return before is not after
    return words(before) != words(after)


@dataclass(frozen=True, slots=True)
class Step:
    """A policy before and after `span`: commits side by side on the line, newest first.

    They are several where what lies between them was broken, or was passed over. `differs` says
    that the words do, `material` that their meaning does: not all of `span` is editorial, or the
    policy appeared, or went. It is None where it was not there; `cut` then says so where it may
    have been there under another name.
    """

    span: tuple[Commit, ...]
    before: Policy | None
    after: Policy | None
    differs: bool
    material: bool
    cut: Problem | None = None


@dataclass(frozen=True, slots=True)
class Former:
    """Where a policy was kept before a commit, and how it is followed from there on.

    `policy` is None where it was not there any more, but had been. `log` are the commits behind,
    None where they are those of the same workspace. `known` is as in a `Subject`.
    """

    place: Place
    policy: Policy | None
    compose_at: ComposeAt
    brought: Brought
    trace: Trace
    known: Callable[[str], Any]
    log: Iterable[Commit] | None = None


Trace = Callable[[Commit, Policy | None, Policy], Former | Problem | None]
"""Where a policy comes from that is another one before a commit, or none, at the place where it is.

It is given both; it returns the problem that what there is may, or may not, be the same policy.
"""


def untraced(*_: object) -> None:
    """Trace no policy to another place."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A commit whose workspace does not load, or has no whole policy, and why."""

    commit: str
    problems: tuple[Problem, ...]


class Walk:
    """Walks back with one policy.

    `policy` is what it was behind the commits seen so far, None where it was not there; `files` is
    what composing it looked up there, even where that failed: a commit that touches none of them
    changes nothing. With `skipping`, commits that say that they are editorial are passed over
    uncomposed, unless something around them is broken; behind those `skipped`, neither is known.

    Where `trace` tells that the policy comes from another place, the walk goes on there; `former`
    then says how, until whoever hands in the commits has taken it.
    """

    def __init__(
        self,
        policy: Policy,
        compose_at: ComposeAt,
        brought: Brought,
        trace: Trace = untraced,
        *,
        skipping: bool,
    ) -> None:
        self.brand = policy.brand.id
        self.policy: Policy | None = policy
        self.files = policy.files
        self.compose_at = compose_at
        self.brought = brought
        self.trace = trace
        self.former: Former | None = None
        self.skipping = skipping
        self.skipped: list[Commit] = []
        self.gap: list[Commit] = []

    def step(self, commit: Commit) -> Iterator[Step | Gap]:
        """Take the next older commit; yield what became known by it."""
        if not self.concerned(commit):
            return
        if self.harmless(commit):
            self.skipped.append(commit)
            return
        yield from self.finish(commit.id)
        yield from self.look(commit)

    def concerned(self, commit: Commit) -> bool:
        """Return whether the next older commit can have changed the policy."""
        if self.skipped:
            return any(map(self.in_reach, commit.changed))
        return self.touched_by(commit)

    def finish(self, commit: str | None = None) -> Iterator[Step | Gap]:
        """Yield what was passed over until now.

        `commit` is the next older commit, if there is one that concerns the policy.
        """
        if self.skipped:
            yield from self.catch_up(commit or str(self.skipped[-1].parent))

    def touched_by(self, commit: Commit) -> bool:
        """Return whether a commit changes what the policy looked up, or what must not lie there."""
        own = f"brands/{self.brand}/{'clauses/' if self.policy else ''}"
        return not self.files.isdisjoint(commit.changed) or any(
            path.startswith(own) for path in commit.changed
        )

    def in_reach(self, path: str) -> bool:
        """Return whether any version of the policy can have looked up a path."""
        own = path.startswith(f"brands/{self.brand}/")
        return own or not path.startswith("brands/") or path.endswith("/brand.yaml")

    def harmless(self, commit: Commit) -> bool:
        """Return whether a commit cannot be material, whatever it did to the words.

        It is none to which a policy owes its being there, and nothing near it is broken.
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
        """Learn what the policy was at `commit`, behind those skipped."""
        try:
            policy = self.compose_at(commit)
        except InvalidPolicy:
            policy = None
        skipped, self.skipped = tuple(self.skipped), []
        if policy is not None:
            after, self.policy, self.files = self.policy, policy, policy.files
            yield Step(skipped, policy, after, _differ(policy, after), material=False)
            return
        for each in skipped:  # after all, as one of them is the end of something broken
            yield from self.look(each)

    def look(self, commit: Commit) -> Iterator[Step | Gap]:
        """Compare the words before a commit with those after it."""
        if not self.touched_by(commit):
            return
        self.gap.append(commit)
        try:
            before = None if commit.parent is None else self.compose_at(commit.parent)
        except InvalidPolicy as fault:
            self.files |= fault.files  # it may have ended before all was looked up
            yield Gap(str(commit.parent), fault.problems)
            return
        span, self.gap = tuple(self.gap), []
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
            yield Step(span, before, after, differs, material, cut)

    def go_on(self, former: Former) -> None:
        """Follow the policy where it was before."""
        self.brand = former.place.brand
        self.compose_at, self.brought, self.trace = (
            former.compose_at,
            former.brought,
            former.trace,
        )
        self.former = former

    def all_editorial(self, span: tuple[Commit, ...]) -> bool:
        """Return whether none of some commits changes the meaning."""
        return all(editorial(one, self.brought, self.compose_at, self.in_reach) for one in span)


def _differ(before: Policy | None, after: Policy | None) -> bool:
    if before is None or after is None:
        return before is not after
    return words(before) != words(after)
