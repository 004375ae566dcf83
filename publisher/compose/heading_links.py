"""Links to headings: each leads to the intended heading, by its title or its id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from publisher.policy.tree import Clause, Heading, Link, headings_in, plain_text, with_parts

_DROPPED = re.compile(r"[^\w\- ]")


def slug(title: str) -> str:
    """Return the name of a heading in links, as GitHub forms it: ``data-we-collect``."""
    return _DROPPED.sub("", title.strip().lower()).replace(" ", "-")


def names_of(clause: Clause) -> dict[str, int]:
    """Return the names by which links find the headings of a clause, with their positions.

    These are the ids written after them, and their titles in GitHub's form: the second heading of a
    title is ``title-1``.
    """
    names: dict[str, int] = {}
    headings = tuple(headings_in(clause))
    for at, heading in enumerate(headings):
        if heading.anchor:
            names.setdefault(heading.anchor, at)
    seen: dict[str, int] = {}
    for at, heading in enumerate(headings):
        name = slug(plain_text(heading.children))
        count = seen.get(name, 0)
        seen[name] = count + 1
        names.setdefault(f"{name}-{count}" if count else name, at)
    return names


def meant(target: str, names: Mapping[str, int]) -> int | None:
    """Return the position of the heading that a link's target names; None unless it is exactly one.

    Capitals, dots and hyphens count only if several headings differ by them.
    """
    written = unquote(target[1:])
    if written in names:
        return names[written]
    positions = {at for name, at in names.items() if _letters(name) == _letters(written)}
    return positions.pop() if len(positions) == 1 else None


def _letters(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


@lru_cache(maxsize=1024)
def linked(clause: Clause, targets: frozenset[str]) -> Clause:
    """Return a clause in which `targets`, those of its links that name a heading, lead there.

    A heading without a link to it has no anchor. The same arguments return the same clause.
    """
    names = names_of(clause)
    positions = {target: at for target in targets if (at := meant(target, names)) is not None}
    anchors = {at: f"{clause.id}.{_id(clause, at)}" for at in positions.values()}
    ends = {target: f"#{anchors[at]}" for target, at in positions.items()}
    numbers = iter(range(len(clause.blocks)))
    blocks = tuple(
        replace(block, anchor=anchors.get(next(numbers), ""))
        if isinstance(block, Heading)
        else block
        for block in clause.blocks
    )

    def led(node: Any) -> Any:
        if isinstance(node, Link):
            node = replace(node, target=ends.get(node.target, node.target))
        return with_parts(node, led)

    anchored = replace(clause, blocks=blocks)
    return led(anchored) if ends else anchored


def _id(clause: Clause, at: int) -> str:
    """Return the id of the heading at a position: its name, or a number if that fits no id."""
    name = next(name for name, position in names_of(clause).items() if position == at)
    return name if re.fullmatch(r"[\w.:-]+", name) else f"heading-{at + 1}"
