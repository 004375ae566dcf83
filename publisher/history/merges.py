"""Whether a commit is editorial: by what it says, and for a merge, by what those it brings say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from publisher.errors import InvalidPolicy
from publisher.model.dating import Commit
from publisher.model.policy import Policy
from publisher.model.words import words

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
        return any(map(in_reach, each.changed)) and _differ(each, at)

    explained = False
    for each in sorted(brought(commit), key=lambda each: each.editorial):
        if not changes(each) or (not each.remarks and any(map(changes, brought(each)))):
            continue
        if not each.editorial:
            return False
        explained = True
    return explained


def _differ(commit: Commit, at: ComposeAt) -> bool:
    """Return whether the words before a commit are others than after it, or may be."""
    try:
        before = None if commit.parent is None else at(commit.parent)
        after = at(commit.id)
    except InvalidPolicy:
        return True
    if before is None or after is None:
        return before is not after
    return words(before) != words(after)
