"""Numbers of clauses, and of what refers to them: labels, given when a policy is composed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from itertools import count
from typing import Any, TypeVar

from publisher.policy.tree import Clause, Link

_Node = TypeVar("_Node")


def number(clauses: tuple[Clause, ...]) -> tuple[Clause, ...]:
    """Return clauses with their numbers, from 1 in their order; one without a title has none.

    Every link to a clause that has no text gets the number of that clause.
    """
    counted = count(1)
    numbers = {f"#{clause.id}": next(counted) for clause in clauses if clause.title}
    return tuple(
        replace(_referring(clause, numbers), number=numbers.get(f"#{clause.id}"))
        for clause in clauses
    )


def _referring(node: _Node, numbers: Mapping[str, int]) -> _Node:
    """Return a node in which links show the numbers that they refer to."""
    if isinstance(node, tuple):
        inside = tuple(_referring(part, numbers) for part in node)
        stayed = all(one is other for one, other in zip(node, inside, strict=True))
        return node if stayed else inside  # type: ignore[return-value]
    if not is_dataclass(node):
        return node
    if isinstance(node, Link) and not node.children:
        return replace(node, number=numbers.get(node.target))
    parts: dict[str, Any] = {field.name: getattr(node, field.name) for field in fields(node)}
    changed = {
        name: new
        for name, value in parts.items()
        if isinstance(value, tuple) and (new := _referring(value, numbers)) is not value
    }
    return replace(node, **changed) if changed else node  # type: ignore[type-var]
