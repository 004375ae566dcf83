"""A redline → either of its policies: the parts that are in it, each node in one part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import cast

from publisher.policy.fragments import inlines
from publisher.policy.kinds import TreeNode, filled, text_of
from publisher.policy.tree import Clause, Policy
from publisher.redline.values import Part, Redline, Side, opened


def accepted(redline: Redline) -> Policy | None:
    """Return the new policy, by accepting every change."""
    return _policy(redline, "new")


def rejected(redline: Redline) -> Policy | None:
    """Return the old policy, by rejecting every change."""
    return _policy(redline, "old")


def _policy(redline: Redline, side: Side) -> Policy | None:
    shell = redline.old if side == "old" else redline.new
    if shell is None:
        return None
    parts = [clause.part for clause in redline.clauses]
    title = cast("str", whole(redline.title, side))
    return replace(shell, title=title, clauses=cast("tuple[Clause, ...]", wholes(parts, side)))


def whole(part: Part, side: Side) -> TreeNode:
    """Return the node that one of the policies has at a part, with its content."""
    shell = cast("TreeNode", part.on(side))
    if part.same:
        return shell
    if text_of(part.kind, shell) is not None:
        run = chain.from_iterable(segment.on(side) for segment in part.run)
        return filled(shell, inlines(run))
    return filled(shell, wholes(part.parts, side))


def wholes(parts: Iterable[Part], side: Side) -> tuple[TreeNode, ...]:
    """Return the nodes that one of the policies has at parts."""
    return tuple(whole(part, side) for part in one_side(parts, side))


def one_side(parts: Iterable[Part], side: Side) -> tuple[Part, ...]:
    """Return parts as one of the policies has them: one part for each node.

    Parts in them still have to be passed in turn.
    """
    standing: list[Part] = []
    for part in _unwrapped(parts, side):
        if side in part.continued and standing:
            before, part = opened(standing[-1]), opened(part)  # noqa: PLW2901
            standing[-1] = replace(
                before, parts=before.parts + part.parts, run=before.run + part.run
            )
        else:
            standing.append(part)
    return tuple(standing)


def _unwrapped(parts: Iterable[Part], side: Side) -> Iterator[Part]:
    """Yield the parts that are in one of the policies, also those within nodes of the other."""
    for part in parts:
        if part.standing(side):
            yield part
        elif part.move is None:
            yield from _unwrapped(part.parts, side)
