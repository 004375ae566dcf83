"""A part of a redline → how much differs in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from publisher.model.fragments import Fragment, plain, targets
from publisher.model.policy import Clause
from publisher.model.redline import Counts, Part, Segment, opened, walk
from publisher.model.sides import one_side
from publisher.redline.tokens import counted

_MOVED = "move "
"""What the sentences that moved are counted under, however many stretches each comes in."""
_TEXT = ("paragraph", "heading", "title")
_NOT_TEXT = ("words_moved", "clauses_moved", "clauses_renamed")


def counts(part: Part, locale: str) -> Counts:
    """Return what differs in a part; a move counts where it moved to."""
    tally: Counter[str] = Counter()
    _count(part, locale, tally, moved=False)
    for name in [name for name in tally if name.startswith(_MOVED)]:
        tally["passages_moved"] += tally.pop(name)
    if isinstance(part.old, Clause) or isinstance(part.new, Clause):
        _clause(part, tally)
    return Counts(**tally)


def _clause(part: Part, tally: Counter[str]) -> None:
    ids = {each.id for each in (part.old, part.new) if each is not None}
    there = part.old is not None and part.new is not None and part.status != "from"
    lost = any(each.moves for each in walk(part) if each is not part)
    changed = there and (lost or any(tally[name] for name in tally if name not in _NOT_TEXT))
    tally["clauses_added"] = part.status == "added"
    tally["clauses_removed"] = part.status == "removed"
    tally["clauses_changed"] = changed and not part.continued
    tally["clauses_moved"] = part.status == "to"
    tally["clauses_renamed"] = part.status != "from" and len(ids) > 1 and not part.continued


def _count(part: Part, locale: str, tally: Counter[str], *, moved: bool) -> None:
    moved = moved or part.move is not None
    if part.same and not moved:
        return
    status = part.status
    if status == "from" or part.blank:
        return
    part = opened(part)
    for each in part.parts:
        _count(each, locale, tally, moved=moved)
    for segment in part.run:
        _segment(segment, locale, tally, moved=moved)
    if part.kind == "header":  # the cells of a column move as one
        tally["passages_moved"] += sum(cell.status == "to" for cell in part.parts)
    if status == "to" and part.kind not in ("clause", "cell"):
        tally["passages_moved"] += 1
    seen = part.run or not all(each.blank for each in part.parts)
    hollow = status in ("added", "removed") and not seen
    if part.continued and part.old is not None and part.new is not None:
        _regrouped(part, tally)
    if part.reshaped or (hollow and part.kind != "title"):
        tally["structure_changed"] += 1
    if not part.wrapping:
        tally["structure_changed"] += sum(each.wrapping for each in part.parts)


def _regrouped(part: Part, tally: Counter[str]) -> None:
    """Count a part that goes on with the one before it; once, if what is first in it does, too."""
    if len(part.continued) > 1:  # it is neither one that was divided nor one that was joined
        tally["structure_changed"] += 1
        return
    (side,) = part.continued
    if any(side in each.continued for each in one_side(part.parts, side)[:1]):
        return
    divided = side == "old"
    match part.kind:
        case "clause":
            tally["clauses_divided" if divided else "clauses_joined"] += 1
        case "list":
            tally["lists_divided" if divided else "lists_joined"] += 1
        case kind if kind in _TEXT:
            tally["paragraphs_split" if divided else "paragraphs_joined"] += 1
        case _:
            tally["structure_changed"] += 1


def _segment(segment: Segment, locale: str, tally: Counter[str], *, moved: bool) -> None:
    if segment.move is not None:
        tally["words_moved"] += _words(segment.new, locale)[0]
        if segment.move.end == "to":
            tally[f"{_MOVED}{segment.move.number}"] = 1
        return
    if segment.kind == "changed":
        removed, added = (_words(side, locale) for side in (segment.old, segment.new))
        if not any((*removed, *added)):  # white space, which divides what was one word
            removed, added = (0, int(any(segment.old))), (0, int(any(segment.new)))
        tally["words_removed"] += removed[0]
        tally["words_added"] += added[0]
        tally["punctuation_removed"] += removed[1]
        tally["punctuation_added"] += added[1]
        links = targets(segment.old), targets(segment.new)
        tally["links_changed"] += all(links) and links[0] != links[1]
        return
    if moved:
        tally["words_moved"] += _words(segment.new, locale)[0]
    for way in segment.restyled:
        tally[{"link": "links", "unconfirmed": "confirmed"}.get(way, way) + "_changed"] += 1


def _words(fragments: Iterable[Fragment], locale: str) -> tuple[int, int]:
    return counted("".join(plain(each.leaf) for each in fragments), locale)
