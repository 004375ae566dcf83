"""A redline → the same without other groups: what was split, joined or wrapped went and came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from publisher.model.fragments import fragments
from publisher.model.nodes import Kind, emptied, inside, text_of
from publisher.model.redline import ClauseRedline, Counts, Part, Redline, Segment, Side, walk
from publisher.model.sides import one_side, whole


def ungrouped(redline: Redline) -> Redline:
    """Return a redline in which no part is continued or wraps others.

    It is for a form that cannot tell that a paragraph was split, say; what is counted stays.
    """
    lost: set[int] = set()
    known = {id(clause.part): clause.counts for clause in redline.clauses}
    clauses = []
    for before, part in _apart([clause.part for clause in redline.clauses], lost):
        counted = known[id(before)] if before else Counts(structure_changed=1)
        clauses.append(ClauseRedline(part, counted))
    if lost:
        clauses = [replace(each, part=_stayed(each.part, lost)) for each in clauses]
    return replace(redline, clauses=tuple(clauses))


def _apart(parts: Sequence[Part], lost: set[int]) -> Iterator[tuple[Part | None, Part]]:
    """Yield parts, each with what it was before; take down the moves that are lost by it."""
    grouped = _grouped(parts)
    at = 0
    while at < len(parts):
        end = at
        while end < len(parts) and end in grouped:
            end += 1
        for part in parts[at:end]:
            lost.update(each.move.number for each in walk(part) if each.move)
        for part in one_side(parts[at:end], "old"):
            yield None, _alone(part.was or part.kind, whole(part, "old"), "old")
        for part in one_side(parts[at:end], "new"):
            yield None, _alone(part.kind, whole(part, "new"), "new")
        for part in parts[end : end + 1]:
            yield part, replace(part, parts=tuple(each for _, each in _apart(part.parts, lost)))
        at = end + 1


def _grouped(parts: Sequence[Part]) -> set[int]:
    """Return the indices of the parts that are in another group, and those that they go on with."""
    found: set[int] = set()
    for at, part in enumerate(parts):
        if part.was is not None:
            found.add(at)
        for side in ("old", "new"):
            first = one_side([part], side)[:1]
            if first and (side in first[0].continued or first[0] is not part):
                found.add(at)
            if first and side in first[0].continued:
                before = at - 1
                while not (one_side([parts[before]], side)):
                    before -= 1
                found.update(range(before, at))
    return found


def _alone(kind: Kind, node: Any, side: Side) -> Part:
    """Return a node that only one of the policies has."""
    sides: dict[str, Any] = {"old": None, "new": None, side: emptied(node)}
    text = text_of(kind, node)
    run = (tuple(fragments(text)), ()) if text else ((), ())
    return Part(
        kind,
        sides["old"],
        sides["new"],
        tuple(_alone(*each, side) for each in inside(kind, node)),
        (Segment("changed", *(run if side == "old" else run[::-1])),) if text else (),
    )


def _stayed(part: Part, lost: set[int]) -> Part:
    """Return a part in which what moved from or to where it is lost went or came instead."""
    if part.move and part.move.number in lost and part.kind != "clause":
        side: Side = "old" if part.move.end == "from" else "new"
        return _alone(part.kind, whole(part, side), side)
    return replace(part, parts=tuple(_stayed(each, lost) for each in part.parts))
