"""Where paragraphs end: in either policy, or only in one of two that have the text in common.

Where a paragraph ends in one policy only, its end is tracked; in the other it goes on with the
next. To Word a paragraph's properties go with its end, so that the next one takes over how it
looks there; LibreOffice keeps those of the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import takewhile

from publisher.redline.values import Side
from publisher.redline.word.layout import Grid, Line, MoveEdge
from publisher.redline.word.runs import Piece, one_sided
from publisher.redline.word.track import ADDED, FROM, REMOVED, STAYS, TO, Track

_MOVED = (FROM, TO)
_ALONE: dict[Side, Track] = {"old": REMOVED, "new": ADDED}


def gone_on(items: list[Line | Grid | MoveEdge], line: Line, side: Side) -> Line:
    """Return a paragraph that goes on with the one before it in one of the policies.

    That one, among `items`, then ends in the other policy only; if it ends in none, it is taken
    away. Text does not run from one side of a table to the other, nor out of what moved: there,
    the policy's own text goes from before it and comes behind it.
    """
    between = tuple(takewhile(lambda item: not _stands(item, side), reversed(items)))
    at = len(items) - len(between) - 1
    first = items[at] if at >= 0 else None
    if not isinstance(first, Line):
        return line
    other: Side = "new" if side == "old" else "old"
    pieces: tuple[Piece, ...] = ()
    before = {side: getattr(first, side)}
    if _barred(first, between, line):
        pieces = one_sided(first.pieces, side)
        first = replace(first, pieces=one_sided(first.pieces, other))
    elif not first.stands(other):
        pieces = first.pieces
    if first.stands(other):
        items[at] = replace(first, track=_ALONE[other])
    else:
        del items[at]
        line = replace(line, ids=(*first.ids, *line.ids))
    return replace(line, pieces=(*pieces, *line.pieces), **before)


def _stands(item: Line | Grid | MoveEdge, side: Side) -> bool:
    return isinstance(item, Line) and item.stands(side)


def _barred(first: Line, between: Iterable[Line | Grid | MoveEdge], line: Line) -> bool:
    """Return whether Word cannot join two paragraphs over what is between them."""
    kinds = {type(item) for item in between}
    moved = first.track in _MOVED, line.track in _MOVED
    return Grid in kinds or moved[0] != moved[1] or (MoveEdge in kinds and any(moved))


def written_on(items: list[Line | Grid | MoveEdge]) -> list[Line | Grid | MoveEdge]:
    """Return paragraphs, of which one that ends in added text was split by those added behind it.

    So Word marks it when somebody goes on writing: the end of the first is new, that of the last
    is the one there was, and looks as it did. LibreOffice takes back too much otherwise.
    """
    split = list(items)
    for at, first in enumerate(split):
        end = next((i for i in range(at + 1, len(split)) if not _is_added(split[i])), len(split))
        last = split[end - 1]
        if (
            isinstance(first, Line)
            and isinstance(last, Line)
            and first.track == STAYS
            and end > at + 1
            and first.pieces
            and first.pieces[-1].track == ADDED
        ):
            split[at] = replace(first, old=None, track=ADDED)
            split[end - 1] = replace(last, old=first.old, track=STAYS)
    return split


def _is_added(item: Line | Grid | MoveEdge) -> bool:
    """Return whether a paragraph is added with all that is in it."""
    if not isinstance(item, Line) or item.track != ADDED:
        return False
    return all(piece.track == ADDED for piece in item.pieces)
