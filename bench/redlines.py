"""Texts to compare, and what others make of them."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from publisher.compose import compose
from publisher.model.policy import Clause, Policy, Text, inlines_of
from publisher.render.body import Body
from publisher.render.labels import labels
from publisher.source import FolderSource
from publisher.workspace import load

Pair = tuple[Policy, Policy]


def cloudnovi(root: Path) -> Policy:
    """Return the policy of the example."""
    return compose(load(FolderSource(root), ("cloudnovi",)), "cloudnovi", "en")


def times(policy: Policy, number: int) -> Policy:
    """Return a policy with all its clauses so many times, each time with other numbers in it."""
    clauses = [_numbered(clause, at) for at in range(number) for clause in policy.clauses]
    return replace(policy, clauses=tuple(clauses))


def _numbered(clause: Clause, at: int) -> Clause:
    titled = f"{clause.title} {at}"
    return replace(clause, id=f"{clause.id}-{at}", title=titled)


def edited(policy: Policy, share: float, seed: int = 1) -> Policy:
    """Return a policy with a share of its words replaced, put in, or left out, here and there."""
    chance = random.Random(seed)

    def text(value: str) -> str:
        words = re.split(r"(\s+)", value)
        for at in range(0, len(words), 2):
            if words[at] and chance.random() < share:
                words[at] = chance.choice(["", "another", f"{words[at]} indeed", "newly-put words"])
        return "".join(words)

    def node(value: Any) -> Any:
        if isinstance(value, Text):
            return Text(text(value.text))
        if isinstance(value, tuple):
            return tuple(map(node, value))
        if hasattr(value, "__dataclass_fields__"):
            names = [
                n for n in ("blocks", "items", "children", "rows", "header") if hasattr(value, n)
            ]
            return replace(value, **{name: node(getattr(value, name)) for name in names})
        return value

    return replace(policy, clauses=tuple(node(clause) for clause in policy.clauses))


def html(policy: Policy) -> str:
    """Return the clauses of a policy as HTML."""
    body = Body(labels("en"), {}, unbroken=False)
    return "\n".join(f"<h2>{c.title}</h2>\n{body.clause(c)}" for c in policy.clauses)


def text(policy: Policy) -> str:
    """Return the words of a policy as plain text, a block on each line."""
    lines = []
    for clause in policy.clauses:
        lines.append(clause.title)
        for block in clause.blocks:
            lines += ("".join(map(_plain, run)) for run in inlines_of(block))
    return "\n\n".join(lines)


def _plain(inline: Any) -> str:
    if hasattr(inline, "text"):
        return str(inline.text)
    return "".join(_plain(each) for each in getattr(inline, "children", ())) or " "
